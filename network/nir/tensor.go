package nir

import (
	"fmt"
	"math"
)

// Tensor is a row-major array of numbers as a file stores them. Exactly one of
// the slices is set, and holds as many values as the shape says (one for the
// empty shape, a scalar). Integers of all widths are widened to int64.
type Tensor struct {
	Shape []int
	F32   []float32
	F64   []float64
	I64   []int64
	Bool  []bool
}

// Float32 is a tensor of 32-bit floats. The slices are kept.
func Float32(shape []int, v []float32) Tensor { return Tensor{Shape: shape, F32: v} }

// Float64 is a tensor of 64-bit floats. The slices are kept.
func Float64(shape []int, v []float64) Tensor { return Tensor{Shape: shape, F64: v} }

// Scalar is a single 64-bit float.
func Scalar(v float64) Tensor { return Tensor{F64: []float64{v}} }

// Len is the number of values stored.
func (t *Tensor) Len() int { return len(t.F32) + len(t.F64) + len(t.I64) + len(t.Bool) }

// At is value i in row-major order.
func (t *Tensor) At(i int) float64 {
	switch {
	case t.F32 != nil:
		return float64(t.F32[i])
	case t.F64 != nil:
		return t.F64[i]
	case t.I64 != nil:
		return float64(t.I64[i])
	case t.Bool[i]:
		return 1
	}
	return 0
}

// Float32s are the values rounded to 32 bits, in a new slice.
func (t *Tensor) Float32s() []float32 {
	v := make([]float32, t.Len())
	for i := range v {
		v[i] = float32(t.At(i))
	}
	return v
}

// Float64s are the values in a new slice.
func (t *Tensor) Float64s() []float64 {
	v := make([]float64, t.Len())
	for i := range v {
		v[i] = t.At(i)
	}
	return v
}

// check compares the number of values with the shape.
func (t *Tensor) check() error {
	n, err := size(t.Shape)
	if err != nil {
		return err
	}
	set := 0
	for _, given := range []bool{t.F32 != nil, t.F64 != nil, t.I64 != nil, t.Bool != nil} {
		if given {
			set++
		}
	}
	if set != 1 || t.Len() != n {
		return fmt.Errorf("%d values for the shape %v", t.Len(), t.Shape)
	}
	return nil
}

// finite finds the first value that is not a number or infinite; plus infinity
// may pass.
func (t *Tensor) finite(plus bool) error {
	for i := range len(t.F32) + len(t.F64) {
		if v := t.At(i); math.IsNaN(v) || math.IsInf(v, -1) || math.IsInf(v, 1) && !plus {
			return fmt.Errorf("value %v at index %d of the shape %v", v, i, t.Shape)
		}
	}
	return nil
}

// spread gives a tensor of one value another shape, the value everywhere.
func (t *Tensor) spread(shape []int) {
	n, err := size(shape)
	if err != nil || t.Len() != 1 {
		return
	}
	t.Shape = shape
	t.F32, t.F64 = repeat(t.F32, n), repeat(t.F64, n)
	t.I64, t.Bool = repeat(t.I64, n), repeat(t.Bool, n)
}

func repeat[T any](v []T, n int) []T {
	if len(v) != 1 {
		return v
	}
	out := make([]T, n)
	for i := range out {
		out[i] = v[0]
	}
	return out
}

// filled is a tensor like another one, with one value everywhere.
func filled(like *Tensor, value float64) Tensor {
	t := Tensor{Shape: like.Shape}
	if like.F32 != nil {
		t.F32 = repeat([]float32{float32(value)}, like.Len())
	} else {
		t.F64 = repeat([]float64{value}, like.Len())
	}
	return t
}

// maxLayer is the most values that a layer or a tensor may have.
const maxLayer = 1 << 28

// size is the number of values of a shape, each dimension at least 0.
func size(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > maxLayer || n*d > maxLayer {
			return 0, fmt.Errorf("shape %v: a layer has at most %d values", shape, maxLayer)
		}
		n *= d
	}
	return n, nil
}
