package network

import (
	"fmt"

	"ganglion/pipeline"
)

// tileRows is the height of the stripes that are dealt to the shards in turn.
// Stripes much lower than objects keep the shards evenly busy; stripes much
// higher than a kernel keep halos cheap.
const tileRows = 16

// owner says which rows of a layer a shard owns.
func owner(shard, shards int) func(row int) bool {
	return func(row int) bool { return row/tileRows%shards == shard }
}

// compile checks the spec and builds the layers.
func (e *Engine) compile(spec Spec) error {
	if len(spec.Input) != 3 {
		return fmt.Errorf("input shape %v is not [C, H, W]", spec.Input)
	}
	index := map[string]int{InputName: 0} // position in trains
	shapes := []pipeline.Shape{spec.Input}
	levels := []int{-1}
	for i, ls := range spec.Layers {
		if _, taken := index[ls.Name]; taken || ls.Name == "" {
			return fmt.Errorf("layer %d: name %q is empty or taken", i, ls.Name)
		}
		l, err := e.compileLayer(ls, index, shapes, levels)
		if err != nil {
			return fmt.Errorf("layer %q: %w", ls.Name, err)
		}
		e.layers = append(e.layers, l)
		index[ls.Name] = 1 + i
		shapes = append(shapes, l.info.Shape)
		levels = append(levels, l.level)
		for len(e.levels) <= l.level {
			e.levels = append(e.levels, nil)
		}
		e.levels[l.level] = append(e.levels[l.level], i)
	}
	return nil
}

func (e *Engine) compileLayer(ls LayerSpec, index map[string]int, shapes []pipeline.Shape, levels []int) (layer, error) {
	if n := len(ls.Inputs); n < 1 || n > maxInputs {
		return layer{}, fmt.Errorf("%d inputs outside 1..%d", n, maxInputs)
	}
	if ls.Neuron == nil {
		return layer{}, fmt.Errorf("no neuron model")
	}
	if err := ls.Neuron.validate(); err != nil {
		return layer{}, err
	}
	l := layer{level: 0, outs: make([]pipeline.Spikes, e.shards), counts: make([]counts, e.shards)}
	var in pipeline.Shape
	froms := make([]int, len(ls.Inputs))
	for i, c := range ls.Inputs {
		from, ok := index[c.From]
		if !ok {
			return layer{}, fmt.Errorf("input %q is no earlier layer", c.From)
		}
		shape, err := c.Kernel.outShape(shapes[from])
		if err != nil {
			return layer{}, fmt.Errorf("input %q: %w", c.From, err)
		}
		if in != nil && fmt.Sprint(in) != fmt.Sprint(shape) {
			return layer{}, fmt.Errorf("input %q delivers %v, the first one %v", c.From, shape, in)
		}
		if d := c.Depress; d != nil && !(d.Use > 0 && d.Use < 1 && d.Recovery > 0) {
			return layer{}, fmt.Errorf("input %q: depression with use %v and recovery %v", c.From, d.Use, d.Recovery)
		}
		in, froms[i] = shape, from
		l.level = max(l.level, levels[from]+1)
		l.info.Synapses += c.Kernel.synapses(shapes[from])
	}
	l.info.Name, l.info.Shape = ls.Name, ls.Neuron.outShape(in)
	if l.info.Shape.Size() > maxNeurons {
		return layer{}, fmt.Errorf("%v is more than %d neurons", l.info.Shape, maxNeurons)
	}
	return l, e.buildBlocks(&l, ls, in, froms, shapes)
}

// buildBlocks gives every shard its part of the layer.
func (e *Engine) buildBlocks(l *layer, ls LayerSpec, in pipeline.Shape, froms []int, shapes []pipeline.Shape) error {
	switch n := ls.Neuron.(type) {
	case LIF:
		l.shared = newLIFLayer(n, in.Size())
		for s := range e.shards {
			b := &lifBlock{lifLayer: l.shared}
			for i, c := range ls.Inputs {
				if c.Kernel.passThrough {
					c.Kernel = onePixel(in[0])
				}
				a := arrival{from: froms[i], scatter: newScatter(c.Kernel, shapes[froms[i]], in, owner(s, e.shards))}
				if c.Depress != nil {
					a.depress = newDepressBlock(*c.Depress, shapes[froms[i]].Size())
				}
				b.inputs = append(b.inputs, a)
			}
			l.blocks = append(l.blocks, b)
		}
	case TimeDifference:
		if len(ls.Inputs) != 1 || !ls.Inputs[0].Kernel.passThrough || ls.Inputs[0].Depress != nil {
			return fmt.Errorf("time differences take one identity connection without depression")
		}
		if froms[0] == 0 && e.clock.step > 1 {
			return fmt.Errorf("time differences of raw input need exact times, not a step")
		}
		l.info.Graded = true
		l.info.Synapses *= uint64(len(n.Taps))
		for s := range e.shards {
			l.blocks = append(l.blocks, newTDEBlock(n, in, froms[0], owner(s, e.shards)))
		}
	}
	return nil
}

// onePixel is the identity as a depth-wise 1x1 convolution.
func onePixel(channels int) Conv2d {
	w := make([]float32, channels)
	for i := range w {
		w[i] = 1
	}
	return Conv2d{Weight: w, OutChannels: channels, KH: 1, KW: 1, Stride: 1, Groups: channels}
}
