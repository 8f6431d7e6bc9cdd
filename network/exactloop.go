package network

import (
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// exactLoop is a loop of event-driven layers. It is run from event to event:
// from the next time t at which something happens in it up to t+delay, delay
// being the shortest time in which a spike of the loop can come back. Silence
// is skipped.
//
// The protocol of a round, [t, t+delay):
//
//   - feeders are cut to what arrives before its end and sent on their way;
//   - each layer in turn collects what its routes deliver before the end, runs
//     on all shards behind one barrier, and its spikes are merged and sent on
//     their way before the next layer runs;
//   - so when a layer runs, everything that reaches it in the round is in its
//     train: what came from outside, from layers before it, and, from layers
//     behind it, what was sent in rounds before.
//
// What a layer behind sends in this round arrives in a later one, which is why
// rounds may be as long as delay and no longer. Routes are written between
// barriers alone, by the caller's goroutine; shards only read their trains.
//
// The simpler way, a round for every µs or a step that spikes are rounded to,
// costs what the silence costs, or spike times. When a neuron fires by itself is
// found by looking again where its tangent reaches the threshold. Solving for
// the time at every input instead took 18.5 s for a second of CUBA, looking
// again 1.1 s (docs/decisions.md).
type exactLoop struct {
	delay   int64 // µs
	layers  []int
	routes  []*route // that lead into the loop
	feeders []feeder
	skips   []int // of the loop's layers, outside of it
}

// feeder is a train that leads into a loop from without.
type feeder struct {
	from  int              // its index
	whole *pipeline.Spikes // of the window
	next  int              // its next run
	skip  int              // runs that stood there before the window
	view  pipeline.Spikes  // the part that the loop is at
}

// newExactLoop looks at a loop of layers. It is nil for clocked layers.
func newExactLoop(m *machine, index map[string]int, spec Spec, layers []int) (*exactLoop, error) {
	steps := 0
	for _, l := range layers {
		if _, ok := spec.Layers[l].Neuron.(Clocked); ok {
			steps++
		}
	}
	switch {
	case steps == len(layers):
		return nil, nil
	case steps > 0:
		return nil, fmt.Errorf("layer %q is in a loop of clocked and event-driven layers", spec.Layers[layers[0]].Name)
	}
	x := &exactLoop{delay: never, layers: layers, skips: make([]int, len(layers))}
	for _, l := range m.routes {
		if slices.Contains(layers, l.layer) {
			x.routes = append(x.routes, l)
			if l.recurrent {
				x.delay = min(x.delay, l.shortest())
			}
		}
	}
	for _, l := range layers {
		for _, in := range spec.Layers[l].Inputs {
			from := index[in.From]
			if !slices.Contains(layers, from-1) && !slices.ContainsFunc(x.feeders, func(o feeder) bool { return o.from == from }) {
				x.feeders = append(x.feeders, feeder{from: from})
			}
		}
	}
	return x, nil
}

// run runs the loop through the window.
func (x *exactLoop) run(m *machine, w pipeline.Window, out *pipeline.Activity) error {
	x.enter(m)
	for t := w.Start; ; {
		if t = x.next(m, t); t >= w.End {
			break
		}
		to := w.End
		if x.delay < to-t {
			to = t + x.delay
		}
		m.win.from, m.win.to = t, to
		for _, l := range x.routes {
			l.out.Reset()
		}
		for i := range x.feeders {
			x.feeders[i].advance(to)
			if err := x.feed(x.feeders[i].from, &x.feeders[i].view); err != nil {
				return err
			}
		}
		for i := range x.layers {
			if err := x.pass(m, i, &out.Layers[x.layers[i]]); err != nil {
				return err
			}
		}
		t = to
	}
	x.leave(m, out)
	m.win.from, m.win.to = w.Start, w.End
	return nil
}

// enter lets the loop's layers read the parts of trains that the loop is at.
func (x *exactLoop) enter(m *machine) {
	for i := range x.feeders {
		o := &x.feeders[i]
		o.whole, o.skip = m.win.trains[o.from], m.win.skip[o.from]
		o.next = o.skip
		m.win.trains[o.from], m.win.skip[o.from] = &o.view, 0
	}
	for i, l := range x.layers {
		x.skips[i] = m.win.skip[1+l]
		m.win.trains[1+l], m.win.skip[1+l] = &m.layers[l].now, 0
	}
}

// feed sends a train of the part that the loop is at on its way.
func (x *exactLoop) feed(from int, s *pipeline.Spikes) error {
	for _, l := range x.routes {
		if l.from == from {
			if err := l.feed(s, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave gives the trains of the window back.
func (x *exactLoop) leave(m *machine, out *pipeline.Activity) {
	for i := range x.feeders {
		o := &x.feeders[i]
		m.win.trains[o.from], m.win.skip[o.from] = o.whole, o.skip
	}
	for i, l := range x.layers {
		m.win.trains[1+l], m.win.skip[1+l] = &out.Layers[l].Spikes, x.skips[i]
	}
}

// advance moves the view on to what lies before time to.
func (o *feeder) advance(to int64) {
	first := o.next
	for o.next < len(o.whole.T) && o.whole.T[o.next] < to {
		o.next++
	}
	o.view = pipeline.Spikes{T: o.whole.T[first:o.next], IDs: o.whole.IDs, Values: o.whole.Values}
	if o.next > first {
		o.view.Offsets = o.whole.Offsets[first : o.next+1]
	}
}

// next is the next time, not before t, at which something happens in the loop.
func (x *exactLoop) next(m *machine, t int64) int64 {
	next := int64(never)
	for i := range x.feeders {
		if o := &x.feeders[i]; o.next < len(o.whole.T) {
			next = min(next, o.whole.T[o.next])
		}
	}
	for _, l := range x.routes {
		if len(l.flying) > 0 {
			next = min(next, l.flying[0].t)
		}
	}
	for _, l := range x.layers {
		for _, blk := range m.layers[l].blocks {
			if b, ok := blk.(*exactBlock); ok {
				next = min(next, b.pending(t))
			}
		}
	}
	return max(next, t)
}

// pass runs layer i of the loop.
func (x *exactLoop) pass(m *machine, i int, out *pipeline.LayerActivity) error {
	l := x.layers[i]
	for _, route := range x.routes {
		if route.layer == l {
			route.collect(m.win.to)
		}
	}
	m.run(x.layers[i : i+1])
	layer := &m.layers[l]
	layer.now.Reset()
	merge(layer.outs, &layer.now)
	layer.count(out)
	for run := range layer.now.T {
		appendRun(&out.Spikes, &layer.now, run)
	}
	return x.feed(1+l, &layer.now)
}
