package network

import (
	"fmt"
	"math"
	"slices"

	"ganglion/internal/asm"
	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// Membranes appends the membranes of a layer that is clock-driven to dst, by
// neuron, as the last window left them, in the engine's units. It appends
// nothing for a layer that keeps none: relays, thresholds, integer neurons, and
// event-driven layers. It must not be called while Step runs.
func (e *Engine) Membranes(layer int, dst []float32) []float32 {
	l, ok := e.layers[layer].shared.(*clockedLayer)
	if !ok || l.Rule == Integer {
		return dst
	}
	first := len(dst)
	dst = append(dst, l.v...)
	membranes := dst[first:]
	count := int64(0)
	if e.began {
		count = (e.end - e.win.clock.begin) / e.win.clock.step
	}
	for id := range membranes {
		place := l.place(uint32(id))
		membranes[id] = l.v[place]
		if l.waits { // its block may sleep: the decay that it will make up for
			block := place / l.block()
			asm.Decay(membranes[id:id+1], l.Decay[place:place+1], int(count-l.awake[block]))
		}
	}
	return dst
}

// Membrane implements [pipeline.Probed]: the potential of one neuron at the end of
// the last window, in the units of its layer. A LIF neuron in its refractory
// period stands at its reset.
func (e *Engine) Membrane(layer, neuron int) (v float64, ok bool) {
	if layer < 0 || layer >= len(e.layers) || neuron < 0 || neuron >= e.layers[layer].info.Shape.Size() {
		return 0, false
	}
	for _, blk := range e.layers[layer].blocks {
		if b, is := blk.(*lifBlock); is && holds(b.own, uint64(neuron)) {
			return b.membrane(neuron, e.end), true
		}
	}
	switch l := e.layers[layer].shared.(type) {
	case *exactLayer:
		if l.v != nil {
			v, _ = l.at(neuron, e.end)
			return v, true
		}
	case *clockedLayer:
		return e.clockedMembrane(l, uint32(neuron))
	}
	return 0, false
}

// membrane is the potential of a neuron of the block at time t, µs.
func (b *lifBlock) membrane(neuron int, t int64) float64 {
	kept := b.v[neuron]
	if math.IsNaN(float64(kept)) {
		return float64(b.reset)
	}
	return float64(kept) * portable.Exp(-float64(t-b.growth.frame*b.growth.length)/b.tau)
}

// clockedMembrane makes up for the decay of a block that sleeps.
func (e *Engine) clockedMembrane(l *clockedLayer, id uint32) (v float64, ok bool) {
	place := l.place(id)
	switch {
	case l.Rule == Integer && l.w != nil:
		return float64(l.w[place]), true
	case l.v == nil || l.Rule == Integer:
		return 0, false
	}
	one := [1]float32{l.v[place]}
	if l.waits && e.began {
		count := (e.end - e.win.clock.begin) / e.win.clock.step
		asm.Decay(one[:], l.Decay[place:place+1], int(count-l.awake[place/l.block()]))
	}
	return float64(one[0]), true
}

var _ pipeline.Probed = (*Engine)(nil)

// Learning is what the plastic connections of an engine have learned.
type Learning struct {
	// Version is the number under which the weights were last kept or to
	// which they were rolled back; learning may have continued since.
	Version     uint64
	Kept        []uint64 // versions to roll back to, ascending; the first is 0, the start
	Frozen      bool
	Connections []Learned
}

// Learned is what one plastic connection has learned.
type Learned struct {
	Layer, From string
	Kernel      Kernel    // the connection's kernel with its present weights, a copy
	Weights     []float64 // the same unrounded, in the kernel's order
	// Drift is how far the weights have gone from version 0: |w - w0| / |w0|
	// with Euclidean norms; |w| where w0 is zero.
	Drift float64
}

// Learning reports and exports what has been learned. It is called between
// windows, as are [Engine.Freeze], [Engine.Keep] and
// [Engine.RollBack].
func (e *Engine) Learning() Learning {
	g := &e.learning
	l := Learning{Version: g.version, Kept: []uint64{0}, Frozen: g.frozen}
	for _, k := range g.kept {
		l.Kept = append(l.Kept, k.version)
	}
	for i := range g.connections {
		c := &g.connections[i]
		w := c.weights()
		rounded := make([]float32, len(w))
		for i := range w {
			rounded[i] = float32(w[i])
		}
		l.Connections = append(l.Connections, Learned{
			Layer: c.layer, From: c.in.From, Kernel: withWeights(c.in.Kernel, rounded), Weights: w, Drift: drift(c.begin, w),
		})
	}
	return l
}

// Drifts appends the drift of each plastic connection to dst. It allocates
// nothing else.
func (e *Engine) Drifts(dst []float64) []float64 {
	for i := range e.learning.connections {
		c := &e.learning.connections[i]
		c.gather()
		dst = append(dst, drift(c.begin, c.scratch))
	}
	return dst
}

// Learned implements [pipeline.Learner].
func (e *Engine) Learned(dst []pipeline.Learned) []pipeline.Learned {
	g := &e.learning
	for i := range g.connections {
		c := &g.connections[i]
		c.gather()
		l := pipeline.Learned{Layer: c.layer, From: c.in.From, Version: g.version, Frozen: g.frozen, Drift: drift(c.begin, c.scratch)}
		for _, p := range c.parts {
			l.Changes += p.changes
		}
		dst = append(dst, l)
	}
	return dst
}

// Frozen reports whether learning has stopped.
func (e *Engine) Frozen() bool { return e.learning.frozen }

// Version is the number under which the weights were last kept, or to which
// they were rolled back.
func (e *Engine) Version() uint64 { return e.learning.version }

// Freeze stops learning: weights and homeostatic thresholds stay as they are.
// Traces continue.
func (e *Engine) Freeze() { e.learning.frozen = true }

// Keep keeps the weights as a new version and returns its number. Beside
// version 0 the last 8 versions are kept.
func (e *Engine) Keep() uint64 {
	g := &e.learning
	if len(g.kept) == maxKept {
		g.kept = slices.Delete(g.kept, 0, 1)
	}
	g.latest++
	g.version = g.latest
	k := keptWeights{version: g.latest}
	for i := range g.connections {
		k.weights = append(k.weights, g.connections[i].weights())
	}
	g.kept = append(g.kept, k)
	return g.latest
}

// RollBack makes the weights those of a version that is still kept. Traces and
// thresholds stay.
func (e *Engine) RollBack(version uint64) error {
	g := &e.learning
	at := slices.IndexFunc(g.kept, func(k keptWeights) bool { return k.version == version })
	if at < 0 && version != 0 {
		return fmt.Errorf("network: weights of version %d are not kept; there are %v", version, e.Learning().Kept)
	}
	for i := range g.connections {
		c := &g.connections[i]
		if version == 0 {
			c.setWeights(c.begin)
		} else {
			c.setWeights(g.kept[at].weights[i])
		}
	}
	g.version = version
	return nil
}

// Raised is what homeostasis has added to the thresholds of a layer's neurons,
// by id; nil for a layer without.
func (e *Engine) Raised(name string) []float64 {
	for i := range e.layers {
		l, ok := e.layers[i].shared.(*clockedLayer)
		if e.layers[i].info.Name != name || !ok || l.theta == nil {
			continue
		}
		raised := make([]float64, e.layers[i].info.Shape.Size())
		for id := range raised {
			raised[id] = l.theta[l.thetaOf(l.place(uint32(id)))]
		}
		return raised
	}
	return nil
}
