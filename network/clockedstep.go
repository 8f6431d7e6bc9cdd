package network

import (
	"slices"

	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// step runs all steps of the window in turn.
func (b *clockedBlock) step(w *window, out *pipeline.Spikes) counts {
	b.counts = counts{}
	if w.fresh {
		for i := range b.inputs {
			b.pos[i] = w.skip[b.inputs[i].from]
		}
	}
	for tick := w.from; tick < w.to; tick += w.clock.step {
		b.tick(w, tick, out)
	}
	return b.counts
}

// tick runs one step: inputs, drives, update, spikes.
func (b *clockedBlock) tick(w *window, tick int64, out *pipeline.Spikes) {
	count := (tick-w.clock.begin)/w.clock.step + 1
	any := false
	for i := range b.inputs {
		any = b.receive(i, w, tick, count) || any
	}
	b.advance(w, tick, count, any)
	if b.Compete != nil {
		b.contest()
	}
	b.flush(tick, out)
	if b.learns {
		b.learn(w.frozen)
	}
	b.fired = b.fired[:0]
}

// advance updates the neurons that the step concerns.
func (b *clockedBlock) advance(w *window, tick, count int64, any bool) {
	if b.waits {
		b.updateWoken()
		return
	}
	if b.Drive != nil {
		b.add(b.Drive)
		any = true
	}
	if b.LateDrive != nil && !w.clock.first(tick) {
		b.add(b.LateDrive)
		any = true
	}
	if b.ring != nil {
		b.delay(count)
		any = true
	}
	if b.v == nil && b.late == nil && !any {
		return // without state, silence stays silent
	}
	for _, s := range b.own {
		b.update(s)
	}
}

// learn ends a step for what changes with spikes: plastic connections and
// homeostatic thresholds.
func (b *clockedBlock) learn(frozen bool) {
	b.places = b.places[:0]
	for _, id := range b.fired {
		b.places = append(b.places, b.place(id))
	}
	for i := range b.inputs {
		if p := b.inputs[i].plastic; p != nil {
			p.learn(b.places, frozen)
		}
	}
	if b.theta != nil && !frozen {
		b.balance(b.places)
	}
}

// add adds a drive by place.
func (b *clockedBlock) add(drive []float32) {
	for _, s := range b.own {
		asm.AddScaled(b.x[s.first:s.first+s.n], drive[s.first:s.first+s.n], 1)
	}
}

// delay puts the inputs of the step into the ring and takes out what is due.
func (b *clockedBlock) delay(count int64) {
	size := int64(len(b.x))
	slots := int64(len(b.ring)) / size
	now := count % slots
	for _, s := range b.own {
		for n := s.first; n < s.first+s.n; n++ {
			b.ring[(now+int64(b.delays[n]))%slots*size+int64(n)] += b.x[n]
			due := &b.ring[now*size+int64(n)]
			b.x[n], *due = *due, 0
		}
	}
}

// flush sends the step's spikes in order of id.
func (b *clockedBlock) flush(tick int64, out *pipeline.Spikes) {
	if len(b.fired) > 0 {
		if (b.channels > 1 || b.waits || b.Compete != nil) && !slices.IsSorted(b.fired) {
			slices.Sort(b.fired)
		}
		appendIDs(out, tick, b.fired)
	}
	if len(b.graded) == 0 {
		return
	}
	byID := func(a, b value) int { return int(a.id) - int(b.id) }
	if !slices.IsSortedFunc(b.graded, byID) {
		slices.SortFunc(b.graded, byID)
	}
	for _, g := range b.graded {
		out.AppendGraded(tick, g.id, g.v)
	}
	b.graded = b.graded[:0]
}
