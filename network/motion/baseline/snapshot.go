package baseline

import (
	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// readoutState is the version of the layout below.
const readoutState = 3

// AppendState implements [pipeline.Stateful].
func (r *readout) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

// RestoreState implements [pipeline.Stateful].
func (r *readout) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *readout) fields(c *state.Codec) {
	c.Fixed(readoutState)
	r.clock.Fields(c)
	r.tracker.Fields(c)
	r.watch.Fields(c)
	r.noise.Fields(c)
	c.Uint64(&r.dropped)
	n := c.Length(len(r.points), r.cfg.Most)
	if c.Reading() {
		r.points = make([]track.Point, n)
	}
	for i := range r.points {
		r.points[i].Fields(c, r.w, r.h)
	}
}

var _ pipeline.Stateful = (*readout)(nil)
