package network

import (
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// Conv2d is a two-dimensional convolution from [C, H, W], in torch's
// cross-correlation convention:
//
//	out[o, y, x] = sum over i, ky, kx of Weight[o, i, ky, kx] * in[g+i, y*Stride.Y+ky*Dilation.Y-Pad.Top, ...]
//
// where g is the first input channel of o's group. With Groups equal to the
// channels it works on each channel alone. Stride equal to the kernel size and
// weights of one make it a sum pool. A one-dimensional convolution from
// [C, N] is one with KW 1.
type Conv2d struct {
	Weight      []float32 // [OutChannels, InChannels/Groups, KH, KW], row-major
	OutChannels int
	KH, KW      int
	Stride      Pair // 0 means 1
	Dilation    Pair // 0 means 1
	Pad         Padding
	Groups      int // 0 means 1
}

// Pair is a number for each axis.
type Pair struct{ Y, X int }

// Padding is what is added on each side, px.
type Padding struct{ Top, Bottom, Left, Right int }

// PadAll is the same padding on all sides.
func PadAll(n int) Padding { return Padding{n, n, n, n} }

func (k Conv2d) filled() Conv2d {
	for _, v := range []*int{&k.Stride.Y, &k.Stride.X, &k.Dilation.Y, &k.Dilation.X, &k.Groups} {
		if *v == 0 {
			*v = 1
		}
	}
	return k
}

func (k Conv2d) outShape(in pipeline.Shape) (pipeline.Shape, error) {
	k = k.filled()
	if len(in) != 3 && len(in) != 2 {
		return nil, fmt.Errorf("convolution needs an input of [C, H, W] or [C, N], not %v", in)
	}
	if min(k.KH, k.KW, k.Stride.Y, k.Stride.X, k.Dilation.Y, k.Dilation.X, k.Groups, k.OutChannels) < 1 ||
		min(k.Pad.Top, k.Pad.Bottom, k.Pad.Left, k.Pad.Right) < 0 {
		return nil, fmt.Errorf("convolution with kernel %dx%d, stride %v, dilation %v, padding %v, groups %d, %d output channels",
			k.KH, k.KW, k.Stride, k.Dilation, k.Pad, k.Groups, k.OutChannels)
	}
	c, h, w := extent(in)
	if c%k.Groups != 0 || k.OutChannels%k.Groups != 0 {
		return nil, fmt.Errorf("convolution: %d groups do not divide %d input and %d output channels", k.Groups, c, k.OutChannels)
	}
	if want := k.OutChannels * (c / k.Groups) * k.KH * k.KW; len(k.Weight) != want {
		return nil, fmt.Errorf("convolution has %d weights where its shape needs %d", len(k.Weight), want)
	}
	y := h + k.Pad.Top + k.Pad.Bottom - k.Dilation.Y*(k.KH-1) - 1
	x := w + k.Pad.Left + k.Pad.Right - k.Dilation.X*(k.KW-1) - 1
	if y < 0 || x < 0 {
		return nil, fmt.Errorf("convolution kernel %dx%d is larger than its padded input %v", k.KH, k.KW, in)
	}
	if len(in) == 2 {
		return pipeline.Shape{k.OutChannels, y/k.Stride.Y + 1}, nil
	}
	return pipeline.Shape{k.OutChannels, y/k.Stride.Y + 1, x/k.Stride.X + 1}, nil
}

func (k Conv2d) synapses(in pipeline.Shape) uint64 {
	k = k.filled()
	out, err := k.outShape(in)
	if err != nil {
		return 0
	}
	c, h, w := extent(in)
	_, outH, outW := extent(out)
	rows, cols := 0, 0
	for y := range h {
		rows += len(k.vertical(y, outH, nil))
	}
	for x := range w {
		cols += len(k.horizontal(x, outW))
	}
	return uint64(rows * cols * (c / k.Groups) * k.OutChannels)
}

func (k Conv2d) vertical(y, size int, own func(row int) bool) []tap {
	return targets(y, size, k.KH, k.Stride.Y, k.Dilation.Y, k.Pad.Top, own)
}

func (k Conv2d) horizontal(x, size int) []tap {
	return targets(x, size, k.KW, k.Stride.X, k.Dilation.X, k.Pad.Left, nil)
}

// tap is one step of a scatter along one axis: kernel index k reaches output o.
type tap struct{ o, k int32 }

// targets lists which of size outputs input i reaches along one axis, o
// ascending, leaving out those that own does not claim (nil claims all).
func targets(i, size, kernel, stride, dilation, pad int, own func(o int) bool) []tap {
	var ts []tap
	for k := kernel - 1; k >= 0; k-- {
		p := i + pad - k*dilation
		if p < 0 || p%stride != 0 {
			continue
		}
		if o := p / stride; o < size && (own == nil || own(o)) {
			ts = append(ts, tap{int32(o), int32(k)})
		}
	}
	return ts
}

// wire implements [Kernel].
func (k Conv2d) wire(in, out pipeline.Shape, own func(row int) bool, order order) wiring {
	k = k.filled()
	if order == channelLast {
		return k.wireLast(in, out, own)
	}
	c, h, w := extent(in)
	_, outH, outW := extent(out)
	columns := columnOrder(k.KW, k.Stride.X)
	s := &scatter{weight: reorder(k.Weight, columns), rowOf: newDivider(w), outW: int32(outW)}
	perIn, perOut := c/k.Groups, k.OutChannels/k.Groups
	for i := range c {
		g := i / perIn
		for y := range h {
			s.lineAt = append(s.lineAt, uint32(len(s.lines)))
			for o := g * perOut; o < (g+1)*perOut; o++ {
				for _, t := range k.vertical(y, outH, own) {
					s.lines = append(s.lines, line{
						first: (int32(o*outH) + t.o) * int32(outW),
						w:     (int32((o*perIn+i%perIn)*k.KH) + t.k) * int32(k.KW),
					})
				}
			}
		}
	}
	s.lineAt = append(s.lineAt, uint32(len(s.lines)))
	for x := range w {
		s.colAt = append(s.colAt, uint32(len(s.cols)))
		for _, t := range k.horizontal(x, outW) {
			at := int32(slices.Index(columns, int(t.k)))
			if n := len(s.cols); n > int(s.colAt[x]) {
				if last := &s.cols[n-1]; last.first+last.n == t.o && last.w+last.n == at {
					last.n++
					continue
				}
			}
			s.cols = append(s.cols, segment{first: t.o, n: 1, w: at})
		}
	}
	s.colAt = append(s.colAt, uint32(len(s.cols)))
	return s
}

// scatter is a Conv2d laid out for spikes: tables from an input row and column
// to the output rows (of one shard) and columns it reaches. The columns that
// one input reaches lie side by side, and weights are stored in their order, so
// that the innermost loop runs over two contiguous slices.
type scatter struct {
	lineAt []uint32  // row r of the input, of all channels, reaches lines[lineAt[r]:lineAt[r+1]]
	lines  []line    // this shard's
	colAt  []uint32  // column x reaches cols[colAt[x]:colAt[x+1]]
	cols   []segment // runs of output columns; w within the kernel's row
	weight []float32
	rowOf  divider
	outW   int32 // output width
}

// line is a row of the output: its first neuron, and where the kernel's row for
// it stands in the weights.
type line struct{ first, w int32 }

func (s *scatter) reach(id uint32, dst []segment) []segment {
	lines, cols := s.targets(id)
	for _, l := range lines {
		for _, c := range cols {
			dst = append(dst, segment{first: l.first + c.first, n: c.n, w: l.w + c.w})
		}
	}
	return dst
}

// targets are the lines and columns that input neuron id reaches.
func (s *scatter) targets(id uint32) ([]line, []segment) {
	row, x := s.rowOf.div(id)
	return s.lines[s.lineAt[row]:s.lineAt[row+1]], s.cols[s.colAt[x]:s.colAt[x+1]]
}

func (s *scatter) near(id uint32) (first, stride int32, ok bool) {
	lines, cols := s.targets(id)
	if len(lines) == 0 || len(cols) == 0 {
		return 0, 0, false
	}
	return lines[0].first + cols[0].first, s.outW, true
}

func (s *scatter) weights() []float32 { return s.weight }

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

// divider divides ids below maxNeurons by a constant without a division.
type divider struct {
	n     uint32
	magic uint64
}

func newDivider(n int) divider {
	return divider{n: uint32(n), magic: (1<<40 + uint64(n) - 1) / uint64(n)}
}

// div returns v/n and v%n. It is exact while v < 2^24 and v*n < 2^40, which
// maxNeurons guarantees for n up to 2^16.
func (d divider) div(v uint32) (q, r uint32) {
	q = uint32(uint64(v) * d.magic >> 40)
	return q, v - q*d.n
}
