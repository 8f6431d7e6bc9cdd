package network

import (
	"errors"
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// compiler knows names and shapes while a spec is compiled. Position 0 is the
// input, 1+i layer i.
type compiler struct {
	*machine
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
			return fmt.Errorf("input %q must be recurrent exactly when it is not an earlier layer", in.From)
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

// arrivals wires a layer's inputs for the shard that owns some of its rows.
func (c *compiler) arrivals(at int, ls LayerSpec, own func(row int) bool, order order) []arrival {
	var as []arrival
	for _, in := range ls.Inputs {
		from := c.index[in.From]
		a := arrival{from: from, next: in.Recurrent}
		if in.Plastic != nil {
			a.plastic, a.wiring = newPlastic(in, c.shapes[from], c.shapes[at], own, c.win.clock.step)
		} else {
			a.wiring = in.Kernel.wire(c.shapes[from], c.shapes[at], own, order)
			if s, ok := a.wiring.(*sparseWiring); ok && in.Delays == nil {
				s.gather()
			}
		}
		if in.Depress != nil && order == channelFirst {
			a.depress = newDepression(*in.Depress, c.shapes[from].Size())
		}
		as = append(as, a)
	}
	return as
}

// tileRows is the height of the stripes that are dealt to the shards in turn.
// Stripes much lower than objects keep the shards evenly busy; stripes much
// higher than a kernel keep halos cheap.
const tileRows = 16

// owner reports which rows of a layer a shard owns: stripes of a retinotopic
// layer, one range of a flat one.
func owner(shape pipeline.Shape, shard, shards int) func(row int) bool {
	_, h, w := extent(shape)
	if w == 1 { // whole blocks, which are woken together
		blocks := (h + flatBlock - 1) / flatBlock
		return func(row int) bool { return row/flatBlock*shards/blocks == shard }
	}
	return func(row int) bool { return row/tileRows%shards == shard }
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

// A step of a dense layer reads the weights of all neurons that fired, and the
// next step reads others. Weights that do not fit the cache of a core then come
// from the one that the cores share, and two shards wait for it as long as one.
// So a shard goes through a whole window with a tile of its neurons whose
// weights do fit, then with the next tile.
const (
	tileBytes   = 384 << 10 // of weights: within the 512 KiB and more that a core of a server or a single-board computer has to itself
	tileNeurons = 64        // at least: what the vector kernel sums in registers
)

// tiles is how many blocks each shard makes of a layer.
func (c *compiler) tiles(index int, ls LayerSpec, shape pipeline.Shape) int {
	if n, ok := ls.Neuron.(Clocked); !ok || indivisible(ls, n) || c.loops(index) {
		return 1
	}
	dense := 0 // inputs of each neuron
	for _, in := range ls.Inputs {
		if in.Plastic != nil || in.Depress != nil || in.Delays != nil {
			return 1 // they keep state that every block would hold a copy of
		}
		if k, ok := in.Kernel.(Dense); ok {
			dense += k.In
		}
	}
	if dense == 0 {
		return 1
	}
	fit := max(tileNeurons, tileBytes/4/dense)
	return max(1, min(shape.Size()/c.shards/fit, maxShards/c.shards))
}

// loops reports whether a layer is in a loop, and so sees one step at a time.
func (c *compiler) loops(index int) bool {
	for _, s := range c.stages {
		for _, l := range s.layers {
			if l == index {
				return s.loop
			}
		}
	}
	return false
}
