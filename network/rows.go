package network

import (
	"slices"

	"ganglion/internal/asm"
)

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

// effective counts the effective operations of spikes that cross width synapses
// each.
func (a *arrival) effective(ids []uint32, values []float32, width int) (ops uint64) {
	if a.fan == nil && len(values) == 0 {
		return uint64(width) * uint64(len(ids))
	}
	for k, id := range ids {
		gain := float32(1)
		if len(values) > 0 {
			gain = values[k]
		}
		ops += a.crossed(id, gain, width)
	}
	return ops
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
		targets, weight := w.targets[from:to], w.weight[from:to]
		for j, n := range targets {
			x[n] += float32(weight[j] * gain)
		}
		b.counts.synOps += a.crossed(id, gain, len(targets))
	}
}
