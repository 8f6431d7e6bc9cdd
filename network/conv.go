package network

import (
	"fmt"

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
	return tapsOf(y, size, k.KH, k.Stride.Y, k.Dilation.Y, k.Pad.Top, own)
}

func (k Conv2d) horizontal(x, size int) []tap {
	return tapsOf(x, size, k.KW, k.Stride.X, k.Dilation.X, k.Pad.Left, nil)
}

// tap is one step of a scatter along one axis: kernel index k reaches output o.
type tap struct{ o, k int32 }

// tapsOf lists which of size outputs input i reaches along one axis, o
// ascending, leaving out those that own does not claim (nil claims all).
func tapsOf(i, size, kernel, stride, dilation, pad int, own func(o int) bool) []tap {
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
