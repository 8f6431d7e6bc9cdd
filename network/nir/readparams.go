package nir

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"ganglion/internal/hdf5"
)

// parameters reads the datasets of a node into op. On failure it names the
// parameter.
func (r *reader) parameters(name string, op Op, g *hdf5.Group) (string, error) {
	list := params(op)
	for _, p := range list {
		d, err := g.Dataset(p.name)
		if (errors.Is(err, hdf5.ErrNotFound) || err == nil && d.Null) && p.optional {
			if Neuron(op) {
				r.leave(name, p.name)
			}
			continue
		}
		if err != nil {
			return p.name, err
		}
		if err := p.read(d); err != nil {
			return p.name, err
		}
		if p.tensor != nil && !r.options.AllowNonFinite {
			if err := p.tensor.finite(p.endless); err != nil {
				return p.name, err
			}
		}
	}
	if f, ok := op.(*Flatten); ok && len(f.InputShape) > 0 && !slices.ContainsFunc(f.InputShape, func(n int) bool { return n != 0 }) {
		f.InputShape = nil // Sinabs writes zeros for a shape that it does not know
	}
	for _, key := range g.Names() {
		known := key == "type" || key == "metadata" || slices.ContainsFunc(list, func(p param) bool { return p.name == key })
		if !known {
			r.note("node %q (%s): %q is not NIR and left out", name, op.Type(), key)
		}
	}
	if err := r.fill(op); err != nil {
		return "", err
	}
	return validate(op)
}

// fill completes a neuron, as long as the file does not leave out too much.
func (r *reader) fill(op Op) error {
	before := count(op)
	widest := 0
	for _, p := range params(op) {
		if p.tensor != nil {
			widest = max(widest, p.tensor.Len())
		}
	}
	if Neuron(op) {
		r.filled += len(neuronParams(op))*widest - before
		if r.filled > maxFilled {
			return fmt.Errorf("the file leaves more than %d parameters of neurons out", maxFilled)
		}
	}
	fill(op)
	return nil
}

// read takes a parameter from its dataset.
func (p *param) read(d *hdf5.Dataset) error {
	switch {
	case p.tensor != nil:
		t, err := readTensor(d)
		*p.tensor = t
		return err
	case p.padding != nil:
		return p.padding.read(d, p.axes)
	}
	v, err := readInts(d)
	switch {
	case err != nil:
		return err
	case p.number != nil:
		if len(v) != 1 {
			return fmt.Errorf("shape %v instead of a single value", d.Shape)
		}
		*p.number = v[0]
	case p.axes == 0:
		*p.numbers = v
	default:
		*p.numbers, err = perAxis(v, p.axes)
	}
	return err
}

// perAxis gives a single value to every axis.
func perAxis(v []int, axes int) ([]int, error) {
	if len(v) == 1 && axes > 1 {
		v = slices.Repeat(v, axes)
	}
	if len(v) != axes {
		return nil, fmt.Errorf("%d values for %d dimensions", len(v), axes)
	}
	return v, nil
}

func (p *Padding) read(d *hdf5.Dataset, axes int) error {
	if d.Type.Class >= hdf5.FixedText {
		mode, err := readText(d)
		if err == nil && mode != "same" && mode != "valid" {
			err = fmt.Errorf(`%q is neither "same" nor "valid"`, mode)
		}
		p.Mode = mode
		return err
	}
	v, err := readInts(d)
	if err == nil {
		p.Size, err = perAxis(v, axes)
	}
	return err
}

func readText(d *hdf5.Dataset) (string, error) {
	v, err := d.Strings()
	if err == nil && len(v) != 1 {
		err = fmt.Errorf("%d strings instead of one", len(v))
	}
	if err != nil {
		return "", err
	}
	return v[0], nil
}

// readInts reads integers. Whole floats pass: numpy makes the empty shape and
// some products of shapes floats.
func readInts(d *hdf5.Dataset) ([]int, error) {
	if d.Len() > 64 || len(d.Shape) > 1 {
		return nil, fmt.Errorf("shape %v instead of a short list", d.Shape)
	}
	v, err := d.Float64s()
	if err != nil {
		return nil, err
	}
	out := make([]int, len(v))
	for i, x := range v {
		if x != math.Trunc(x) || math.Abs(x) > math.MaxInt32 {
			return nil, fmt.Errorf("%v is not an integer of 32 bits", x)
		}
		out[i] = int(x)
	}
	return out, nil
}

// scalarShape makes the shape of a scalar nil.
func scalarShape(shape []int) []int {
	if len(shape) == 0 {
		return nil
	}
	return shape
}

func readTensor(d *hdf5.Dataset) (Tensor, error) {
	t := Tensor{Shape: scalarShape(d.Shape)}
	var err error
	switch {
	case d.Null:
		return t, fmt.Errorf("%w: no values", hdf5.ErrType)
	case d.Type.Class == hdf5.Float && d.Type.Size == 4:
		t.F32, err = d.Float32s()
	case d.Type.Class == hdf5.Float:
		t.F64, err = d.Float64s()
	case d.Type.Class == hdf5.Bool:
		t.Bool, err = d.Bools()
	case d.Type.Class == hdf5.Int || d.Type.Class == hdf5.Uint:
		t.I64, err = d.Int64s()
	default:
		err = fmt.Errorf("%w: %v, not numbers", hdf5.ErrType, d.Type)
	}
	if err == nil {
		err = t.check()
	}
	return t, err
}
