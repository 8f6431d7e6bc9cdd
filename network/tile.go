package network

import "ganglion/pipeline"

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
func (e *Engine) tiles(index int, ls LayerSpec, shape pipeline.Shape) int {
	if n, ok := ls.Neuron.(Clocked); !ok || indivisible(ls, n) || e.loops(index) {
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
	return max(1, min(shape.Size()/e.shards/fit, maxShards/e.shards))
}

// loops reports whether a layer is in a loop, and so sees one step at a time.
func (e *Engine) loops(index int) bool {
	for _, s := range e.stages {
		for _, l := range s.layers {
			if l == index {
				return s.loop
			}
		}
	}
	return false
}
