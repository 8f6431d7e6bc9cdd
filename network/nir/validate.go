package nir

import (
	"errors"
	"fmt"
	"slices"
)

// validate checks what an operation's parameters must satisfy among
// themselves, whatever graph they are in. It names the parameter at fault.
func validate(op Op) (string, error) {
	for _, p := range params(op) {
		if p.tensor != nil {
			if err := p.tensor.check(); err != nil {
				return p.name, err
			}
		}
	}
	switch o := op.(type) {
	case *Input:
		return "shape", layerShape(o.Shape)
	case *Output:
		return "shape", layerShape(o.Shape)
	case *Affine:
		return o.validate()
	case *Linear:
		return "weight", matrix(&o.Weight)
	case *Conv:
		return o.validate()
	case *Pool:
		return o.validate()
	case *Flatten:
		return "input_type", layerShape(o.InputShape)
	case *Delay:
		return "delay", notNegative(&o.Delay)
	}
	return sameShape(neuronParams(op))
}

// layerShape checks that a layer of that shape has values, and not too many.
func layerShape(shape []int) error {
	if n, err := size(shape); err != nil || n == 0 {
		return fmt.Errorf("shape %v is not a layer of 1 to %d values", shape, maxLayer)
	}
	return nil
}

func matrix(w *Tensor) error {
	if len(w.Shape) < 2 || w.Len() == 0 {
		return fmt.Errorf("shape %v is not a matrix", w.Shape)
	}
	return nil
}

func (a *Affine) validate() (string, error) {
	if err := matrix(&a.Weight); err != nil {
		return "weight", err
	}
	out := rows(&a.Weight)
	if !slices.Equal(a.Bias.Shape, out) && a.Bias.Len() != 1 && a.Bias.Len() != out[len(out)-1] {
		return "bias", fmt.Errorf("shape %v for outputs of shape %v", a.Bias.Shape, out)
	}
	return "", nil
}

// rows is the output shape of a matrix with leading batch dimensions.
func rows(w *Tensor) []int {
	return slices.Clone(w.Shape[:len(w.Shape)-1])
}

func (c *Conv) validate() (string, error) {
	axes := len(c.Stride)
	if len(c.Weight.Shape) != axes+2 || c.Weight.Len() == 0 {
		return "weight", fmt.Errorf("shape %v for a convolution in %d dimensions", c.Weight.Shape, axes)
	}
	if out := c.Weight.Shape[0]; c.Groups < 1 || out%c.Groups != 0 {
		return "groups", fmt.Errorf("%d groups for %d outputs", c.Groups, out)
	}
	if c.Bias.Len() != c.Weight.Shape[0] {
		return "bias", fmt.Errorf("shape %v for %d outputs", c.Bias.Shape, c.Weight.Shape[0])
	}
	if c.InputShape != nil {
		if err := layerShape(c.InputShape); err != nil {
			return "input_shape", err
		}
	}
	if slices.Min(c.Stride) < 1 {
		return "stride", fmt.Errorf("%v", c.Stride)
	}
	if len(c.Dilation) != axes || slices.Min(c.Dilation) < 1 {
		return "dilation", fmt.Errorf("%v", c.Dilation)
	}
	if err := c.Padding.validate(c.Stride); err != nil {
		return "padding", err
	}
	return "", nil
}

func (p *Padding) validate(stride []int) error {
	switch {
	case p.Mode == "same" && slices.Max(stride) > 1:
		return fmt.Errorf(`"same" with stride %v`, stride)
	case p.Mode == "same" || p.Mode == "valid":
		return nil
	case p.Mode != "" || len(p.Size) != len(stride) || slices.Min(p.Size) < 0:
		return fmt.Errorf("%q %v in %d dimensions", p.Mode, p.Size, len(stride))
	}
	return nil
}

func (p *Pool) validate() (string, error) {
	if len(p.Kernel) != 2 || slices.Min(p.Kernel) < 1 {
		return "kernel_size", fmt.Errorf("%v", p.Kernel)
	}
	if len(p.Stride) != 2 || slices.Min(p.Stride) < 1 {
		return "stride", fmt.Errorf("%v", p.Stride)
	}
	if len(p.Padding) != 2 || slices.Min(p.Padding) < 0 {
		return "padding", fmt.Errorf("%v", p.Padding)
	}
	return "", nil
}

func notNegative(t *Tensor) error {
	for i := range t.Len() {
		if t.At(i) < 0 {
			return fmt.Errorf("negative value %v at index %d", t.At(i), i)
		}
	}
	return nil
}

// sameShape checks that all parameters of a neuron have one shape.
func sameShape(list []param) (string, error) {
	for _, p := range list {
		first := list[0]
		if !slices.Equal(p.tensor.Shape, first.tensor.Shape) {
			return p.name, fmt.Errorf("shape %v, but %s has the shape %v", p.tensor.Shape, first.name, first.tensor.Shape)
		}
		if p.tensor.Len() == 0 {
			return p.name, errors.New("no values")
		}
	}
	return "", nil
}

// count is the number of values among the parameters of an operation.
func count(op Op) int {
	n := 0
	for _, p := range params(op) {
		if p.tensor != nil {
			n += p.tensor.Len()
		}
	}
	return n
}
