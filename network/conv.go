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
	s := &scatter{
		rows: make([][]tap, h), cols: make([][]segment, w), channels: make([]fan, c),
		weight: reorder(k.Weight, columns), kw: int32(k.KW), outW: int32(outW), plane: int32(outH * outW),
		rowOf: newDivider(w), heightOf: newDivider(h),
	}
	for y := range s.rows {
		s.rows[y] = k.vertical(y, outH, own)
	}
	for x := range s.cols {
		for _, t := range k.horizontal(x, outW) {
			at := int32(slices.Index(columns, int(t.k)))
			if n := len(s.cols[x]); n > 0 {
				if last := &s.cols[x][n-1]; last.first+last.n == t.o && last.w+last.n == at {
					last.n++
					continue
				}
			}
			s.cols[x] = append(s.cols[x], segment{first: t.o, n: 1, w: at})
		}
	}
	perIn, perOut := c/k.Groups, k.OutChannels/k.Groups
	for i := range s.channels {
		g, area := i/perIn, k.KH*k.KW
		s.channels[i] = fan{
			first: int32(g * perOut), n: int32(perOut),
			weight: int32((g*perOut*perIn + i%perIn) * area), stride: int32(perIn * area),
		}
	}
	return s
}

// scatter is a Conv2d laid out for spikes: tables from an input row and column
// to the output rows (of one shard) and columns it reaches. The columns that
// one input reaches lie side by side, and weights are stored in their order, so
// that the innermost loop runs over two contiguous slices.
type scatter struct {
	rows            [][]tap     // by input row: this shard's output rows
	cols            [][]segment // by input column: runs of output columns; w within the kernel's row
	channels        []fan       // by input channel
	weight          []float32
	kw              int32 // kernel width
	outW, plane     int32 // output width; neurons per output channel
	rowOf, heightOf divider
}

// fan is how an input channel spreads over output channels.
type fan struct {
	first, n       int32 // output channels first..first+n-1
	weight, stride int32 // offset of the first one's kernel in the weights, and to the next
}

func (s *scatter) reach(id uint32, dst []segment) []segment {
	row, x := s.rowOf.div(id)
	c, y := s.heightOf.div(row)
	ch := &s.channels[c]
	cols := s.cols[x]
	for o := range ch.n {
		base, kernel := (ch.first+o)*s.plane, ch.weight+o*ch.stride
		for _, ty := range s.rows[y] {
			rowBase, line := base+ty.o*s.outW, kernel+ty.k*s.kw
			for _, c := range cols {
				dst = append(dst, segment{first: rowBase + c.first, n: c.n, w: line + c.w})
			}
		}
	}
	return dst
}

func (s *scatter) near(id uint32) (first, stride int32, ok bool) {
	row, x := s.rowOf.div(id)
	c, y := s.heightOf.div(row)
	rows, cols := s.rows[y], s.cols[x]
	if len(rows) == 0 || len(cols) == 0 {
		return 0, 0, false
	}
	return s.channels[c].first*s.plane + rows[0].o*s.outW + cols[0].first, s.outW, true
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
