package network

import (
	"ganglion/internal/floor"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// layer is a compiled LayerSpec.
type layer struct {
	info   pipeline.Layer
	shared shared  // nil for a time-difference layer
	tiles  int     // blocks of each shard, side by side
	blocks []block // by shard and tile
	outs   []shardTrain
	counts []counts
	// A layer in a loop keeps its train of the running and of the last step.
	now, past pipeline.Spikes
}

// apart keeps what two shards write on cache lines of their own.
type apart [128]byte

// shardTrain is what one block of a layer fired.
type shardTrain struct {
	pipeline.Spikes
	_ apart
}

// shared is the state that the shards of a layer share.
type shared interface {
	fields(c *state.Codec, end int64) // end of the last window, µs
}

// block is one shard's part of a layer, or a tile of it.
type block interface {
	step(w *window, out *pipeline.Spikes) counts
}

// window is what the blocks need to know of the window being run.
type window struct {
	clock    clock
	from, to int64              // the steps to run, µs
	fresh    bool               // the trains are new
	frozen   bool               // nothing is learned
	trains   []*pipeline.Spikes // trains[0] input, trains[1+i] layer i, then routes
	skip     []int              // runs of each train that stood there before the window
	previous []*pipeline.Spikes // trains of the last step, for layers in loops
	looped   []bool             // the train holds one step alone: its layer is in the running loop
}

// counts is what a block did in one window.
type counts struct{ synOps, updates uint64 }

// clock turns sensor time into a shard's 32-bit relative time and back.
type clock struct {
	base  int64 // sensor time of relative time 0, µs
	step  int64 // times are floored to a multiple of it, µs; 1 keeps them
	begin int64 // start of the first window, µs
}

// first reports whether a step is the network's first.
func (c clock) first(tick int64) bool { return tick == c.begin }

func (c clock) rel(t int64) int32 {
	if c.step > 1 {
		t -= floor.Mod(t, c.step)
	}
	return int32(t - c.base)
}

func (c clock) abs(t int32) int64 { return c.base + int64(t) }

// segment is a run of n neurons from first on, whose weights stand from w on.
type segment struct{ first, n, w int32 }

// extent is a shape as channels, rows and columns: [N] is N rows of one
// column, [C, N] is C channels of N rows of one column.
func extent(s pipeline.Shape) (c, h, w int) {
	switch len(s) {
	case 1:
		return 1, s[0], 1
	case 2:
		return s[0], s[1], 1
	case 3:
		return s[0], s[1], s[2]
	default:
		return 1, s.Size(), 1
	}
}

// maxNeurons bounds a layer: ids must fit the engine's divisions.
const maxNeurons = 1 << 24

// maxShards bounds the goroutines of one network.
const maxShards = 256
