package network

import (
	"fmt"
	"math"
	"slices"

	"ganglion/pipeline"
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

// Learning is what the plastic connections of an engine have learned.
type Learning struct {
	// Version is the number under which the weights were last kept or to
	// which they were rolled back; learning may have gone on since.
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
// windows, as are [Engine.Freeze], [Engine.Thaw], [Engine.Keep] and
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
// Traces go on, so that after [Engine.Thaw] learning goes on as if it had only
// looked away.
func (e *Engine) Freeze() { e.learning.frozen = true }

// Thaw lets learning go on.
func (e *Engine) Thaw() { e.learning.frozen = false }

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
