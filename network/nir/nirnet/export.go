package nirnet

import (
	"ganglion/network"
	"ganglion/network/nir"
)

// export is the graph with the weights and thresholds that an engine has
// learned, and with how neurons compete in the metadata.
func (l *Lowered) export(e *network.Engine) *nir.Graph {
	g := &nir.Graph{Nodes: append([]nir.Node(nil), l.graph.Nodes...), Edges: l.graph.Edges, Metadata: l.graph.Metadata}
	learned := map[synapses][]float32{}
	for _, c := range e.Learning().Connections {
		for layer, ls := range l.Spec.Layers {
			for input, in := range ls.Inputs {
				if ls.Name == c.Layer && in.From == c.From && in.Plastic != nil {
					learned[synapses{layer, input}] = kernelValues(c.Kernel)
				}
			}
		}
	}
	compete := map[string]network.Competition{}
	for _, ls := range l.Spec.Layers {
		if c, ok := ls.Neuron.(network.Clocked); ok && c.Compete != nil {
			compete[ls.Name] = *c.Compete
		}
	}
	for i, n := range g.Nodes {
		if c, ok := compete[n.Name]; ok {
			g.Nodes[i].Metadata = withCompetition(n.Metadata, c)
		}
		if p := l.places[n.Name]; len(p) == 1 && learned[p[0]] != nil {
			g.Nodes[i].Op = withWeight(n.Op, learned[p[0]])
		}
		if raised := e.Raised(n.Name); raised != nil {
			g.Nodes[i].Op = withThreshold(n.Op, raised, l.units[n.Name])
		}
	}
	return g
}

// withWeight is a linear node with other weights.
func withWeight(op nir.Op, w []float32) nir.Op {
	switch n := op.(type) {
	case *nir.Affine:
		c := *n
		c.Weight = nir.Float32(n.Weight.Shape, w)
		return &c
	case *nir.Linear:
		c := *n
		c.Weight = nir.Float32(n.Weight.Shape, w)
		return &c
	case *nir.Conv:
		c := *n
		c.Weight = nir.Float32(n.Weight.Shape, w)
		return &c
	}
	return op
}

// withThreshold is a neuron whose thresholds are raised, in units of a scaled
// membrane: by a sum in float32, which is what membranes are compared with.
func withThreshold(op nir.Op, raised, units []float64) nir.Op {
	add := func(t nir.Tensor) nir.Tensor {
		v := make([]float64, len(raised))
		for i := range v {
			unit := 1.0
			if units != nil {
				unit = units[min(i, len(units)-1)]
			}
			v[i] = float64(float32(float64(at(t, i)*unit))+float32(raised[i])) / unit
		}
		if t.Len() != len(raised) {
			t.Shape = []int{len(raised)}
		}
		return nir.Float64(t.Shape, v)
	}
	switch n := op.(type) {
	case *nir.IF:
		c := *n
		c.VThreshold = add(n.VThreshold)
		return &c
	case *nir.LIF:
		c := *n
		c.VThreshold = add(n.VThreshold)
		return &c
	case *nir.CubaLIF:
		c := *n
		c.VThreshold = add(n.VThreshold)
		return &c
	}
	return op
}
