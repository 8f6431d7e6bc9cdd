package picture

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"ganglion/internal/floor"
)

// Chart is a picture of a signal over time: panels one above another, with the
// time axis below them.
type Chart struct {
	Title    string // at the upper left
	Note     string // beside it, dim
	From, To int64  // the time shown, µs
	Panels   []Panel
}

// Panel is one band of a chart: [Heat], [Raster], [Lines] or [Words].
type Panel interface {
	name() string
	ticks() []tick // of the vertical axis
	height() int   // px
	paint(dst *image.RGBA, text *typeface, area image.Rectangle, from, to int64)
}

// The layout of a chart, px.
const (
	chartWidth  = 960
	chartLeft   = 58 // for the labels of the panels' axes
	chartRight  = 14
	chartTop    = 30 // for the title
	chartGap    = 24 // above each panel, for its name
	chartBottom = 40 // for the time axis
	tickLength  = 4

	maxPanels = 16
	maxHeight = 8192 // of a panel
)

// Validate reports what cannot be painted.
func (c *Chart) Validate() error {
	if c.To <= c.From {
		return fmt.Errorf("chart from %d to %d µs", c.From, c.To)
	}
	if len(c.Panels) == 0 || len(c.Panels) > maxPanels {
		return fmt.Errorf("chart of %d panels, not 1 to %d", len(c.Panels), maxPanels)
	}
	for _, p := range c.Panels {
		if h := p.height(); h < 1 || h > maxHeight {
			return fmt.Errorf("panel %q would be %d px high, not 1 to %d", p.name(), h, maxHeight)
		}
	}
	return nil
}

// Paint draws the chart.
func (c *Chart) Paint() (*image.RGBA, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	bold, err1 := newTypeface(14, true)
	text, err2 := newTypeface(12, false)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	height := chartTop + chartBottom
	for _, p := range c.Panels {
		height += chartGap + p.height()
	}
	dst := image.NewRGBA(image.Rect(0, 0, chartWidth, height))
	fillRect(dst, dst.Bounds(), strip)
	bold.write(dst, c.Title, captionPad, chartTop-9, ink)
	text.write(dst, c.Note, 2*captionPad+bold.width(c.Title), chartTop-9, dimInk)
	y := chartTop
	var area image.Rectangle
	for _, p := range c.Panels {
		area = image.Rect(chartLeft, y+chartGap, chartWidth-chartRight, y+chartGap+p.height())
		text.write(dst, p.name(), chartLeft, area.Min.Y-6, ink)
		fillRect(dst, area, ground)
		p.paint(dst, text, area, c.From, c.To)
		leftTicks(dst, text, area, p.ticks())
		c.ticks(dst, area)
		y = area.Max.Y
	}
	c.axis(dst, text, area)
	return dst, nil
}

// ticks marks the times of the axis below a panel.
func (c *Chart) ticks(dst *image.RGBA, area image.Rectangle) {
	step := timeStep(c.To - c.From)
	for t := floor.Up(c.From, step); t <= c.To; t += step {
		x := c.x(t, area)
		fillRect(dst, image.Rect(x, area.Max.Y, x+1, area.Max.Y+tickLength), dimInk)
	}
}

// axis writes the times, in seconds or milliseconds.
func (c *Chart) axis(dst *image.RGBA, text *typeface, area image.Rectangle) {
	step := timeStep(c.To - c.From)
	unit, per := "time, ms", 1000.
	if c.To-c.From >= 1_000_000 {
		unit, per = "time, s", 1e6
	}
	base := area.Max.Y + tickLength + 2 + text.ascent
	for t := floor.Up(c.From, step); t <= c.To; t += step {
		s := fmt.Sprintf("%.4g", float64(t)/per)
		x := c.x(t, area) - text.width(s)/2
		text.write(dst, s, min(x, chartWidth-text.width(s)-2), base, dimInk)
	}
	text.write(dst, unit, (area.Min.X+area.Max.X-text.width(unit))/2, base+text.line, dimInk)
}

func (c *Chart) x(t int64, area image.Rectangle) int { return place(t, c.From, c.To, area) }

// place is the column of a time.
func place(t, from, to int64, area image.Rectangle) int {
	return area.Min.X + int(float64(t-from)/float64(to-from)*float64(area.Dx()))
}

// timeStep is 1, 2 or 5 times a power of ten µs, so that about ten fit.
func timeStep(span int64) int64 {
	for step := int64(1); ; step *= 10 {
		for _, m := range []int64{1, 2, 5} {
			if s := step * m; span/s <= 10 || s > math.MaxInt64/100 {
				return s
			}
		}
	}
}

func fillRect(dst draw.Image, r image.Rectangle, c color.RGBA) {
	draw.Draw(dst, r.Intersect(dst.Bounds()), image.NewUniform(c), image.Point{}, draw.Src)
}

// WritePNG writes a picture as a PNG file, with a palette where its colours fit
// into one, which makes it a third of the size.
func WritePNG(w io.Writer, img *image.RGBA) error {
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if small, ok := paletted(img); ok {
		return encoder.Encode(w, small)
	}
	return encoder.Encode(w, img)
}

// paletted is the same picture with a palette, if 256 colours suffice.
func paletted(img *image.RGBA) (*image.Paletted, bool) {
	index := map[color.RGBA]uint8{}
	p := image.NewPaletted(img.Rect, nil)
	for i := range p.Pix {
		c := color.RGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3]}
		at, known := index[c]
		if !known {
			if len(index) == 256 {
				return nil, false
			}
			at = uint8(len(index))
			index[c] = at
			p.Palette = append(p.Palette, c)
		}
		p.Pix[i] = at
	}
	return p, true
}
