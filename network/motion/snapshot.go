package motion

import (
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// readoutState is the version of the layout below.
const readoutState = 11

// AppendState implements [pipeline.Stateful].
func (r *Readout) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

// RestoreState implements [pipeline.Stateful].
func (r *Readout) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *Readout) fields(c *state.Codec) {
	c.Fixed(readoutState)
	r.clock.Fields(c)
	r.tracker.Fields(c)
	r.watch.Fields(c)
	for i := range r.grid.until {
		state.Integer(c, &r.grid.until[i])
	}
	if c.Reading() {
		r.grid.restored()
	}
	r.flicker.fields(c)
	r.camera.fields(c)
	r.fast.fields(c, r.clock.Length, r.w, r.h)
	r.slow.fields(c, r.clock.Length, r.w, r.h)
}

var _ pipeline.Stateful = (*Readout)(nil)
