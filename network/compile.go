package network

import (
	"errors"
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// compile checks the spec and builds a machine's layers and stages, and the
// loops of event-driven layers, by stage.
func compile(m *machine, spec Spec) ([]*exactLoop, error) {
	if len(spec.Input) < 1 || len(spec.Input) > 3 || spec.Input.Size() < 1 || spec.Input.Size() > maxNeurons {
		return nil, fmt.Errorf("input shape %v is not [C, H, W], [C, N] or [N] with up to %d neurons", spec.Input, maxNeurons)
	}
	c := compiler{machine: m, index: map[string]int{InputName: 0}, shapes: make([]pipeline.Shape, 1+len(spec.Layers))}
	c.shapes[0] = spec.Input
	for i, ls := range spec.Layers {
		if _, taken := c.index[ls.Name]; taken || ls.Name == "" {
			return nil, fmt.Errorf("layer %d: name %q is empty or taken", i, ls.Name)
		}
		c.index[ls.Name] = 1 + i
	}
	for i, ls := range spec.Layers {
		if err := c.shape(1+i, ls); err != nil {
			return nil, fmt.Errorf("layer %q: %w", ls.Name, err)
		}
	}
	m.stages = schedule(c.index, spec)
	for i, ls := range spec.Layers {
		l, err := c.build(1+i, ls, spec)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", ls.Name, err)
		}
		var from []pipeline.Shape
		for _, in := range ls.Inputs {
			from = append(from, c.shapes[c.index[in.From]])
		}
		l.measure(ls, from)
		m.layers = append(m.layers, l)
	}
	loops := make([]*exactLoop, len(m.stages))
	for i, s := range m.stages {
		if s.loop {
			x, err := newExactLoop(m, c.index, spec, s.layers)
			if err != nil {
				return nil, err
			}
			loops[i] = x
		}
	}
	return loops, nil
}

// build gives every shard its part of the layer.
func (c *compiler) build(at int, ls LayerSpec, spec Spec) (layer, error) {
	l := layer{tiles: c.tiles(at-1, ls, c.shapes[at])}
	blocks := c.shards * l.tiles
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
		return l, c.buildLIF(at, ls, n, &l)
	case Clocked:
		return l, c.buildClocked(at, ls, n, &l)
	case Exact:
		return l, c.buildExact(at, ls, n, &l)
	case TimeDifference:
		return l, c.buildTDE(ls, n, &l)
	}
	return l, fmt.Errorf("no neuron model %T", ls.Neuron)
}

func (c *compiler) buildLIF(at int, ls LayerSpec, n LIF, l *layer) error {
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
	for s := range c.shards {
		own := owner(c.shapes[at], s, c.shards)
		b := &lifBlock{
			lifLayer: state, growth: newGrowth(n.Tau), own: ownIDs(c.shapes[at], own),
			inputs: c.arrivals(at, ls, own, channelFirst),
		}
		for i := range b.inputs {
			from := c.shapes[b.inputs[i].from]
			b.inputs[i].share = newShare(from, reaches(from, b.inputs[i].wiring))
			b.inputs[i].fan = fans(ls.Inputs[i].Kernel, from, b.inputs[i].wiring)
		}
		if c.win.clock.step == 1 && len(b.inputs) == 1 {
			b.vectorise(c.shapes[b.inputs[0].from])
		}
		l.blocks = append(l.blocks, b)
	}
	return nil
}

func (c *compiler) buildClocked(at int, ls LayerSpec, n Clocked, l *layer) error {
	shape := c.shapes[at]
	if err := n.fits(shape.Size()); err != nil {
		return err
	}
	for _, in := range ls.Inputs {
		if in.Latency != nil {
			return fmt.Errorf("input %q has a latency, which only exact layers have", in.From)
		}
		if err := in.validateDelays(MaxDelay); err != nil {
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
	c.clocked = true
	dense := slices.ContainsFunc(ls.Inputs, func(in Connection) bool {
		_, ok := in.Kernel.(Dense)
		return ok || in.Delays != nil // wakes everything at every spike, or without one
	})
	state := newClockedLayer(n, shape, c.win.clock.step, !dense)
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
		b.inputs, b.own = c.arrivals(at, ls, own, channelLast), ownRuns(shape, own)
		c.slowDown(at, ls, b, own)
		b.learns = state.theta != nil || slices.ContainsFunc(b.inputs, func(a arrival) bool { return a.plastic != nil })
	}
	c.learning.enlist(ls, l)
	return nil
}

// slowDown gives a block the delays and resources of its synapses, and what it
// counts them by.
func (c *compiler) slowDown(at int, ls LayerSpec, b *clockedBlock, own func(row int) bool) {
	rings := b.rings
	for i, in := range ls.Inputs {
		from := c.shapes[c.index[in.From]]
		if p := b.inputs[i].plastic; p != nil {
			b.inputs[i].fan = p.fan
		} else {
			b.inputs[i].fan = fans(in.Kernel, from, b.inputs[i].wiring)
		}
		if in.Depress != nil {
			b.inputs[i].resource = newResource(*in.Depress, from.Size(), c.win.clock.step)
		}
		if in.Delays != nil {
			b.inputs[i].lag = newLag(in, from, c.shapes[at], own, rings[0])
			rings = rings[1:]
		}
		b.inputs[i].plain = b.plainInput(&b.inputs[i])
	}
}

func (c *compiler) buildTDE(ls LayerSpec, n TimeDifference, l *layer) error {
	in := ls.Inputs[0]
	if d, ok := in.Kernel.(Diagonal); len(ls.Inputs) != 1 || !ok || d.Weight != nil || d.Shape != nil || in.Depress != nil ||
		in.Plastic != nil || in.Delays != nil || in.Latency != nil || in.Recurrent {
		return errors.New("time differences take one identity connection without depression")
	}
	from := c.index[in.From]
	if len(c.shapes[from]) != 3 {
		return fmt.Errorf("time differences need an input of [C, H, W], not %v", c.shapes[from])
	}
	if from == 0 && c.win.clock.step > 1 {
		return errors.New("time differences of raw input need exact times, not a step")
	}
	l.info.Graded = true
	l.info.Synapses *= uint64(len(n.Taps))
	for s := range c.shards {
		l.blocks = append(l.blocks, newTDEBlock(n, c.shapes[from], from, owner(c.shapes[from], s, c.shards)))
	}
	return nil
}
