package picture

import (
	"image"
	"math"
)

// Words is a panel of what was heard: a bar for each word, as wide as it lasted
// and as high as its score, and the curves that the scores were taken from.
type Words struct {
	Name       string
	Said       []Word
	Times      []int64   // of the values of every curve, ascending, µs
	Curves     []Line    // values from 0 to 1
	Thresholds []float32 // of each curve; not above 0: none
}

// Word is one word.
type Word struct {
	Label    string
	From, To int64   // µs
	Score    float32 // in [0, 1]; NaN is drawn as 1
}

// wordsHeight is the height of a panel of words, px.
const wordsHeight = 140

func (w *Words) name() string  { return w.Name }
func (w *Words) height() int   { return wordsHeight }
func (w *Words) ticks() []tick { return roundTicks(0, 1) }

func (w *Words) paint(dst *image.RGBA, text *typeface, area image.Rectangle, from, to int64) {
	part := dst.SubImage(area).(*image.RGBA)
	y := func(v float32) float64 { return float64(area.Max.Y) - float64(v)*float64(area.Dy()-1) - .5 }
	for _, said := range w.Said {
		if said.To < from || said.From > to {
			continue
		}
		score := said.Score
		if math.IsNaN(float64(score)) {
			score = 1
		}
		x0, x1 := place(said.From, from, to, area), place(said.To, from, to, area)
		fillRect(part, image.Rect(x0, int(y(score)), max(x1, x0+2), area.Max.Y), mix(ground, onTint, .35))
	}
	for i, threshold := range w.Thresholds {
		if threshold > 0 {
			var s shape
			s.dashed(point{float64(area.Min.X), y(threshold)}, point{float64(area.Max.X), y(threshold)}, 1, 5)
			s.fill(part, trackTints[i%len(trackTints)])
		}
	}
	if len(w.Curves) > 0 {
		(&Lines{Times: w.Times, Curves: w.Curves, low: 0, high: 1}).paint(dst, text, area, from, to)
	}
	for _, said := range w.Said {
		if said.To >= from && said.From <= to {
			x := max(place(said.From, from, to, area), area.Min.X) + 3
			text.write(part, said.Label, min(x, area.Max.X-text.width(said.Label)), area.Max.Y-6, ink)
		}
	}
}
