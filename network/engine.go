package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ganglion/pipeline"
)

// maxNeurons bounds a layer: ids must fit the engine's divisions.
const maxNeurons = 1 << 26

// Engine runs a [Spec] on a fixed number of shards. It implements
// [pipeline.Network] and [pipeline.Stateful].
type Engine struct {
	layers  []layer
	levels  [][]int // layer indices; the layers of a level are independent
	shards  int
	workers *workers

	clock clock
	end   int64 // end of the last window
	began bool

	trains []*pipeline.Spikes // trains[0] input, trains[1+i] layer i
}

// layer is a compiled LayerSpec.
type layer struct {
	info   pipeline.Layer
	level  int
	shared *lifLayer // nil for a time-difference layer
	blocks []block   // by shard
	outs   []pipeline.Spikes
	counts []counts
}

// block is one shard's part of a layer.
type block interface {
	step(trains []*pipeline.Spikes, clock clock, out *pipeline.Spikes) counts
}

// New compiles a network for a number of shards, at least 1. The engine owns
// shards-1 goroutines until Close.
func New(spec Spec, shards int) (*Engine, error) {
	if shards < 1 || shards > maxShards {
		return nil, fmt.Errorf("network: %d shards outside 1..%d", shards, maxShards)
	}
	if spec.Step < 0 || spec.Step%time.Microsecond != 0 {
		return nil, fmt.Errorf("network: step %v is not a whole number of µs", spec.Step)
	}
	e := &Engine{shards: shards, clock: clock{step: max(1, spec.Step.Microseconds())}}
	if err := e.compile(spec); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	e.trains = make([]*pipeline.Spikes, 1+len(e.layers))
	e.workers = startWorkers(shards-1, e.runShard)
	return e, nil
}

// Layers implements [pipeline.Network].
func (e *Engine) Layers() []pipeline.Layer {
	infos := make([]pipeline.Layer, len(e.layers))
	for i := range e.layers {
		infos[i] = e.layers[i].info
	}
	return infos
}

// ErrWindow says that a window overlaps its predecessor or is cut off the
// network's step.
var ErrWindow = errors.New("network: bad window")

// Step implements [pipeline.Network].
func (e *Engine) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.End <= w.Start || e.began && w.Start < e.end {
		return fmt.Errorf("%w: [%d, %d) µs after %d µs", ErrWindow, w.Start, w.End, e.end)
	}
	if s := e.clock.step; mod(w.Start, s) != 0 {
		return fmt.Errorf("%w: start %d µs is no multiple of the step of %d µs", ErrWindow, w.Start, s)
	}
	if w.End-w.Start > maxRelative-headroom {
		return fmt.Errorf("%w: %d µs is longer than %d µs", ErrWindow, w.End-w.Start, maxRelative-headroom)
	}
	e.rebase(w)
	e.trains[0] = in
	for i := range e.layers {
		e.trains[1+i] = &out.Layers[i].Spikes
	}
	for level := range e.levels {
		e.workers.run(level)
		for _, l := range e.levels[level] {
			e.layers[l].collect(&out.Layers[l])
		}
	}
	return nil
}

// runShard steps one shard through the layers of one level.
func (e *Engine) runShard(shard, level int) {
	for _, l := range e.levels[level] {
		layer := &e.layers[l]
		out := &layer.outs[shard]
		out.Reset()
		layer.counts[shard] = layer.blocks[shard].step(e.trains, e.clock, out)
	}
}

// collect merges what the shards of a layer did.
func (l *layer) collect(out *pipeline.LayerActivity) {
	if len(l.outs) == 1 {
		out.Spikes, l.outs[0] = l.outs[0], out.Spikes
	} else {
		merge(l.outs, &out.Spikes)
	}
	for _, c := range l.counts {
		out.SynOps += c.synOps
		out.Updates += c.updates
	}
}

// Close implements [pipeline.Network].
func (e *Engine) Close() error {
	e.workers.stop()
	return nil
}

const (
	// maxRelative bounds relative times so that they cannot overflow 31 bits.
	maxRelative = int64(1) << 30
	// headroom is the relative time of a fresh clock: a neuron at relative
	// time 0 was last touched longer ago than anything can remember.
	headroom = 2 * int64(maxSpan/time.Microsecond)
)

// rebase keeps relative times within 31 bits. Shifting them changes nothing
// that a neuron can notice: a time clamped to 0 stays further back than every
// decay's cut.
func (e *Engine) rebase(w pipeline.Window) {
	if !e.began {
		e.began = true
		e.clock.base = w.Start - headroom
	} else if w.End-e.clock.base > maxRelative {
		delta := w.Start - headroom - e.clock.base
		e.shift(int32(min(delta, maxRelative+headroom)))
		e.clock.base += delta
	}
	e.end = w.End
}

func (e *Engine) shift(delta int32) {
	for i := range e.layers {
		l := &e.layers[i]
		if l.shared != nil {
			l.shared.rebase(delta)
		}
		for _, b := range l.blocks {
			switch b := b.(type) {
			case *lifBlock:
				for _, a := range b.inputs {
					if a.depress != nil {
						a.depress.rebase(delta)
					}
				}
			case *tdeBlock:
				b.rebase(delta)
			}
		}
	}
}

var _ pipeline.Network = (*Engine)(nil)
