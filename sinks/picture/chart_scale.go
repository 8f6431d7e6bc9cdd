package picture

import (
	"fmt"
	"image"
	"math"
)

// scale is the vertical axis of a panel: n rows, the lowest first, with a
// frequency each, Hz, or without.
type scale struct {
	n     int
	hertz []float64
}

// octaves are the frequencies that an axis may name, Hz.
var octaves = []float64{20, 50, 100, 200, 500, 1000, 2000, 4000, 8000, 16000}

// axis marks the rows at the left of a panel.
func (s scale) axis(dst *image.RGBA, text *typeface, area image.Rectangle) {
	last := area.Max.Y + text.line // labels keep a line apart
	mark := func(row float64, label string) {
		y := area.Max.Y - int((row+0.5)/float64(s.n)*float64(area.Dy()))
		if last-y < text.line {
			return
		}
		last = y
		fillRect(dst, image.Rect(area.Min.X-tickLength, y, area.Min.X, y+1), dimInk)
		text.write(dst, label, area.Min.X-tickLength-3-text.width(label), y+text.ascent/2-1, dimInk)
	}
	if len(s.hertz) < 2 {
		step := max(1, (s.n+7)/8)
		for row := 0; row < s.n; row += step {
			mark(float64(row), fmt.Sprint(row))
		}
		return
	}
	for _, f := range octaves {
		if row, ok := s.row(f); ok {
			mark(row, hertzLabel(f))
		}
	}
}

// row is where a frequency lies between the rows.
func (s scale) row(f float64) (float64, bool) {
	for i := 1; i < len(s.hertz); i++ {
		if lo, hi := s.hertz[i-1], s.hertz[i]; f >= lo && f <= hi && hi > lo {
			return float64(i-1) + math.Log(f/lo)/math.Log(hi/lo), true
		}
	}
	return 0, false
}

func hertzLabel(f float64) string {
	if f >= 1000 {
		return fmt.Sprintf("%g kHz", f/1000)
	}
	return fmt.Sprintf("%g Hz", f)
}
