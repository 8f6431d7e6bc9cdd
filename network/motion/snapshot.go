package motion

import (
	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// readoutState is the version of the layout below.
const readoutState = 1

// AppendState implements [pipeline.Stateful].
func (r *Readout) AppendState(b []byte) ([]byte, error) {
	c := track.NewWriter(b)
	r.fields(c)
	return c.Bytes(), c.Close()
}

// RestoreState implements [pipeline.Stateful].
func (r *Readout) RestoreState(b []byte) error {
	c := track.NewReader(b)
	r.fields(c)
	return c.Close()
}

func (r *Readout) fields(c *track.Codec) {
	version := uint64(readoutState)
	c.Uint64(&version)
	c.Demand(version == readoutState)
	r.clock.Fields(c)
	r.tracker.Fields(c)
	for i := range r.grid.until {
		track.Integer(c, &r.grid.until[i])
	}
	r.flicker.fields(c)
	r.fast.fields(c, r.clock.Length, r.w, r.h)
	r.slow.fields(c, r.clock.Length, r.w, r.h)
}

var _ pipeline.Stateful = (*Readout)(nil)
