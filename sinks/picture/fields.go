package picture

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
)

// Fields is a picture of receptive fields: for each neuron (or channel) of a layer
// the weights onto it, where on the layer's input they come from. Orange excites,
// blue inhibits, brighter is stronger; the scale below is that of all of them.
type Fields struct {
	Title, Note             string
	Channels, Width, Height int         // of the input that each sees, px
	Weights                 [][]float32 // by neuron: Channels x Height x Width, row-major
}

// The layout of receptive fields, px.
const (
	mostFields   = 256
	fieldEdge    = 112 // of one of many fields, about; a few share the width
	fieldGap     = 14  // between fields
	channelGap   = 2   // between the channels of one field
	fieldsWidth  = 960
	largestPoint = 16 // of a weight
)

// tile is how one field is laid out: its channels side by side, in rows.
type tile struct {
	columns, rows int // of channels
	point         int // edge of a weight, px
	size          image.Point
}

func (f *Fields) tile() tile {
	t := tile{columns: int(math.Ceil(math.Sqrt(float64(f.Channels))))}
	t.rows = (f.Channels + t.columns - 1) / t.columns
	edge := max(fieldEdge, 8*fieldEdge/len(f.Weights))
	t.point = min(max(edge/max(t.columns*f.Width, t.rows*f.Height), 1), largestPoint)
	t.size = image.Pt(t.columns*(f.Width*t.point+channelGap)-channelGap, t.rows*(f.Height*t.point+channelGap)-channelGap)
	return t
}

// Paint draws the fields, the first of very many.
func (f *Fields) Paint() (*image.RGBA, error) {
	text, err1 := newTypeface(12, false)
	bold, err2 := newTypeface(14, true)
	if err := errors.Join(err1, err2, f.check()); err != nil {
		return nil, err
	}
	t, n := f.tile(), min(len(f.Weights), mostFields)
	step := t.size.Add(image.Pt(fieldGap, fieldGap+text.line))
	columns := min(max((fieldsWidth-2*captionPad+fieldGap)/step.X, 1), n)
	rows := (n + columns - 1) / columns
	width := max(2*captionPad+columns*step.X-fieldGap, fieldsWidth/2)
	height := chartTop + rows*step.Y + captionHeight
	if width*height > maxPixels {
		return nil, fmt.Errorf("a picture of %dx%d px is larger than %d px", width, height, maxPixels)
	}
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	fillRect(dst, dst.Rect, strip)
	title := bold.fit(f.Title, width-2*captionPad)
	bold.write(dst, title, captionPad, chartTop-9, ink)
	x := 2*captionPad + bold.width(title)
	text.write(dst, text.fit(f.Note, width-captionPad-x), x, chartTop-9, dimInk)
	most := f.strongest()
	for i, weights := range f.Weights[:n] {
		at := image.Pt(captionPad+i%columns*step.X, chartTop+i/columns*step.Y)
		f.field(dst, t, at, weights, most)
		if n == 1 {
			break // of one nothing needs a number
		}
		text.write(dst, fmt.Sprint(i), at.X, at.Y+t.size.Y+text.ascent+1, dimInk)
	}
	f.scale(captionOf(dst), text, most, n)
	return dst, nil
}

func (f *Fields) check() error {
	switch {
	case f.Channels < 1 || f.Width < 1 || f.Height < 1 || len(f.Weights) == 0:
		return fmt.Errorf("%d receptive fields of %dx%dx%d weights", len(f.Weights), f.Channels, f.Height, f.Width)
	case f.Channels > maxPixels || f.Width > maxPixels || f.Height > maxPixels:
		return fmt.Errorf("receptive fields of %dx%dx%d weights are too large", f.Channels, f.Height, f.Width)
	}
	for i, w := range f.Weights {
		if len(w) != f.Channels*f.Height*f.Width {
			return fmt.Errorf("receptive field %d has %d weights, not %dx%dx%d", i, len(w), f.Channels, f.Height, f.Width)
		}
	}
	return nil
}

// strongest is the greatest finite weight, whatever its sign.
func (f *Fields) strongest() (most float32) {
	for _, weights := range f.Weights {
		for _, w := range weights {
			if w-w == 0 {
				most = max(most, w, -w)
			}
		}
	}
	return most
}

// field paints the weights of one neuron.
func (f *Fields) field(dst *image.RGBA, t tile, at image.Point, weights []float32, most float32) {
	for k, w := range weights {
		channel, y, x := k/(f.Width*f.Height), k/f.Width%f.Height, k%f.Width
		corner := at.Add(image.Pt(
			channel%t.columns*(f.Width*t.point+channelGap)+x*t.point, channel/t.columns*(f.Height*t.point+channelGap)+y*t.point))
		fillRect(dst, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(t.point, t.point))}, weightColor(w, most))
	}
}

// weightColor is the colour of a weight, which is dark at 0 and brightest at most.
func weightColor(w, most float32) color.RGBA {
	switch {
	case w > 0:
		return mix(ground, onTint, min(w/most, 1))
	case w < 0:
		return mix(ground, offTint, min(-w/most, 1))
	case w == 0:
		return ground
	}
	return ink // not a number
}

// scale tells which colour is which weight.
func (f *Fields) scale(dst *image.RGBA, text *typeface, most float32, shown int) {
	base := dst.Rect.Min.Y + (captionHeight+text.ascent)/2 - 1
	x := captionPad
	put := func(s string, c color.RGBA) {
		text.write(dst, s, x, base, c)
		x += text.width(s) + 6
	}
	put("weight", ink)
	put(fmt.Sprintf("%.3g", 0-most), dimInk)
	for i := range rampWidth {
		w := (float32(2*i)/(rampWidth-1) - 1) * most
		fillRect(dst, image.Rect(x+i, base-swatch+1, x+i+1, base+1), weightColor(w, most))
	}
	x += rampWidth + 6
	put(fmt.Sprintf("%.3g", most), dimInk)
	if shown < len(f.Weights) {
		x += legendGap
		put(fmt.Sprintf("the first %d of %d", shown, len(f.Weights)), ink)
	}
}
