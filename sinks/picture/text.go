package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// typeface is a font at one size.
type typeface struct {
	face         font.Face
	ascent, line int // px
}

// newTypeface loads a font that comes with the program, px high.
func newTypeface(px float64, bold bool) (*typeface, error) {
	data := goregular.TTF
	if bold {
		data = gobold.TTF
	}
	parsed, err := opentype.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: px, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	m := face.Metrics()
	return &typeface{face: face, ascent: m.Ascent.Ceil(), line: m.Height.Ceil()}, nil
}

func (f *typeface) width(s string) int { return font.MeasureString(f.face, s).Ceil() }

// write puts text on a picture; x is its left end and y its base line.
func (f *typeface) write(dst draw.Image, s string, x, y int, c color.Color) {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(c), Face: f.face, Dot: fixed.P(x, y)}
	d.DrawString(s)
}

// tag writes a label on a plate at the upper left corner of a box from a to b:
// above it, or below it where there is no room, and never beyond the picture.
func (f *typeface) tag(dst *image.RGBA, s string, a, b point, plate color.RGBA) {
	const pad = 4
	frame := dst.Bounds()
	w, h := f.width(s)+2*pad, f.line+2
	x := int(math.Round(min(a.x, b.x))) - 1
	y := int(math.Round(min(a.y, b.y))) - h - 1
	if y < frame.Min.Y {
		y = int(math.Round(max(a.y, b.y))) + 2
	}
	x = max(min(x, frame.Max.X-w), frame.Min.X)
	y = max(min(y, frame.Max.Y-h), frame.Min.Y)
	draw.Draw(dst, image.Rect(x, y, x+w, y+h), image.NewUniform(plate), image.Point{}, draw.Src)
	f.write(dst, s, x+pad, y+1+f.ascent, ground)
}
