package network

import (
	"math"
	"slices"

	"ganglion/pipeline/state"
)

// maxKept is how many versions of the weights are kept beside version 0.
const maxKept = 8

// learning is what an engine knows of its plastic connections.
type learning struct {
	connections []plasticConnection
	frozen      bool
	version     uint64 // that the weights were last kept as or rolled back to
	latest      uint64 // highest number given
	kept        []keptWeights
}

// plasticConnection is a plastic connection over all shards.
type plasticConnection struct {
	layer          string
	in             Connection
	layout         *clockedLayer
	blocks         []*clockedBlock // that hold a part
	parts          []*plastic      // parallel to blocks
	scratch, begin []float64       // weights in the order of the kernel: for drifts, and version 0
}

// keptWeights are the weights of all connections at one time.
type keptWeights struct {
	version uint64
	weights [][]float64
}

// enlist notes the plastic connections of a layer that is being built.
func (g *learning) enlist(ls LayerSpec, l *layer) {
	for i, in := range ls.Inputs {
		if in.Plastic == nil {
			continue
		}
		c := plasticConnection{layer: ls.Name, in: in, layout: l.shared.(*clockedLayer)}
		for _, blk := range l.blocks {
			if b := blk.(*clockedBlock); len(b.own) > 0 {
				c.blocks, c.parts = append(c.blocks, b), append(c.parts, b.inputs[i].plastic)
			}
		}
		c.begin = c.start()
		c.scratch = make([]float64, len(c.begin))
		g.connections = append(g.connections, c)
	}
}

// weights are a connection's weights in the order of its kernel.
func (c *plasticConnection) weights() []float64 {
	c.gather()
	return slices.Clone(c.scratch)
}

// gather puts the weights into scratch.
func (c *plasticConnection) gather() {
	for _, p := range c.parts {
		for i, w := range p.weight {
			c.scratch[p.source[i]] = w
		}
	}
}

func (c *plasticConnection) setWeights(all []float64) {
	for _, p := range c.parts {
		for i, number := range p.source {
			p.set(int32(i), all[number])
		}
	}
}

// start is version 0 of a connection's weights.
func (c *plasticConnection) start() []float64 {
	var all []float64
	for _, w := range kernelWeights(c.in.Kernel) {
		all = append(all, float64(w))
	}
	return all
}

func drift(start, now []float64) float64 {
	var moved, norm float64
	for i, w := range now {
		moved += float64((w - start[i]) * (w - start[i]))
		norm += float64(start[i] * start[i])
	}
	if norm == 0 {
		norm = 1
	}
	return math.Sqrt(moved / norm)
}

// fields carries what has been learned: nothing for an engine without plastic
// connections.
func (g *learning) fields(c *state.Codec) {
	if len(g.connections) == 0 {
		return
	}
	c.Bool(&g.frozen)
	c.Uint64(&g.version)
	c.Uint64(&g.latest)
	n := c.Length(len(g.kept), maxKept)
	if c.Reading() {
		g.kept = make([]keptWeights, n)
	}
	for i := range g.kept {
		if c.Failed() {
			return
		}
		k := &g.kept[i]
		c.Uint64(&k.version)
		if c.Reading() {
			k.weights = make([][]float64, len(g.connections))
		}
		for j := range g.connections {
			g.connections[j].weightFields(c, &k.weights[j])
		}
	}
	for i := range g.connections {
		g.connections[i].fields(c)
	}
}

// postTraces puts the shards' traces of their own places together.
func (c *plasticConnection) postTraces() []float64 {
	all := make([]float64, len(c.parts[0].post.a))
	for i, p := range c.parts {
		for _, s := range c.blocks[i].own {
			copy(all[s.first:s.first+s.n], p.post.a[s.first:s.first+s.n])
		}
	}
	return all
}

func (c *plasticConnection) fields(s *state.Codec) {
	var weights []float64
	pre, post := make([]float64, len(c.parts[0].pre.a)), make([]float64, len(c.parts[0].post.a))
	if !s.Reading() {
		weights, pre, post = c.weights(), c.parts[0].pre.a, c.postTraces()
	}
	c.weightFields(s, &weights)
	state.Array(s, pre)
	state.Array(s, post)
	s.Demand(finite(pre...) && finite(post...), "a trace is not a number")
	if !s.Reading() || s.Failed() {
		return
	}
	c.setWeights(weights)
	for i, p := range c.parts {
		p.pre.become(pre)
		own := make([]float64, len(post))
		for _, s := range c.blocks[i].own {
			copy(own[s.first:s.first+s.n], post[s.first:s.first+s.n])
		}
		p.post.become(own)
	}
}

// weightFields carries weights of the connection and refuses any out of bounds.
func (c *plasticConnection) weightFields(s *state.Codec, w *[]float64) {
	if s.Reading() {
		*w = make([]float64, len(kernelWeights(c.in.Kernel)))
	}
	state.Array(s, *w)
	for _, v := range *w {
		s.Demand(v >= c.in.Plastic.Min && v <= c.in.Plastic.Max, "a weight is out of its bounds")
	}
}
