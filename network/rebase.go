package network

import (
	"time"

	"ganglion/pipeline"
)

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
	c := &e.win.clock
	if !e.began {
		e.began = true
		c.base = w.Start - headroom
	} else if w.End-c.base > maxRelative {
		delta := w.Start - headroom - c.base
		e.shift(int32(min(delta, maxRelative+headroom)))
		c.base += delta
	}
	e.end = w.End
}

func (e *Engine) shift(delta int32) {
	for i := range e.layers {
		for _, b := range e.layers[i].blocks {
			if r, ok := b.(interface{ shift(delta int32) }); ok {
				r.shift(delta)
			}
		}
	}
}
