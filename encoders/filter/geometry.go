package filter

import (
	"cmp"
	"fmt"

	"ganglion/pipeline"
)

// crop keeps a rectangle and makes its upper left corner the origin.
type crop struct{ x, y, w, h uint32 }

func newCrop(c Config, s Size) (filter, Size, error) {
	out := Size{cmp.Or(c.Width, s.Width-c.X), cmp.Or(c.Height, s.Height-c.Y)}
	if out.Width < 1 || out.Height < 1 || c.X+out.Width > s.Width || c.Y+out.Height > s.Height {
		return nil, s, fmt.Errorf("%dx%d px at (%d, %d) does not lie within %dx%d px",
			out.Width, out.Height, c.X, c.Y, s.Width, s.Height)
	}
	return crop{uint32(c.X), uint32(c.Y), uint32(out.Width), uint32(out.Height)}, out, nil
}

func (f crop) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		x, y := uint32(e.X)-f.x, uint32(e.Y)-f.y // wraps to large values left of and above the rectangle
		if x >= f.w || y >= f.h {
			continue
		}
		e.X, e.Y = uint16(x), uint16(y)
		events[n] = e
		n++
	}
	return events[:n]
}

func (f crop) view() pipeline.View {
	return pipeline.View{XX: 1, YY: 1, X: float64(f.x), Y: float64(f.y)}
}

// downsample divides addresses: a block of factor x factor pixels becomes one.
// Incomplete blocks at the right and lower edge are kept.
type downsample struct {
	column, row []uint16
	factor      int
}

func newDownsample(c Config, s Size) (filter, Size, error) {
	factor := cmp.Or(c.Factor, 2)
	divide := func(n int) []uint16 {
		t := make([]uint16, n)
		for i := range t {
			t[i] = uint16(i / factor)
		}
		return t
	}
	out := Size{(s.Width + factor - 1) / factor, (s.Height + factor - 1) / factor}
	return downsample{divide(s.Width), divide(s.Height), factor}, out, nil
}

func (f downsample) view() pipeline.View {
	return pipeline.View{XX: float64(f.factor), YY: float64(f.factor)}
}

func (f downsample) Filter(events []pipeline.Event) []pipeline.Event {
	for i := range events {
		e := &events[i]
		e.X, e.Y = f.column[e.X], f.row[e.Y]
	}
	return events
}

// turn is one of the symmetries of a rectangle. Events are transposed first
// and flipped, within the output's size, then.
type turn struct {
	transpose   bool
	maskX, addX uint16 // x becomes (x ^ maskX) + addX: x itself, or last - x
	maskY, addY uint16
}

// symmetry reports what a turn does, before the size is known.
type symmetry struct{ transpose, flipX, flipY bool }

var (
	flipX     = symmetry{flipX: true}
	flipY     = symmetry{flipY: true}
	transpose = symmetry{transpose: true}
)

func newTurn(sym symmetry) func(Config, Size) (filter, Size, error) {
	return func(_ Config, s Size) (filter, Size, error) {
		if sym.transpose {
			s = Size{s.Height, s.Width}
		}
		f := turn{transpose: sym.transpose}
		if sym.flipX { // last - x = ^x + last + 1
			f.maskX, f.addX = 0xffff, uint16(s.Width)
		}
		if sym.flipY {
			f.maskY, f.addY = 0xffff, uint16(s.Height)
		}
		return f, s, nil
	}
}

func (f turn) view() pipeline.View {
	v := pipeline.View{XX: 1, YY: 1}
	if f.maskX != 0 {
		v.XX, v.X = -1, float64(f.addX)
	}
	if f.maskY != 0 {
		v.YY, v.Y = -1, float64(f.addY)
	}
	if f.transpose {
		return pipeline.View{XY: v.YY, X: v.Y, YX: v.XX, Y: v.X}
	}
	return v
}

func newRotate(c Config, s Size) (filter, Size, error) {
	var sym symmetry
	switch cmp.Or(c.Degrees, 90) {
	case 90:
		sym = symmetry{transpose: true, flipX: true}
	case 180:
		sym = symmetry{flipX: true, flipY: true}
	case 270:
		sym = symmetry{transpose: true, flipY: true}
	}
	return newTurn(sym)(c, s)
}

func (f turn) Filter(events []pipeline.Event) []pipeline.Event {
	for i := range events {
		e := &events[i]
		x, y := e.X, e.Y
		if f.transpose {
			x, y = y, x
		}
		e.X, e.Y = (x^f.maskX)+f.addX, (y^f.maskY)+f.addY
	}
	return events
}
