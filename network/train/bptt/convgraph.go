package bptt

import (
	"slices"

	"ganglion/network/nir"
)

// nodes adds a convolution to a graph, behind the node below, and returns the
// name of its last node.
func (f foldedConv) nodes(name, below string, s convShape, add func(string, nir.Op), join func(from, to string)) string {
	pair := func(n int) []int { return []int{n, n} }
	add(name+"_in", &nir.Conv{
		InputShape: []int{s.in.h, s.in.w}, Weight: f.kernels(s), Bias: vector(f.bias), Stride: pair(s.stride),
		Padding: nir.Padding{Size: pair(s.padding)}, Dilation: pair(1), Groups: 1,
	})
	one, none := slices.Repeat([]float32{1}, s.out.c), make([]float32, s.out.c)
	add(name, &nir.LIF{Tau: s.out.spread(f.tau), R: s.out.spread(one), VLeak: s.out.spread(none), VThreshold: s.out.spread(one),
		VReset: s.out.spread(none)})
	join(below, name+"_in")
	join(name+"_in", name)
	if s.pool == 1 {
		return name
	}
	add(name+"_pool", &nir.Pool{Kernel: pair(s.pool), Stride: pair(s.pool), Padding: pair(0)})
	join(name, name+"_pool")
	return name + "_pool"
}

// kernels are weights as NIR has them, [channels, channels below, kernel, kernel].
func (f foldedConv) kernels(s convShape) nir.Tensor {
	area := s.kernel * s.kernel
	w := make([]float32, len(f.w))
	for at := range area {
		for in := range s.in.c {
			for out := range s.out.c {
				w[(out*s.in.c+in)*area+at] = f.w[(at*s.in.c+in)*s.out.c+out]
			}
		}
	}
	return nir.Float32([]int{s.out.c, s.in.c, s.kernel, s.kernel}, w)
}

// spread gives each neuron of a grid its channel's value, the channel first.
func (g grid) spread(channels []float32) nir.Tensor {
	all := make([]float32, 0, g.size())
	for _, v := range channels {
		all = append(all, slices.Repeat([]float32{v}, g.h*g.w)...)
	}
	return nir.Float32([]int{g.c, g.h, g.w}, all)
}

// channelsFirst reorders the rows of weights, [neurons of the grid, n], from
// the channel last to the channel first, as NIR flattens.
func (g grid) channelsFirst(w []float32, n int) []float32 {
	all := make([]float32, 0, len(w))
	for c := range g.c {
		for place := range g.h * g.w {
			at := (place*g.c + c) * n
			all = append(all, w[at:at+n]...)
		}
	}
	return all
}
