package network

import (
	"errors"
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// wired is a connection into an exact layer as its blocks see it.
type wired struct {
	train  int // index of the presynaptic train
	from   pipeline.Shape
	kernel Kernel
	// A kernel of branches is sparse and knows neurons by id alone.
	flat bool
}

// wireExact makes the route of a connection that needs one.
func (c *compiler) wireExact(at int, name string, in Connection) (wired, error) {
	from := c.index[in.From]
	w := wired{train: from, from: c.shapes[from], kernel: in.Kernel}
	if !in.Recurrent && in.Delays == nil && in.Latency == nil && in.Depress == nil {
		return w, nil
	}
	if c.win.clock.step > 1 {
		return w, fmt.Errorf("input %q: feedback, delays and depression of an exact layer need exact times, not a step", in.From)
	}
	l := &route{name: fmt.Sprintf("input %q of layer %q", in.From, name), from: from, layer: at - 1, recurrent: in.Recurrent,
		latency: slices.Clone(in.Latency)}
	if err := in.validateLatency(w.from.Size()); err != nil {
		return w, fmt.Errorf("input %q: %w", in.From, err)
	}
	if len(l.latency) == 0 {
		l.latency = []int64{0}
	}
	if in.Depress != nil {
		l.resource = newResource(*in.Depress, w.from.Size(), 1)
	}
	switch {
	case len(in.Delays) > 0 && slices.Min(in.Delays) == slices.Max(in.Delays):
		for i := range l.latency {
			l.latency[i] += int64(in.Delays[0])
		}
	case len(in.Delays) > 0:
		if err := w.branch(l, c.shapes[at], in); err != nil {
			return w, fmt.Errorf("input %q: %w", in.From, err)
		}
	}
	l.size = w.from.Size()
	w.train = len(c.shapes) + len(c.routes)
	c.routes = append(c.routes, l)
	return w, nil
}

// validateLatency checks latencies and delays of a connection from size
// neurons into an exact layer.
func (c Connection) validateLatency(size int) error {
	longest := maxSpan.Microseconds()
	for i, d := range c.Latency {
		if d < 0 || d > longest {
			return fmt.Errorf("latency of %d µs of neuron %d is outside 0..%v", d, i, maxSpan)
		}
	}
	if n := len(c.Latency); n > 1 && n != size {
		return fmt.Errorf("latency has %d values for %d neurons", n, size)
	}
	return c.validateDelays(int32(longest))
}

// branch divides the presynaptic neurons of a connection by the delays of their
// synapses.
func (w *wired) branch(l *route, to pipeline.Shape, in Connection) error {
	if n := in.Kernel.synapses(w.from); n > maxNeurons {
		return fmt.Errorf("%d synapses with delays of their own are more than %d", n, maxNeurons)
	}
	all := func(int) bool { return true }
	numbers := make([]float32, len(in.Delays))
	for i := range numbers {
		numbers[i] = float32(i)
	}
	wiring, number := in.Kernel.wire(w.from, to, all, channelFirst), withWeights(in.Kernel, numbers).wire(w.from, to, all,
		channelFirst).weights()
	type way struct {
		delay  int32
		target uint32
		weight float32
	}
	l.branches = &branches{offsets: []uint32{0}}
	k := Sparse{Out: to.Size(), Offsets: []uint32{0}}
	var ways []way
	var reach []segment
	for id := range uint32(w.from.Size()) {
		ways, reach = ways[:0], wiring.reach(id, reach[:0])
		for _, s := range reach {
			for j := range s.n {
				ways = append(ways, way{in.Delays[int(number[s.w+j])], uint32(s.first + j), wiring.weights()[s.w+j]})
			}
		}
		slices.SortFunc(ways, func(a, b way) int {
			if a.delay != b.delay {
				return int(a.delay - b.delay)
			}
			return int(a.target) - int(b.target)
		})
		for i, y := range ways {
			if i == 0 || y.delay != ways[i-1].delay {
				l.branches.delay = append(l.branches.delay, int64(y.delay))
				k.Offsets = append(k.Offsets, k.Offsets[len(k.Offsets)-1])
			}
			k.Targets, k.Weight = append(k.Targets, y.target), append(k.Weight, y.weight)
			k.Offsets[len(k.Offsets)-1]++
		}
		l.branches.offsets = append(l.branches.offsets, uint32(len(l.branches.delay)))
	}
	w.kernel, w.from, w.flat = k, pipeline.Shape{len(l.branches.delay)}, true
	return nil
}

// prepareRoutes sends what reached some layers' routes in the window on its way,
// and takes what arrives in it.
func (m *machine) prepareRoutes(layers []int, to int64) error {
	for _, l := range m.routes {
		if slices.Contains(layers, l.layer) {
			l.out.Reset()
			if err := l.feed(m.win.trains[l.from], m.win.skip[l.from]); err != nil {
				return err
			}
			l.collect(to)
		}
	}
	return nil
}

// begin starts the exact layers at time t, the start of the first window.
func (m *machine) begin(t int64) {
	for i := range m.layers {
		for _, blk := range m.layers[i].blocks {
			if b, ok := blk.(*exactBlock); ok {
				b.begin(t)
			}
		}
	}
}

func (c *compiler) buildExact(at int, ls LayerSpec, n Exact, l *layer) error {
	shape := c.shapes[at]
	if err := n.fits(shape.Size()); err != nil {
		return err
	}
	if c.win.clock.step > 1 && n.restless() {
		return errors.New("neurons that fire or are read between events need exact times, not a step")
	}
	var inputs []wired
	for _, in := range ls.Inputs {
		if in.Plastic != nil {
			return fmt.Errorf("input %q is plastic, which needs steps", in.From)
		}
		w, err := c.wireExact(at, ls.Name, in)
		if err != nil {
			return err
		}
		inputs = append(inputs, w)
	}
	c.restless = c.restless || n.restless() || len(c.routes) > 0
	l.info.Graded = n.Rule == Relay || n.Rule == Readout
	state := newExactLayer(n, shape.Size())
	l.shared = state
	for s := range c.shards {
		own := owner(shape, s, c.shards)
		b := &exactBlock{exactLayer: state, own: ownIDs(shape, own), firings: firings{due: state.due, place: state.place}}
		for _, in := range inputs {
			b.inputs = append(b.inputs, in.arrival(shape, own))
		}
		l.blocks = append(l.blocks, b)
	}
	return nil
}

// arrival is the connection for the shard that owns some rows of a layer.
func (w *wired) arrival(to pipeline.Shape, own func(row int) bool) arrival {
	mine := own
	if w.flat {
		_, height, width := extent(to)
		mine = func(id int) bool { return own(id / width % height) }
	}
	a := arrival{from: w.train, wiring: w.kernel.wire(w.from, to, mine, channelFirst)}
	a.share = newShare(w.from, reaches(w.from, a.wiring))
	a.fan = fans(w.kernel, w.from, a.wiring)
	return a
}
