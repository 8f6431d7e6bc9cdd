package network

import "slices"

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
			addRows(b.x[r.first:r.first+r.n], w.weight[r.w:], int(w.width), ids, values)
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

// addRows adds the rows ids of a matrix of width columns to x, each times its
// value, if there are values. Every x sums in the order of ids, each of which
// must be a row of w.
func addRows(x, w []float32, width int, ids []uint32, values []float32) {
	done := 0
	if n := len(x) &^ (lanes - 1); fast && n > 0 {
		var gains *float32
		if len(values) > 0 {
			gains = &values[0]
		}
		addRowsAVX(&x[0], &w[0], &ids[0], len(ids), width, n, gains)
		done = n
	}
	if done == len(x) {
		return
	}
	for k, id := range ids {
		row := w[int(id)*width:][:len(x)]
		gain := float32(1)
		if len(values) > 0 {
			gain = values[k]
		}
		for j := done; j < len(x); j++ {
			x[j] += float32(row[j] * gain)
		}
	}
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
