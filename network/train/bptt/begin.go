package bptt

import (
	"errors"
	"fmt"
	"math"

	"ganglion/internal/portable"
	"ganglion/network/nir"
)

// norms is what batch norm had of a hidden layer before it went into the
// weights, each [n].
type norms struct{ gamma, beta, mean, variance []float32 }

// Norms is what batch norm had of each hidden layer before it went into the
// weights. Beside the graph of [Network.Graph] it is what [Trainer.Begin] wants:
//
//	hiddenN  gamma, beta, mean, variance  [neurons]
func (n *Network) Norms() nir.Metadata {
	var all nir.Metadata
	for i, l := range n.layers {
		all = append(all, nir.Meta{Key: fmt.Sprintf("hidden%d", i+1), Value: nir.Metadata{
			{Key: "beta", Value: vector(l.norms.beta)}, {Key: "gamma", Value: vector(l.norms.gamma)},
			{Key: "mean", Value: vector(l.norms.mean)}, {Key: "variance", Value: vector(l.norms.variance)},
		}})
	}
	return all
}

// norms copies what batch norm has of a layer, its averages as folding takes
// them.
func (n *norm[F]) norms(gamma, beta []F) norms {
	var v norms
	weight := max(n.weight, 1-normMemory)
	for i := range gamma {
		v.gamma, v.beta = append(v.gamma, float32(gamma[i])), append(v.beta, float32(beta[i]))
		v.mean, v.variance = append(v.mean, float32(n.mean[i]/weight)), append(v.variance, float32(n.variance[i]/weight))
	}
	return v
}

// Begin takes the hidden layers of a network that was learned before, so that
// the training begins from them: weights, delays, time constants and batch
// norm. The readout stays as it was drawn. The graph is as [Network.Graph] has
// it, and all as [Network.Norms]; it is an error where they are not, or where
// layers have other sizes than the configuration.
func (t *Trainer) Begin(g *nir.Graph, all nir.Metadata) error {
	if len(t.c.Convolutions) > 0 {
		return errors.New("bptt: a network with convolutions cannot begin from another")
	}
	for i := range t.p.layers {
		name := fmt.Sprintf("hidden%d", i+1)
		if err := t.begin(i, &given{graph: g, name: name}, all.Section(name)); err != nil {
			return fmt.Errorf("bptt: %s: %w", name, err)
		}
	}
	if name := fmt.Sprintf("hidden%d", len(t.p.layers)+1); (&given{graph: g, name: name}).node("") != nil {
		return fmt.Errorf("bptt: the network has a layer %s, the training %d layers", name, len(t.p.layers))
	}
	return nil
}

// begin takes layer i.
func (t *Trainer) begin(i int, g *given, all nir.Metadata) error {
	l, norm := &t.p.layers[i], &t.norms[i]
	affine, lif := take[*nir.Affine](g, "_in"), take[*nir.LIF](g, "")
	loop, tiring, weakened := take[*nir.Linear](g, "_recurrent"), take[*nir.LI](g, "_adaptation"), take[*nir.Scale](g, "_inhibition")
	axons := &nir.Delay{Delay: zeros(l.n)}
	if l.delay != nil {
		axons = take[*nir.Delay](g, "_axons")
	}
	if g.err != nil {
		return g.err
	}
	var had norms
	for _, v := range []struct {
		name string
		from nir.Tensor
		n    int
		to   *[]float32
	}{
		{"input weights", affine.Weight, l.in * l.n, nil}, {"recurrent weights", loop.Weight, l.n * l.n, nil},
		{"time constants", lif.Tau, l.n, nil}, {"adaptation", tiring.Tau, l.n, nil}, {"inhibition", weakened.Scale, l.n, nil},
		{"delays", axons.Delay, l.n, nil}, {"beta", all.Tensor("beta"), l.n, &had.beta}, {"gamma", all.Tensor("gamma"), l.n, &had.gamma},
		{"mean", all.Tensor("mean"), l.n, &had.mean}, {"variance", all.Tensor("variance"), l.n, &had.variance},
	} {
		if len(v.from.F32) != v.n {
			return fmt.Errorf("%d %s of 32 bits, want %d", len(v.from.F32), v.name, v.n)
		}
		if v.to != nil {
			*v.to = v.from.F32
		}
	}
	transpose(l.w, affine.Weight.F32, l.n, l.in)
	transpose(l.u, loop.Weight.F32, l.n, l.n)
	for j := range l.n {
		scale := float64(had.gamma[j]) / math.Sqrt(float64(had.variance[j])+epsilon)
		if !(math.Abs(scale) > 0) || math.IsInf(scale, 0) {
			return fmt.Errorf("neuron %d: gamma %v and variance %v do not scale weights", j, had.gamma[j], had.variance[j])
		}
		for k := j; k < len(l.w); k += l.n {
			l.w[k] = float32(float64(l.w[k]) / scale)
		}
		l.strength[j] = -weakened.Scale.F32[j]
		l.alpha[j] = t.place(lif.Tau.F32[j], t.c.Membrane)
		l.rho[j] = t.place(tiring.Tau.F32[j], t.c.Adaptation)
		if l.delay != nil {
			l.delay[j] = float32(unsquash(float64(axons.Delay.F32[j])/t.c.Step.Seconds(), 0, float64(t.c.longest())))
		}
	}
	copy(l.gamma, had.gamma)
	copy(l.beta, had.beta)
	copy(norm.mean, had.mean)
	copy(norm.variance, had.variance)
	norm.weight = 1
	return nil
}

// place is where in a span the decay of a time constant lies, s.
func (t *Trainer) place(tau float32, s Span) float32 {
	lo, hi := t.c.decays(s)
	return float32(unsquash(1-t.c.Step.Seconds()/float64(tau), lo, hi))
}

// farthest is the place at which a value lies at the end of its span: farther
// out it would hardly learn any more.
const farthest = 4

// unsquash is the place that [squash] brings to a value.
func unsquash(v, lo, hi float64) float64 {
	s := (v - lo) / (hi - lo)
	edge := 1 / (1 + portable.Exp(farthest))
	s = min(max(s, edge), 1-edge)
	return portable.Log(s / (1 - s))
}

// given are the nodes of a layer of a graph, and the first error in taking them.
type given struct {
	graph *nir.Graph
	name  string
	err   error
}

func (g *given) node(part string) nir.Op {
	for _, n := range g.graph.Nodes {
		if n.Name == g.name+part {
			return n.Op
		}
	}
	return nil
}

// take is the node of a part of the layer, or an empty one and an error.
func take[T nir.Op](g *given, part string) T {
	op, ok := g.node(part).(T)
	if !ok && g.err == nil {
		g.err = fmt.Errorf("%s%s is not a node %T", g.name, part, op)
	}
	return op
}
