package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ganglion/internal/floor"
	"ganglion/pipeline"
)

// Engine runs a [Spec] on a fixed number of shards. It implements
// [pipeline.Network] and [pipeline.Stateful].
type Engine struct {
	machine
	loops []*exactLoop // by stage; nil for one that is not a loop of event-driven layers
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
	e := &Engine{machine: machine{input: spec.Input, shards: shards}}
	e.win.clock.step = max(1, spec.Step.Microseconds())
	var err error
	if e.loops, err = compile(&e.machine, spec); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	n := 1 + len(e.layers) + len(e.routes)
	e.win.trains, e.win.previous = make([]*pipeline.Spikes, n), make([]*pipeline.Spikes, n)
	e.win.looped, e.win.skip = make([]bool, n), make([]int, n)
	for i, l := range e.routes {
		e.win.trains[1+len(e.layers)+i] = &l.out
	}
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

// WindowStep implements [pipeline.Stepped].
func (e *Engine) WindowStep() int64 { return e.win.clock.step }

// ErrWindow means that a window overlaps its predecessor or is cut off the
// network's step.
var ErrWindow = errors.New("network: bad window")

// Step implements [pipeline.Network]. A network that acts in silence lives through
// the gap between two windows; what it fires there is reported with the later window,
// at its own times.
func (e *Engine) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	if err := e.check(w); err != nil {
		return err
	}
	if (e.clocked || e.restless) && e.began {
		piece := maxGap * e.win.clock.step
		if !e.clocked {
			piece = maxSilence
		}
		for start := e.end; start < w.Start; start = e.end {
			if err := ctx.Err(); err != nil {
				return err
			}
			gap := pipeline.Window{Start: start, End: min(start+piece, w.Start)}
			if err := e.advance(gap, &pipeline.Spikes{}, out); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return e.advance(w, in, out)
}

// maxGap is how many silent steps are run at once, maxSilence how many µs
// of an event-driven network.
const (
	maxGap     = 10_000
	maxSilence = 10_000_000
)

func (e *Engine) check(w pipeline.Window) error {
	if w.End <= w.Start || e.began && w.Start < e.end {
		return fmt.Errorf("%w: [%d, %d) µs after %d µs", ErrWindow, w.Start, w.End, e.end)
	}
	s := e.win.clock.step
	if floor.Mod(w.Start, s) != 0 || e.clocked && floor.Mod(w.End, s) != 0 {
		return fmt.Errorf("%w: [%d, %d) µs is not cut at multiples of the step of %d µs", ErrWindow, w.Start, w.End, s)
	}
	if w.End-w.Start > maxRelative-headroom {
		return fmt.Errorf("%w: %d µs is longer than %d µs", ErrWindow, w.End-w.Start, maxRelative-headroom)
	}
	return nil
}

// advance runs all stages through a window.
func (e *Engine) advance(w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	if !e.began {
		e.win.clock.begin = w.Start
		e.begin(w.Start)
	}
	e.rebase(w)
	e.win.from, e.win.to, e.win.fresh = w.Start, w.End, true
	e.win.frozen = e.learning.frozen
	e.win.trains[0] = in
	for i := range e.layers {
		e.win.trains[1+i], e.win.skip[1+i] = &out.Layers[i].Spikes, out.Layers[i].Spikes.Runs()
	}
	for i := range e.stages {
		s := &e.stages[i]
		e.workers.loop(s.loop)
		switch {
		case e.loops[i] != nil:
			if err := e.loops[i].run(&e.machine, w, out); err != nil {
				return err
			}
		case s.loop:
			e.runLoop(s, w, out)
		default:
			if err := e.prepareRoutes(s.layers, w.End); err != nil {
				return err
			}
			e.run(s.layers)
			for _, l := range s.layers {
				e.layers[l].collect(&out.Layers[l])
			}
		}
	}
	return nil
}

// runLoop steps layers that feed each other through the window, step by step.
func (e *Engine) runLoop(s *stage, w pipeline.Window, out *pipeline.Activity) {
	for _, l := range s.layers {
		e.win.looped[1+l] = true
		e.win.previous[1+l] = &e.layers[l].past
	}
	for t := w.Start; t < w.End; t += e.win.clock.step {
		e.win.from, e.win.to = t, t+e.win.clock.step
		for i, l := range s.layers {
			layer := &e.layers[l]
			e.run(s.layers[i : i+1])
			layer.now.Reset()
			if len(layer.outs) == 1 {
				layer.now, layer.outs[0].Spikes = layer.outs[0].Spikes, layer.now
			} else {
				merge(layer.outs, &layer.now)
			}
			layer.count(&out.Layers[l])
			if layer.now.Runs() > 0 {
				appendRun(&out.Layers[l].Spikes, &layer.now, 0)
			}
			e.win.trains[1+l] = &layer.now
		}
		for _, l := range s.layers {
			layer := &e.layers[l]
			layer.now, layer.past = layer.past, layer.now
		}
		e.win.fresh = false
	}
	for _, l := range s.layers {
		e.win.looped[1+l] = false
		e.win.trains[1+l] = &out.Layers[l].Spikes
	}
	e.win.from, e.win.to, e.win.fresh = w.Start, w.End, true
}

// Close implements [pipeline.Network].
func (e *Engine) Close() error {
	e.workers.stop()
	return nil
}

var _ pipeline.Network = (*Engine)(nil)
