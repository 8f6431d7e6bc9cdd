package track

import "ganglion/pipeline/state"

// drag is how a track has moved of late against the picture before a moving camera.
// What belongs to the picture moves with it, whatever the flow of the spikes that
// made a track of it.
type drag struct {
	at     Vec     // centre at the end of the last period
	own    Vec     // way against the picture, px, leaky
	passed float64 // way of the picture, px, leaky
}

const (
	dragKeep  = .95 // of the ways, from period to period
	dragLeast = 8   // px of the picture, before which nothing is told
	dragShare = .2  // of the picture's way: what moves otherwise by less is carried along
)

// Carry records that the picture below a track has moved with a velocity, px/s, for the
// period that ends. It is called between Merge and Publish; what is carried along by
// the picture is not confirmed, and ends.
func (k *Tracker) Carry(t *Track, v Vec) {
	step, d := v.Times(k.dt), &t.against
	if d.passed > 0 {
		d.own = d.own.Times(dragKeep).Plus(t.Centre.Minus(d.at).Minus(step))
	}
	d.at, d.passed = t.Centre, float64(dragKeep*d.passed)+step.Norm()
}

// carried reports whether the track goes with the picture.
func (d *drag) carried() bool {
	return d.passed > dragLeast && d.own.Norm() < float64(dragShare*d.passed)
}

func (d *drag) fields(s *state.Codec) {
	d.at.fields(s)
	d.own.fields(s)
	Finite(s, &d.passed)
}
