package motion

import (
	"ganglion/network/track"
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
	r.noise.Fields(c)
	track.Integer(c, &r.taken)
	c.Uint64(&r.dropped)
	for i := range r.grid.until {
		track.Integer(c, &r.grid.until[i])
	}
	r.flicker.fields(c)
	n := c.Length(len(r.spikes), r.most())
	if c.Reading() {
		r.spikes = make([]spike, n)
	}
	for i := range r.spikes {
		s := &r.spikes[i]
		c.Point(&s.Point, r.w, r.h)
		c.Float32(&s.slowness[0])
		c.Float32(&s.slowness[1])
	}
}

var _ pipeline.Stateful = (*Readout)(nil)
