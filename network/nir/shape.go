package nir

import (
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// opShapes are the shapes of an operation that gets in, nil when that is not
// known yet. What the operation says of itself comes first. Out is nil as
// long as it depends on what is not known.
func opShapes(op Op, in pipeline.Shape) (Shapes, error) {
	switch o := op.(type) {
	case *Input:
		if o.Shape != nil {
			in = o.Shape
		}
		return Shapes{in, in}, nil
	case *Output:
		if o.Shape != nil {
			in = o.Shape
		}
		return Shapes{in, in}, nil
	case *Affine:
		return matrixShapes(&o.Weight), nil
	case *Linear:
		return matrixShapes(&o.Weight), nil
	case *Conv:
		return o.shapes(in)
	case *Pool:
		return o.shapes(in)
	case *Flatten:
		return o.shapes(in)
	}
	// Everything else works value by value. A single parameter serves a layer
	// of any size, one with axes of length 1 what it broadcasts to.
	t := params(op)[0].tensor
	switch wide := len(t.Shape) > 1 && slices.Contains(t.Shape, 1); {
	case t.Len() == 1 || wide && in != nil && broadcasts(t.Shape, in):
	case wide && in == nil:
		return Shapes{}, nil
	default:
		in = t.Shape
	}
	return Shapes{in, in}, nil
}

// unbatched is a shape without the leading axes of 1 that go beyond some
// dimensions: exporters that keep a batch axis write them.
func unbatched(in pipeline.Shape, dims int) pipeline.Shape {
	for len(in) > max(dims, 1) && in[0] == 1 {
		in = in[1:]
	}
	return in
}

func matrixShapes(w *Tensor) Shapes {
	lead, n := w.Shape[:len(w.Shape)-2], len(w.Shape)
	return Shapes{
		In:  append(slices.Clone(lead), w.Shape[n-1]),
		Out: append(slices.Clone(lead), w.Shape[n-2]),
	}
}

func (c *Conv) shapes(in pipeline.Shape) (Shapes, error) {
	channels := c.Weight.Shape[1] * c.Groups
	if c.InputShape != nil {
		in = append(pipeline.Shape{channels}, c.InputShape...)
	}
	if in == nil {
		return Shapes{}, nil
	}
	in = unbatched(in, len(c.Stride)+1)
	if len(in) != len(c.Stride)+1 || in[0] != channels {
		return Shapes{}, fmt.Errorf("takes %d channels of %d dimensions, but gets the shape %v", channels, len(c.Stride), in)
	}
	out := pipeline.Shape{c.Weight.Shape[0]}
	for i, n := range in[1:] {
		before, after := c.Pads(i)
		d, err := slide(n+before+after, c.Weight.Shape[2+i], c.Stride[i], c.Dilation[i])
		if err != nil {
			return Shapes{}, err
		}
		out = append(out, d)
	}
	return Shapes{in, out}, layerShape(out)
}

// Pads is how many zeros stand before and behind the input along a spatial
// axis. "same" puts the odd one behind, as torch does.
func (c *Conv) Pads(axis int) (before, after int) {
	switch c.Padding.Mode {
	case "same":
		total := c.Dilation[axis] * (c.Weight.Shape[2+axis] - 1)
		return total / 2, total - total/2
	case "valid":
		return 0, 0
	}
	return c.Padding.Size[axis], c.Padding.Size[axis]
}

func (p *Pool) shapes(in pipeline.Shape) (Shapes, error) {
	if in == nil {
		return Shapes{}, nil
	}
	in = unbatched(in, 3)
	if len(in) != 3 {
		return Shapes{}, fmt.Errorf("takes channels of 2 dimensions, but gets the shape %v", in)
	}
	out := pipeline.Shape{in[0]}
	for i, n := range in[1:] {
		d, err := slide(n+2*p.Padding[i], p.Kernel[i], p.Stride[i], 1)
		if err != nil {
			return Shapes{}, err
		}
		out = append(out, d)
	}
	return Shapes{in, out}, layerShape(out)
}

// slide is the number of places of a kernel in n padded values: torch's floor
// formula.
func slide(n, kernel, stride, dilation int) (int, error) {
	reach := dilation*(kernel-1) + 1
	if n < reach {
		return 0, fmt.Errorf("kernel of %d with dilation %d in %d values", kernel, dilation, n)
	}
	return (n-reach)/stride + 1, nil
}

func (f *Flatten) shapes(in pipeline.Shape) (Shapes, error) {
	if f.InputShape != nil {
		in = f.InputShape
	}
	if in == nil {
		return Shapes{}, nil
	}
	out, err := flatten(in, f.StartDim, f.EndDim)
	if err != nil && f.StartDim == 1 { // a flat input and dimensions that count a batch axis
		out, err = flatten(in, 0, f.EndDim)
	}
	return Shapes{in, out}, err
}

// flatten joins the dimensions start to end.
func flatten(in pipeline.Shape, start, end int) (pipeline.Shape, error) {
	first, last := start, end
	if start < 0 {
		first += len(in)
	}
	if end < 0 {
		last += len(in)
	}
	if first < 0 || first > last || last >= len(in) {
		return nil, fmt.Errorf("dimensions %d to %d of the shape %v", start, end, in)
	}
	out := slices.Clone(in[:first])
	out = append(out, in[first:last+1].Size())
	return append(out, in[last+1:]...), nil
}
