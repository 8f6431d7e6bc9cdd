package network

import "ganglion/pipeline/state"

// appendState appends what has been learned: nothing for an engine without
// plastic connections.
func (g *learning) appendState(b []byte) []byte {
	if len(g.connections) == 0 {
		return b
	}
	frozen := uint64(0)
	if g.frozen {
		frozen = 1
	}
	b = state.AppendUint64(b, frozen)
	b = state.AppendUint64(b, g.version)
	b = state.AppendUint64(b, g.latest)
	b = state.AppendUint64(b, uint64(len(g.kept)))
	for _, k := range g.kept {
		b = state.AppendUint64(b, k.version)
		for _, w := range k.weights {
			b = state.AppendSlice(b, w)
		}
	}
	for i := range g.connections {
		c := &g.connections[i]
		b = state.AppendSlice(b, c.weights())
		b = state.AppendSlice(b, c.parts[0].pre.a)
		b = state.AppendSlice(b, c.postTraces())
	}
	return b
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

func (g *learning) restoreState(r *state.Reader) {
	if len(g.connections) == 0 {
		return
	}
	g.frozen, g.version, g.latest = r.Uint64() == 1, r.Uint64(), r.Uint64()
	n := r.Uint64()
	if n > maxKept {
		r.Fail("more versions of the weights than are kept")
		return
	}
	g.kept = g.kept[:0]
	for range n {
		k := keptWeights{version: r.Uint64()}
		for i := range g.connections {
			k.weights = append(k.weights, g.connections[i].readWeights(r))
		}
		g.kept = append(g.kept, k)
	}
	for i := range g.connections {
		if r.Err() == nil {
			g.connections[i].restore(r)
		}
	}
}

func (c *plasticConnection) restore(r *state.Reader) {
	weights := c.readWeights(r)
	pre, post := readTraces(r, len(c.parts[0].pre.a)), readTraces(r, len(c.parts[0].post.a))
	if r.Err() != nil {
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

// readWeights reads the weights of a connection and refuses any out of bounds.
func (c *plasticConnection) readWeights(r *state.Reader) []float64 {
	w := make([]float64, len(kernelWeights(c.in.Kernel)))
	state.ReadInto(r, w)
	for _, v := range w {
		if r.Err() == nil && !(v >= c.in.Plastic.Min && v <= c.in.Plastic.Max) {
			r.Fail("a weight is out of its bounds")
		}
	}
	return w
}

func readTraces(r *state.Reader, n int) []float64 {
	a := make([]float64, n)
	state.ReadInto(r, a)
	if !finite(a...) {
		r.Fail("a trace is not a number")
	}
	return a
}
