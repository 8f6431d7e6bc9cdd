package baseline

import (
	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// readoutState is the version of the layout below.
const readoutState = 1

// AppendState implements [pipeline.Stateful].
func (r *readout) AppendState(b []byte) ([]byte, error) {
	c := track.NewWriter(b)
	r.fields(c)
	return c.Bytes(), c.Close()
}

// RestoreState implements [pipeline.Stateful].
func (r *readout) RestoreState(b []byte) error {
	c := track.NewReader(b)
	r.fields(c)
	return c.Close()
}

func (r *readout) fields(c *track.Codec) {
	version := uint64(readoutState)
	c.Uint64(&version)
	c.Demand(version == readoutState)
	r.clock.Fields(c)
	r.tracker.Fields(c)
	r.noise.Fields(c)
	c.Uint64(&r.dropped)
	n := c.Length(len(r.points), r.cfg.Most)
	if c.Reading() {
		r.points = make([]track.Point, n)
	}
	for i := range r.points {
		c.Point(&r.points[i], r.w, r.h)
	}
}

var _ pipeline.Stateful = (*readout)(nil)
