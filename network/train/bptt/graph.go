package bptt

import (
	"fmt"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
)

// Profile is the numeric profile that the network was trained with: Euler steps
// as in Norse, with dt equal to the network's step, and the reset of the
// configuration.
func (n *Network) Profile() nirnet.Profile {
	name := "norse"
	if n.c.Subtract {
		name = "norse-subtract"
	}
	p, err := nirnet.ProfileByName(name)
	if err != nil {
		panic(err) // both are built in
	}
	p.DT = n.c.Step.Seconds()
	return p
}

// Graph is the network as a NIR graph. A convolution is
//
//	convolutionN_in (Conv2d) ─▶ convolutionN (LIF) ─▶ convolutionN_pool (SumPool2d, where there is one)
//
// the last of which ends in flat (Flatten). A hidden layer is
//
//	hiddenN_in (Affine) ─▶ hiddenN (LIF) ─▶ hiddenN_recurrent (Linear) ─▶ hiddenN
//	                               └─▶ hiddenN_adaptation (LI) ─▶ hiddenN_inhibition (Scale) ─▶ hiddenN
//
// where both loops arrive a step later, and the readout an Affine and an LI. With
// delays, hiddenN_axons (Delay) stands before hiddenN_recurrent.
func (n *Network) Graph() *nir.Graph {
	g := &nir.Graph{}
	join := func(from, to string) { g.Edges = append(g.Edges, nir.Edge{From: from, To: to}) }
	add := func(name string, op nir.Op) { g.Nodes = append(g.Nodes, nir.Node{Name: name, Op: op}) }
	below, last := "input", grid{n.c.Inputs, 1, 1}
	if len(n.convs) == 0 {
		add(below, &nir.Input{Shape: []int{n.c.Inputs}})
	} else {
		add(below, &nir.Input{Shape: n.c.Shape[:]})
		for i, l := range n.convs {
			below = l.nodes(fmt.Sprintf("convolution%d", i+1), below, n.shapes[i], add, join)
			last = n.shapes[i].pooled
		}
		add("flat", &nir.Flatten{StartDim: 0, EndDim: -1, InputShape: []int{last.c, last.h, last.w}})
		join(below, "flat")
		below = "flat"
	}
	for i, l := range n.layers {
		name := fmt.Sprintf("hidden%d", i+1)
		add(name+"_in", affine(last.channelsFirst(l.w, l.n), l.bias))
		last = grid{l.n, 1, 1}
		add(name, &nir.LIF{Tau: vector(l.tau), R: vector(ones(l.n)), VLeak: zeros(l.n), VThreshold: vector(ones(l.n)), VReset: zeros(l.n)})
		add(name+"_recurrent", &nir.Linear{Weight: matrix(l.u, l.n, l.n)})
		add(name+"_adaptation", &nir.LI{Tau: vector(l.adaptation), R: vector(n.whole(l.adaptation)), VLeak: zeros(l.n)})
		weakened := make([]float32, l.n)
		for j, s := range l.strength {
			weakened[j] = -s
		}
		add(name+"_inhibition", &nir.Scale{Scale: vector(weakened)})
		join(below, name+"_in")
		join(name+"_in", name)
		if l.delay == nil {
			join(name, name+"_recurrent")
		} else {
			add(name+"_axons", &nir.Delay{Delay: vector(n.seconds(l.delay))})
			join(name, name+"_axons")
			join(name+"_axons", name+"_recurrent")
		}
		join(name+"_recurrent", name)
		join(name, name+"_adaptation")
		join(name+"_adaptation", name+"_inhibition")
		join(name+"_inhibition", name)
		below = name
	}
	classes := n.c.Classes
	add("readout_in", affine(last.channelsFirst(n.read.w, classes), n.read.bias))
	add("readout", &nir.LI{Tau: vector(n.read.tau), R: vector(ones(classes)), VLeak: zeros(classes)})
	add("output", &nir.Output{Shape: []int{classes}})
	join(below, "readout_in")
	join("readout_in", "readout")
	join("readout", "output")
	g.Canonical()
	return g
}

// seconds is how long steps take.
func (n *Network) seconds(steps []int) []float32 {
	var s []float32
	for _, k := range steps {
		s = append(s, float32(float64(k)*n.c.Step.Seconds()))
	}
	return s
}

func affine(w, bias []float32) *nir.Affine {
	out := len(bias)
	return &nir.Affine{Weight: matrix(w, len(w)/out, out), Bias: vector(bias)}
}

// matrix is weights of [in, out] as NIR has them, [out, in].
func matrix(w []float32, in, out int) nir.Tensor {
	t := make([]float32, len(w))
	transpose(t, w, in, out)
	return nir.Float32([]int{out, in}, t)
}

func vector(v []float32) nir.Tensor { return nir.Float32([]int{len(v)}, v) }
func zeros(n int) nir.Tensor        { return vector(make([]float32, n)) }
