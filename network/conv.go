package network

import (
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// Conv2d is a two-dimensional convolution from [InChannels, H, W], in torch's
// cross-correlation convention:
//
//	out[o, y, x] = sum over i, ky, kx of Weight[o, i, ky, kx] * in[g+i, y*Stride+ky-Pad, x*Stride+kx-Pad]
//
// where g is the first input channel of o's group. With Groups equal to the
// channels it works on each channel alone. Stride equal to the kernel size and
// weights of one make it a sum pool.
type Conv2d struct {
	Weight      []float32 // [OutChannels, InChannels/Groups, KH, KW], row-major
	OutChannels int
	KH, KW      int
	Stride, Pad int
	Groups      int
	passThrough bool
}

// Identity connects each neuron to its counterpart with weight 1.
func Identity() Conv2d { return Conv2d{passThrough: true} }

// outShape checks the kernel against an input shape.
func (k Conv2d) outShape(in pipeline.Shape) (pipeline.Shape, error) {
	if k.passThrough {
		return in, nil
	}
	if len(in) != 3 {
		return nil, fmt.Errorf("conv2d needs an input of [C, H, W], not %v", in)
	}
	if k.KH < 1 || k.KW < 1 || k.Stride < 1 || k.Pad < 0 || k.Groups < 1 || k.OutChannels < 1 {
		return nil, fmt.Errorf("conv2d with kernel %dx%d, stride %d, padding %d, groups %d, %d output channels",
			k.KH, k.KW, k.Stride, k.Pad, k.Groups, k.OutChannels)
	}
	if in[0]%k.Groups != 0 || k.OutChannels%k.Groups != 0 {
		return nil, fmt.Errorf("conv2d: %d groups do not divide %d input and %d output channels", k.Groups, in[0], k.OutChannels)
	}
	if want := k.OutChannels * (in[0] / k.Groups) * k.KH * k.KW; len(k.Weight) != want {
		return nil, fmt.Errorf("conv2d has %d weights where its shape needs %d", len(k.Weight), want)
	}
	h, w := (in[1]+2*k.Pad-k.KH)/k.Stride+1, (in[2]+2*k.Pad-k.KW)/k.Stride+1
	if in[1]+2*k.Pad < k.KH || in[2]+2*k.Pad < k.KW {
		return nil, fmt.Errorf("conv2d kernel %dx%d is larger than its padded input %v", k.KH, k.KW, in)
	}
	return pipeline.Shape{k.OutChannels, h, w}, nil
}

// synapses counts the synapses that the kernel makes from an input shape.
func (k Conv2d) synapses(in pipeline.Shape) uint64 {
	if k.passThrough {
		return uint64(in.Size())
	}
	out, err := k.outShape(in)
	if err != nil {
		return 0
	}
	taps := func(n, size, kernel int) (total int) {
		for i := range n {
			total += len(targets(i, size, kernel, k.Stride, k.Pad, nil))
		}
		return total
	}
	return uint64(taps(in[1], out[1], k.KH) * taps(in[2], out[2], k.KW) * (in[0] / k.Groups) * k.OutChannels)
}

// tap is one step of a scatter along one axis: kernel index k reaches output o.
type tap struct{ o, k int32 }

// targets lists which of size outputs input i reaches along one axis, o
// ascending, leaving out those that own does not claim (nil claims all).
func targets(i, size, kernel, stride, pad int, own func(o int) bool) []tap {
	var ts []tap
	for k := kernel - 1; k >= 0; k-- {
		p := i + pad - k
		if p < 0 || p%stride != 0 {
			continue
		}
		if o := p / stride; o < size && (own == nil || own(o)) {
			ts = append(ts, tap{int32(o), int32(k)})
		}
	}
	return ts
}

// scatter is a Conv2d laid out for spikes: tables from an input row and column
// to the output rows (of one shard) and columns it reaches. The columns that
// one input reaches lie side by side, and weights are stored in their order, so
// that the innermost loop runs over two contiguous slices.
type scatter struct {
	rows            [][]tap // by input row: this shard's output rows
	cols            []span  // by input column
	channels        []fan   // by input channel
	weight          []float32
	kw              int32 // kernel width
	outW, plane     int32 // output width; neurons per output channel
	rowOf, heightOf divider
}

// span is a run of n output columns from o on, with weights from w on in the
// kernel's row.
type span struct{ o, n, w int32 }

// fan is how an input channel spreads over output channels.
type fan struct {
	first, n       int32 // output channels first..first+n-1
	weight, stride int32 // offset of the first one's kernel in the weights, and to the next
}

func newScatter(k Conv2d, in, out pipeline.Shape, own func(row int) bool) *scatter {
	order := columnOrder(k.KW, k.Stride)
	s := &scatter{
		rows: make([][]tap, in[1]), cols: make([]span, in[2]), channels: make([]fan, in[0]),
		weight: reorder(k.Weight, order), kw: int32(k.KW), outW: int32(out[2]), plane: int32(out[1] * out[2]),
		rowOf: newDivider(in[2]), heightOf: newDivider(in[1]),
	}
	for y := range s.rows {
		s.rows[y] = targets(y, out[1], k.KH, k.Stride, k.Pad, own)
	}
	for x := range s.cols {
		if ts := targets(x, out[2], k.KW, k.Stride, k.Pad, nil); len(ts) > 0 {
			s.cols[x] = span{o: ts[0].o, n: int32(len(ts)), w: int32(slices.Index(order, int(ts[0].k)))}
		}
	}
	perIn, perOut := in[0]/k.Groups, k.OutChannels/k.Groups
	for c := range s.channels {
		g, area := c/perIn, k.KH*k.KW
		s.channels[c] = fan{
			first: int32(g * perOut), n: int32(perOut),
			weight: int32((g*perOut*perIn + c%perIn) * area), stride: int32(perIn * area),
		}
	}
	return s
}

// columnOrder is the order of kernel columns in which targets walks them: by
// remainder of the stride, each descending.
func columnOrder(kw, stride int) []int {
	var order []int
	for r := range stride {
		for k := kw - 1; k >= 0; k-- {
			if k%stride == r {
				order = append(order, k)
			}
		}
	}
	return order
}

func reorder(weight []float32, order []int) []float32 {
	w := make([]float32, len(weight))
	for row := 0; row < len(weight); row += len(order) {
		for i, k := range order {
			w[row+i] = weight[row+k]
		}
	}
	return w
}

// divider divides ids below 2^26 by a constant without a division.
type divider struct {
	n     uint32
	magic uint64
}

func newDivider(n int) divider {
	return divider{n: uint32(n), magic: (1<<40 + uint64(n) - 1) / uint64(n)}
}

// div returns v/n and v%n. It is exact while v*n < 2^40, which maxNeurons and
// the 16-bit coordinates of events guarantee.
func (d divider) div(v uint32) (q, r uint32) {
	q = uint32(uint64(v) * d.magic >> 40)
	return q, v - q*d.n
}
