package nir

import (
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// broadcasts reports whether values of one shape stand for those of another as
// in numpy: as many axes, each as long or of length 1.
func broadcasts(from, to []int) bool {
	if len(from) != len(to) {
		return false
	}
	for i, n := range from {
		if n != to[i] && n != 1 {
			return false
		}
	}
	return true
}

// broadcast repeats a tensor along its axes of length 1.
func (t *Tensor) broadcast(shape []int) {
	n, err := size(shape)
	if err != nil || slices.Equal(t.Shape, shape) || !broadcasts(t.Shape, shape) {
		return
	}
	from := make([]int, n)
	for i := range from {
		at, stride, rest := 0, 1, i
		for axis := len(shape) - 1; axis >= 0; axis-- {
			if t.Shape[axis] > 1 {
				at += rest % shape[axis] * stride
			}
			stride *= t.Shape[axis]
			rest /= shape[axis]
		}
		from[i] = at
	}
	t.Shape = shape
	t.F32, t.F64, t.I64, t.Bool = taken(t.F32, from), taken(t.F64, from), taken(t.I64, from), taken(t.Bool, from)
}

func taken[T any](v []T, from []int) []T {
	if v == nil {
		return nil
	}
	out := make([]T, len(from))
	for i, at := range from {
		out[i] = v[at]
	}
	return out
}

// widen gives parameters that stand for whole channels or rows, [C 1 1] for
// neurons of [C H W], a value for each neuron. given is what arrives at a nested
// graph. A graph whose shapes do not fit is left as it is, for others to refuse.
func (r *reader) widen(g *Graph, given pipeline.Shape) error {
	shapes, err := g.infer("", given, false)
	if err != nil {
		return nil
	}
	for i, n := range g.Nodes {
		if sub, ok := n.Op.(*Graph); ok {
			if err := r.widen(sub, shapes[i].In); err != nil {
				return err
			}
			continue
		}
		if !byValue(n.Op) {
			continue
		}
		for _, p := range params(n.Op) {
			if p.tensor.Len() == 1 || slices.Equal(p.tensor.Shape, shapes[i].In) || !broadcasts(p.tensor.Shape, shapes[i].In) {
				continue
			}
			if r.filled += shapes[i].In.Size(); r.filled > maxFilled {
				return &nirError{Node: n.Name, Type: n.Op.Type(), Err: fmt.Errorf("the file leaves more than %d parameters of neurons out", maxFilled)}
			}
			p.tensor.broadcast(shapes[i].In)
		}
	}
	return nil
}

// byValue reports whether an operation works value by value.
func byValue(op Op) bool {
	switch op.(type) {
	case *Scale, *Threshold, *Delay:
		return true
	}
	return Neuron(op)
}
