package bptt

import "fmt"

// Convolution is a convolutional layer of leaky integrate-and-fire neurons with
// square kernels, and the pooling of its spikes.
type Convolution struct {
	Channels int `key:"channels" doc:"Kernels, each of which has its own weights, time constant and bias." min:"1" max:"1024"`
	Kernel   int `key:"kernel" doc:"Edge of a kernel." unit:"px" min:"1" max:"31"`
	Stride   int `key:"stride" doc:"Distance of two neighbours' fields; 0 is 1." unit:"px" min:"0" max:"31"`
	Padding  int `key:"padding" doc:"Rows and columns of zeros around the input." unit:"px" min:"0" max:"30"`
	Pool     int `key:"pool" doc:"Edge of the squares whose spikes are summed; 0 is 1." unit:"px" min:"0" max:"31"`
}

// grid is the shape of a population: its neurons are numbered with the channel
// last, (y·w + x)·c + channel, so that what a kernel computes lies together.
type grid struct{ c, h, w int }

func (g grid) size() int { return g.c * g.h * g.w }

// convShape is a convolutional layer's geometry.
type convShape struct {
	in, out, pooled               grid
	kernel, stride, padding, pool int
}

// shapes are the geometries of the convolutions, one after another.
func (c Config) shapes() ([]convShape, error) {
	in := grid{c.Shape[0], c.Shape[1], c.Shape[2]}
	var all []convShape
	for i, l := range c.Convolutions {
		s := convShape{in: in, kernel: l.Kernel, stride: max(l.Stride, 1), padding: l.Padding, pool: max(l.Pool, 1)}
		edge := func(n int) int { return (n+2*s.padding-s.kernel)/s.stride + 1 }
		switch {
		case in.size() < 1 || in.size() > maxPlaces:
			return nil, fmt.Errorf("convolutions[%d]: its input is %dx%d px in %d channels", i, in.w, in.h, in.c)
		case l.Channels < 1 || l.Kernel < 1 || l.Padding < 0 || l.Padding >= l.Kernel:
			return nil, fmt.Errorf("convolutions[%d]: %d channels, kernel %d, padding %d: a kernel is wider than its padding",
				i, l.Channels, l.Kernel, l.Padding)
		case in.w+2*s.padding < s.kernel || in.h+2*s.padding < s.kernel:
			return nil, fmt.Errorf("convolutions[%d]: a kernel of %d px on an input of %dx%d px with a padding of %d", i, s.kernel, in.w, in.h,
				s.padding)
		}
		s.out = grid{l.Channels, edge(in.h), edge(in.w)}
		s.pooled = grid{s.out.c, s.out.h / s.pool, s.out.w / s.pool}
		if s.pooled.size() < 1 || s.out.size() > maxPlaces {
			return nil, fmt.Errorf("convolutions[%d]: %dx%d px in %d channels, pooled by %d", i, s.out.w, s.out.h, s.out.c, s.pool)
		}
		all = append(all, s)
		in = s.pooled
	}
	return all, nil
}

// maxPlaces bounds the neurons of a convolutional layer and of its input.
const maxPlaces = 1 << 22

// weights is the number of a layer's weights, [kernel, kernel, in.c, out.c].
func (s convShape) weights() int { return s.kernel * s.kernel * s.in.c * s.out.c }

// touch is that a place of the input lies in the field of a place of the
// output, under a place of the kernel.
type touch struct{ out, kernel int }

// touches lists what each place of the input touches.
func (s convShape) touches() [][]touch {
	all := make([][]touch, s.in.h*s.in.w)
	for y := range s.out.h {
		for x := range s.out.w {
			for ky := range s.kernel {
				for kx := range s.kernel {
					iy, ix := y*s.stride-s.padding+ky, x*s.stride-s.padding+kx
					if iy < 0 || iy >= s.in.h || ix < 0 || ix >= s.in.w {
						continue
					}
					at := iy*s.in.w + ix
					all[at] = append(all[at], touch{y*s.out.w + x, ky*s.kernel + kx})
				}
			}
		}
	}
	return all
}

// pools says for each neuron in which pooled one its spikes are counted, -1 for
// the rows and columns that are left over.
func (s convShape) pools() []int {
	to := make([]int, s.out.size())
	for i := range to {
		channel, place := i%s.out.c, i/s.out.c
		y, x := place/s.out.w/s.pool, place%s.out.w/s.pool
		to[i] = (y*s.pooled.w+x)*s.out.c + channel
		if y >= s.pooled.h || x >= s.pooled.w {
			to[i] = -1
		}
	}
	return to
}

// channelsLast renumbers input neurons, which come as NIR has them with the
// channel first.
func (g grid) channelsLast(ids []uint32) {
	places := uint32(g.h * g.w)
	for i, id := range ids {
		ids[i] = id%places*uint32(g.c) + id/places
	}
}
