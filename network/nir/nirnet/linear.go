package nirnet

import (
	"fmt"
	"slices"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// linear reports whether a node is a linear map without state.
func linear(op nir.Op) bool {
	switch op.(type) {
	case *nir.Affine, *nir.Linear, *nir.Scale, *nir.Conv, *nir.Pool:
		return true
	}
	return false
}

// kernel gives the kernel of a linear node and the bias of its outputs, which
// is nil without one.
func kernel(op nir.Op, s nir.Shapes) (network.Kernel, []float32, error) {
	switch n := op.(type) {
	case *nir.Affine:
		k, err := matrix(&n.Weight)
		return k, bias(&n.Bias, s.Out.Size()), err
	case *nir.Linear:
		k, err := matrix(&n.Weight)
		return k, nil, err
	case *nir.Scale:
		return network.Diagonal{Weight: spread(n.Scale.Float32s(), s.In.Size()), Shape: s.Out}, nil, nil
	case *nir.Conv:
		return convolution(n, s)
	case *nir.Pool:
		return pool(n, s), nil, nil
	}
	return nil, nil, fmt.Errorf("%s is not linear", op.Type())
}

// matrix takes a weight of [..., out, in]; leading dimensions are batched, each
// with inputs and outputs of its own.
func matrix(w *nir.Tensor) (network.Kernel, error) {
	n := len(w.Shape)
	if n < 2 {
		return nil, fmt.Errorf("weight of shape %v is not a matrix", w.Shape)
	}
	out, in := w.Shape[n-2], w.Shape[n-1]
	values := w.Float32s()
	if len(values) == out*in {
		return network.Dense{Weight: values, Out: out, In: in}, nil
	}
	batches := len(values) / max(out*in, 1)
	k := network.Sparse{Out: batches * out, Offsets: make([]uint32, 1, batches*in+1)}
	for b := range batches {
		for i := range in {
			for o := range out {
				k.Targets = append(k.Targets, uint32(b*out+o))
				k.Weight = append(k.Weight, values[(b*out+o)*in+i])
			}
			k.Offsets = append(k.Offsets, uint32(len(k.Targets)))
		}
	}
	return k, nil
}

func convolution(n *nir.Conv, s nir.Shapes) (network.Kernel, []float32, error) {
	k := network.Conv2d{Weight: n.Weight.Float32s(), OutChannels: n.Weight.Shape[0], KH: n.Weight.Shape[2], KW: 1, Groups: n.Groups}
	k.Stride.Y, k.Dilation.Y = n.Stride[0], n.Dilation[0]
	k.Pad.Top, k.Pad.Bottom = n.Pads(0)
	if len(n.Stride) == 2 {
		k.KW, k.Stride.X, k.Dilation.X = n.Weight.Shape[3], n.Stride[1], n.Dilation[1]
		k.Pad.Left, k.Pad.Right = n.Pads(1)
	}
	plane := s.Out.Size() / k.OutChannels
	var drive []float32
	for c := range n.Bias.Len() {
		for range plane {
			drive = append(drive, float32(n.Bias.At(c)))
		}
	}
	return k, nonZero(drive), nil
}

// pool sums windows of each channel; an average divides by the whole window,
// its padding included, as torch does.
func pool(n *nir.Pool, s nir.Shapes) network.Kernel {
	channels, area := s.In[0], n.Kernel[0]*n.Kernel[1]
	w := float32(1)
	if n.Average {
		w = 1 / float32(area)
	}
	k := network.Conv2d{
		OutChannels: channels, Groups: channels, KH: n.Kernel[0], KW: n.Kernel[1],
		Stride: network.Pair{Y: n.Stride[0], X: n.Stride[1]},
		Pad:    network.Padding{Top: n.Padding[0], Bottom: n.Padding[0], Left: n.Padding[1], Right: n.Padding[1]},
	}
	k.Weight = spread([]float32{w}, channels*area)
	return k
}

func bias(t *nir.Tensor, size int) []float32 {
	return nonZero(spread(t.Float32s(), size))
}

// nonZero is v, or nil when it adds nothing.
func nonZero(v []float32) []float32 {
	for _, x := range v {
		if x != 0 {
			return v
		}
	}
	return nil
}

// spread repeats a single value, or the values of the last axis.
func spread(v []float32, size int) []float32 {
	if len(v) == 0 || len(v) == size || size%len(v) != 0 {
		return v
	}
	return slices.Repeat(v, size/len(v))
}

// layerShape is a NIR shape as the engine knows it, without batch axes.
func layerShape(s pipeline.Shape) pipeline.Shape {
	for len(s) > 3 && s[0] == 1 {
		s = s[1:]
	}
	if len(s) >= 1 && len(s) <= 3 {
		return s
	}
	return pipeline.Shape{s.Size()}
}
