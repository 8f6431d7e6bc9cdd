package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
)

// captionHeight is the height of the strip below the events, px.
const captionHeight = 30

// caption is the strip below the events: the time, what the window is, and
// what the colours mean. Narrow pictures have the time alone.
type caption struct {
	c    Config
	bold *typeface
	text *typeface
	note string // what the window is
}

func newCaption(c Config) (*caption, error) {
	bold, err := newTypeface(14, true)
	if err != nil {
		return nil, err
	}
	text, err := newTypeface(13, false)
	if err != nil {
		return nil, err
	}
	note := "events of the last " + span(c.Window)
	switch c.Style {
	case Decay:
		note = "decay with τ = " + span(c.Window)
	case Surface:
		note = "age of the newest event"
	}
	return &caption{c: c, bold: bold, text: text, note: note}, nil
}

const captionPad = 10 // px

// paint fills the strip for time t, µs.
func (c *caption) paint(dst draw.Image, t int64) {
	area := dst.Bounds()
	draw.Draw(dst, area, image.NewUniform(strip), image.Point{}, draw.Src)
	base := area.Min.Y + (captionHeight+c.bold.ascent)/2 - 1
	x := area.Min.X + captionPad
	stamp := c.stamp(t)
	c.bold.write(dst, stamp, x, base, ink)
	x += c.bold.width(stamp) + 2*captionPad

	right := area.Max.X - captionPad
	if w := c.legendWidth(); right-w > x {
		c.legend(dst, right-w, base)
		right -= w + 2*captionPad
	}
	if x+c.text.width(c.note) < right {
		c.text.write(dst, c.note, x, base, dimInk)
	}
}

// stamp is the time since the origin, as exactly as the window is short.
func (c *caption) stamp(t int64) string {
	seconds := float64(t-c.c.Origin) / 1e6
	if c.c.Window >= 10_000 {
		return fmt.Sprintf("t = %.3f s", seconds)
	}
	return fmt.Sprintf("t = %.6f s", seconds)
}

const (
	swatch = 11 // edge of a legend's square, px
	bar    = 96 // length of a surface's scale, px
)

// legendGap is the space between the entries of a legend, px.
const legendGap = 14

// tints are the entries of a legend of polarities.
var tints = []struct {
	name string
	tint color.RGBA
}{{"on", onTint}, {"off", offTint}, {"both", bothMix}}

// legendWidth is the width of the legend: a scale from now to the window's
// length for a surface, squares for polarities.
func (c *caption) legendWidth() int {
	if c.c.Style == Surface {
		return c.text.width("0") + bar + c.text.width(span(c.c.Window)) + 12
	}
	w := -legendGap
	for _, t := range tints {
		w += swatch + 6 + c.text.width(t.name) + legendGap
	}
	return w
}

func (c *caption) legend(dst draw.Image, x, base int) {
	fill := func(x, w int, tint color.RGBA) {
		draw.Draw(dst, image.Rect(x, base-swatch+1, x+w, base+1), image.NewUniform(tint), image.Point{}, draw.Src)
	}
	if c.c.Style == Surface {
		c.text.write(dst, "0", x, base, dimInk)
		x += c.text.width("0") + 6
		for i := range bar {
			fill(x+i, 1, ageColor(float32(i)/(bar-1)))
		}
		c.text.write(dst, span(c.c.Window), x+bar+6, base, dimInk)
		return
	}
	for _, t := range tints {
		fill(x, swatch, t.tint)
		c.text.write(dst, t.name, x+swatch+6, base, dimInk)
		x += swatch + 6 + c.text.width(t.name) + legendGap
	}
}

// span is a length of time in µs as text, with the unit that suits it.
func span(us int64) string {
	switch {
	case us < 1e3:
		return fmt.Sprintf("%d µs", us)
	case us < 1e6:
		return fmt.Sprintf("%.4g ms", float64(us)/1e3)
	}
	return fmt.Sprintf("%.4g s", float64(us)/1e6)
}
