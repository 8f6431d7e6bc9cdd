package network

import (
	"slices"

	"ganglion/internal/asm"
)

// receive adds the spikes of one input in one step, which is step number count.
func (b *clockedBlock) receive(i int, w *window, tick, count int64) (any bool) {
	a := &b.inputs[i]
	train := w.trains[a.from]
	pos := b.pos[i]
	if a.next || w.looped[a.from] { // a train of one step alone
		pos = 0
		if a.next {
			train = w.previous[a.from]
		}
	}
	weights := a.wiring.weights()
	for ; pos < len(train.T) && (a.next || train.T[pos] < tick+w.clock.step); pos++ {
		if a.plastic != nil {
			a.plastic.arrived = append(a.plastic.arrived, train.Run(pos)...)
		}
		any = true
		lo, hi := train.Offsets[pos], train.Offsets[pos+1]
		values := train.Values
		if len(values) > 0 {
			values = values[lo:hi]
		}
		if b.receiveRun(a, train.IDs[lo:hi], values) {
			continue
		}
		for k := lo; k < hi; k++ {
			gain := float32(1)
			if len(train.Values) > 0 {
				gain = train.Values[k]
			}
			if a.resource != nil {
				gain *= a.resource.take(train.IDs[k], count)
			}
			b.reach = a.wiring.reach(train.IDs[k], b.reach[:0])
			reached := 0
			for _, s := range b.reach {
				reached += int(s.n)
				if a.lag != nil {
					a.lag.send(s, weights, gain, count)
					continue
				}
				if b.waits {
					b.wake(s, count)
				}
				asm.AddScaled(b.x[s.first:s.first+s.n], weights[s.w:s.w+s.n], gain)
			}
			b.counts.synOps += a.crossed(train.IDs[k], gain, reached)
		}
	}
	b.pos[i] = pos
	if a.lag != nil {
		a.lag.deliver(b.x, b.own, count)
		any = true
	}
	return any
}

// wake notes that the blocks of a segment get input in step number count.
func (b *clockedBlock) wake(s segment, count int64) {
	from, _ := b.blockOf.div(uint32(s.first))
	to, _ := b.blockOf.div(uint32(s.first + s.n - 1))
	for k := from; k <= to; k++ {
		if slept := count - b.awake[k]; slept > 0 {
			b.awake[k] = count
			b.woken, b.slept = append(b.woken, int32(k)), append(b.slept, slept-1)
		}
	}
}

// plainInput reports whether spikes of an input only add weights to neurons that
// are all awake, so that a run of them can be taken together.
func (b *clockedBlock) plainInput(a *arrival) bool {
	return !b.waits && a.lag == nil && a.resource == nil
}

// receiveRun adds the spikes of one run of a dense or sparse input at once. It
// reports whether it knows how.
func (b *clockedBlock) receiveRun(a *arrival, ids []uint32, values []float32) bool {
	if !a.plain {
		return false
	}
	switch w := a.wiring.(type) {
	case *denseWiring:
		if a.from == 0 { // the kernel does not look, and other trains are the engine's own
			_ = w.weight[:(int(slices.Max(ids))+1)*int(w.width)]
		}
		for _, r := range w.runs {
			asm.AddRows(b.x[r.first:r.first+r.n], w.weight[r.w:], int(w.width), ids, values)
		}
		b.counts.synOps += a.effective(ids, values, int(w.width))
	case *sparseWiring:
		b.addSparse(w, a, ids, values)
	default:
		return false
	}
	return true
}

// addSparse adds the synapses of spikes one by one.
func (b *clockedBlock) addSparse(w *sparseWiring, a *arrival, ids []uint32, values []float32) {
	x := b.x
	for k, id := range ids {
		gain := float32(1)
		if len(values) > 0 {
			gain = values[k]
		}
		from, to := w.offsets[id], w.offsets[id+1]
		targets := w.targets[from:to]
		if w.even {
			value := float32(w.weight[id] * gain)
			for _, n := range targets {
				x[n] += value
			}
		} else {
			weight := w.weight[from:to]
			for j, n := range targets {
				x[n] += float32(weight[j] * gain)
			}
		}
		b.counts.synOps += a.crossed(id, gain, len(targets))
	}
}
