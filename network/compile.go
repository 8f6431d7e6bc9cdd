package network

import (
	"errors"
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// tileRows is the height of the stripes that are dealt to the shards in turn.
// Stripes much lower than objects keep the shards evenly busy; stripes much
// higher than a kernel keep halos cheap.
const tileRows = 16

// owner says which rows of a layer a shard owns: stripes of a retinotopic
// layer, one range of a flat one.
func owner(shape pipeline.Shape, shard, shards int) func(row int) bool {
	_, h, w := extent(shape)
	if w == 1 { // whole blocks, which are woken together
		blocks := (h + flatBlock - 1) / flatBlock
		return func(row int) bool { return row/flatBlock*shards/blocks == shard }
	}
	return func(row int) bool { return row/tileRows%shards == shard }
}

// compile checks the spec and builds layers and stages.
func (e *Engine) compile(spec Spec) error {
	if len(spec.Input) < 1 || len(spec.Input) > 3 || spec.Input.Size() < 1 || spec.Input.Size() > maxNeurons {
		return fmt.Errorf("input shape %v is not [C, H, W], [C, N] or [N] with up to %d neurons", spec.Input, maxNeurons)
	}
	c := compiler{index: map[string]int{InputName: 0}, shapes: make([]pipeline.Shape, 1+len(spec.Layers))}
	c.shapes[0] = spec.Input
	for i, ls := range spec.Layers {
		if _, taken := c.index[ls.Name]; taken || ls.Name == "" {
			return fmt.Errorf("layer %d: name %q is empty or taken", i, ls.Name)
		}
		c.index[ls.Name] = 1 + i
	}
	for i, ls := range spec.Layers {
		if err := c.shape(1+i, ls); err != nil {
			return fmt.Errorf("layer %q: %w", ls.Name, err)
		}
	}
	e.stages = schedule(&c, spec)
	for i, ls := range spec.Layers {
		l, err := e.build(&c, 1+i, ls, spec)
		if err != nil {
			return fmt.Errorf("layer %q: %w", ls.Name, err)
		}
		var from []pipeline.Shape
		for _, in := range ls.Inputs {
			from = append(from, c.shapes[c.index[in.From]])
		}
		l.measure(ls, from)
		e.layers = append(e.layers, l)
	}
	for i := range e.stages {
		s := &e.stages[i]
		if !s.loop {
			continue
		}
		x, err := e.newExactLoop(&c, spec, s.layers)
		if err != nil {
			return err
		}
		s.exact = x
	}
	return nil
}

// compiler knows names and shapes while a spec is compiled. Position 0 is the
// input, 1+i layer i.
type compiler struct {
	index  map[string]int
	shapes []pipeline.Shape
}

// shape finds out a layer's shape from its inputs that are not recurrent.
func (c *compiler) shape(at int, ls LayerSpec) error {
	if n := len(ls.Inputs); n < 1 || n > maxInputs {
		return fmt.Errorf("%d inputs outside 1..%d", n, maxInputs)
	}
	if ls.Neuron == nil {
		return errors.New("no neuron model")
	}
	if err := ls.Neuron.validate(); err != nil {
		return err
	}
	for _, in := range ls.Inputs {
		from, ok := c.index[in.From]
		if !ok {
			return fmt.Errorf("input %q is not a layer", in.From)
		}
		if in.Recurrent != (from >= at) {
			return fmt.Errorf("input %q must be recurrent exactly when it is no earlier layer", in.From)
		}
		if in.Kernel == nil {
			return fmt.Errorf("input %q has no kernel", in.From)
		}
		if d := in.Depress; d != nil && !(d.Use > 0 && d.Use < 1 && d.Recovery > 0) {
			return fmt.Errorf("input %q: depression with use %v and recovery %v", in.From, d.Use, d.Recovery)
		}
		if in.Recurrent {
			continue
		}
		if err := c.deliver(at, in, from); err != nil {
			return err
		}
	}
	if c.shapes[at] == nil {
		return errors.New("all inputs are recurrent")
	}
	if c.shapes[at] = ls.Neuron.outShape(c.shapes[at]); c.shapes[at].Size() > maxNeurons {
		return fmt.Errorf("%v is more than %d neurons", c.shapes[at], maxNeurons)
	}
	return nil
}

// deliver checks that a connection's kernel fits and that all inputs of the
// layer deliver the same shape.
func (c *compiler) deliver(at int, in Connection, from int) error {
	shape, err := in.Kernel.outShape(c.shapes[from])
	if err != nil {
		return fmt.Errorf("input %q: %w", in.From, err)
	}
	if first := c.shapes[at]; first != nil && !slices.Equal(first, shape) {
		return fmt.Errorf("input %q delivers %v, another one %v", in.From, shape, first)
	}
	c.shapes[at] = shape
	return nil
}

// build gives every shard its part of the layer.
func (e *Engine) build(c *compiler, at int, ls LayerSpec, spec Spec) (layer, error) {
	l := layer{tiles: e.tiles(at-1, ls, c.shapes[at])}
	blocks := e.shards * l.tiles
	l.outs, l.counts = make([]shardTrain, blocks), make([]counts, blocks)
	l.info = pipeline.Layer{Name: ls.Name, Shape: c.shapes[at], StepUS: spec.Step.Microseconds()}
	for _, in := range ls.Inputs {
		from := c.index[in.From]
		if in.Recurrent {
			if err := c.deliver(at, in, from); err != nil {
				return l, err
			}
		}
		l.info.Synapses += in.Kernel.synapses(c.shapes[from])
	}
	switch n := ls.Neuron.(type) {
	case LIF:
		return l, e.buildLIF(c, at, ls, n, &l)
	case Clocked:
		return l, e.buildClocked(c, at, ls, n, &l)
	case Exact:
		return l, e.buildExact(c, at, ls, n, &l)
	case TimeDifference:
		return l, e.buildTDE(c, ls, n, &l)
	}
	return l, fmt.Errorf("no neuron model %T", ls.Neuron)
}

// arrivals wires a layer's inputs for the shard that owns some of its rows.
func (e *Engine) arrivals(c *compiler, at int, ls LayerSpec, own func(row int) bool, order order) []arrival {
	var as []arrival
	for _, in := range ls.Inputs {
		from := c.index[in.From]
		a := arrival{from: from, next: in.Recurrent}
		if in.Plastic != nil {
			a.plastic, a.wiring = newPlastic(in, c.shapes[from], c.shapes[at], own, e.win.clock.step)
		} else {
			a.wiring = in.Kernel.wire(c.shapes[from], c.shapes[at], own, order)
		}
		if in.Depress != nil && order == channelFirst {
			a.depress = newDepression(*in.Depress, c.shapes[from].Size())
		}
		as = append(as, a)
	}
	return as
}

func (e *Engine) buildLIF(c *compiler, at int, ls LayerSpec, n LIF, l *layer) error {
	for _, in := range ls.Inputs {
		if in.Recurrent {
			return fmt.Errorf("input %q is recurrent, which only clocked and exact layers can be", in.From)
		}
		if in.Plastic != nil {
			return fmt.Errorf("input %q is plastic, which only clocked layers can be", in.From)
		}
		if in.Delays != nil || in.Latency != nil {
			return fmt.Errorf("input %q has synapses with delays, which only clocked and exact layers have", in.From)
		}
	}
	state := newLIFLayer(n, c.shapes[at].Size())
	for s := range e.shards {
		own := owner(c.shapes[at], s, e.shards)
		b := &lifBlock{
			lifLayer: state, growth: newGrowth(n.Tau), own: ownIDs(c.shapes[at], own),
			inputs: e.arrivals(c, at, ls, own, channelFirst),
		}
		for i := range b.inputs {
			from := c.shapes[b.inputs[i].from]
			b.inputs[i].share = newShare(from, reaches(from, b.inputs[i].wiring))
			b.inputs[i].fan = fans(ls.Inputs[i].Kernel, from, b.inputs[i].wiring)
		}
		l.blocks = append(l.blocks, b)
	}
	return nil
}

func (e *Engine) buildClocked(c *compiler, at int, ls LayerSpec, n Clocked, l *layer) error {
	shape := c.shapes[at]
	if err := n.fits(shape.Size()); err != nil {
		return err
	}
	for _, in := range ls.Inputs {
		if in.Latency != nil {
			return fmt.Errorf("input %q has a latency, which only exact layers have", in.From)
		}
		if err := in.validateDelays(maxDelay); err != nil {
			return fmt.Errorf("input %q: %w", in.From, err)
		}
		if n := in.slotsOf() * shape.Size(); n > maxNeurons {
			return fmt.Errorf("input %q: its delays hold %d values, more than %d", in.From, n, maxNeurons)
		}
		if in.Plastic == nil {
			continue
		}
		if err := in.Plastic.validate(kernelWeights(in.Kernel)); err != nil {
			return fmt.Errorf("input %q: %w", in.From, err)
		}
		if !n.spiking() {
			return fmt.Errorf("input %q is plastic, but the layer never fires", in.From)
		}
	}
	e.clocked = true
	dense := slices.ContainsFunc(ls.Inputs, func(in Connection) bool {
		_, ok := in.Kernel.(Dense)
		return ok || in.Delays != nil // wakes everything at every spike, or without one
	})
	state := newClockedLayer(n, shape, e.win.clock.step, !dense)
	for _, in := range ls.Inputs {
		if in.Delays != nil {
			state.rings = append(state.rings, make([]float32, in.slotsOf()*shape.Size()))
		}
	}
	l.shared = state
	l.info.Graded = !n.spiking()
	sole := indivisible(ls, n)
	for s := range len(l.outs) {
		b := &clockedBlock{clockedLayer: state}
		l.blocks = append(l.blocks, b)
		own := owner(shape, s, len(l.outs))
		if sole {
			if s > 0 {
				continue
			}
			own = func(int) bool { return true }
		}
		b.inputs, b.own = e.arrivals(c, at, ls, own, channelLast), ownRuns(shape, own)
		e.slowDown(c, at, ls, b, own)
		b.learns = state.theta != nil || slices.ContainsFunc(b.inputs, func(a arrival) bool { return a.plastic != nil })
	}
	e.learning.enlist(ls, l)
	return nil
}

// slowDown gives a block the delays and resources of its synapses, and what it
// counts them by.
func (e *Engine) slowDown(c *compiler, at int, ls LayerSpec, b *clockedBlock, own func(row int) bool) {
	rings := b.rings
	for i, in := range ls.Inputs {
		from := c.shapes[c.index[in.From]]
		if p := b.inputs[i].plastic; p != nil {
			b.inputs[i].fan = p.fan
		} else {
			b.inputs[i].fan = fans(in.Kernel, from, b.inputs[i].wiring)
		}
		if in.Depress != nil {
			b.inputs[i].resource = newResource(*in.Depress, from.Size(), e.win.clock.step)
		}
		if in.Delays != nil {
			b.inputs[i].lag = newLag(in, from, c.shapes[at], own, rings[0])
			rings = rings[1:]
		}
		b.inputs[i].plain = b.plainInput(&b.inputs[i])
	}
}

// indivisible reports whether a layer must belong to one shard as a whole, since
// its neurons learn weights or a threshold together or all compete.
func indivisible(ls LayerSpec, n Clocked) bool {
	return n.Compete != nil && n.Compete.Group == WholeLayer ||
		n.Homeostasis != nil && n.Homeostasis.ByChannel ||
		slices.ContainsFunc(ls.Inputs, func(in Connection) bool {
			_, shares := in.Kernel.(Conv2d)
			return in.Plastic != nil && shares
		})
}

// ownRuns lists a shard's places, channel last, as runs of neighbours,
// ascending.
func ownRuns(shape pipeline.Shape, own func(row int) bool) []segment {
	channels, h, w := extent(shape)
	var runs []segment
	for y := range h {
		if !own(y) {
			continue
		}
		first, n := int32(y*w*channels), int32(w*channels)
		if k := len(runs); k > 0 && runs[k-1].first+runs[k-1].n == first {
			runs[k-1].n += n
		} else {
			runs = append(runs, segment{first: first, n: n})
		}
	}
	return runs
}

func (e *Engine) buildTDE(c *compiler, ls LayerSpec, n TimeDifference, l *layer) error {
	in := ls.Inputs[0]
	if d, ok := in.Kernel.(Diagonal); len(ls.Inputs) != 1 || !ok || d.Weight != nil || d.Shape != nil || in.Depress != nil || in.Plastic != nil || in.Delays != nil || in.Latency != nil || in.Recurrent {
		return errors.New("time differences take one identity connection without depression")
	}
	from := c.index[in.From]
	if len(c.shapes[from]) != 3 {
		return fmt.Errorf("time differences need an input of [C, H, W], not %v", c.shapes[from])
	}
	if from == 0 && e.win.clock.step > 1 {
		return errors.New("time differences of raw input need exact times, not a step")
	}
	l.info.Graded = true
	l.info.Synapses *= uint64(len(n.Taps))
	for s := range e.shards {
		l.blocks = append(l.blocks, newTDEBlock(n, c.shapes[from], from, owner(c.shapes[from], s, e.shards)))
	}
	return nil
}
