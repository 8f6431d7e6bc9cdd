package zones

import (
	"ganglion/network/motion/track"
	"ganglion/pipeline/state"
)

// Fields carries what the rules know, between two periods.
func (w *Watch) Fields(c *state.Codec) {
	for i := range w.counted {
		c.Uint64(&w.counted[i].forward)
		c.Uint64(&w.counted[i].backward)
	}
	for i := range w.occupants {
		state.Integer(c, &w.occupants[i])
	}
	for i := range w.alarms {
		w.alarms[i].fields(c)
	}
	state.List(c, &w.follows, func(f *follow) {
		if c.Reading() {
			*f = follow{
				seen:  never,
				sides: make([]side, len(w.cfg.Lines)), stays: make([]stay, len(w.cfg.Zones)), ways: make([]way, len(w.cfg.Alarms)),
			}
		}
		f.fields(c)
	})
}

func (a *alarm) fields(c *state.Codec) {
	a.raised.fields(c)
	if len(a.ring) == 0 {
		return
	}
	state.Integer(c, &a.now)
	a.at = c.Length(a.at, len(a.ring)-1)
	a.filled = c.Length(a.filled, len(a.ring))
	if c.Reading() {
		a.sum = 0
	}
	for i := range a.ring {
		state.Integer(c, &a.ring[i])
		if c.Reading() {
			a.sum += uint64(a.ring[i])
		}
	}
}

func (f *follow) fields(c *state.Codec) {
	c.Uint64(&f.id)
	for _, v := range []*float64{&f.at.X, &f.at.Y, &f.box.Min.X, &f.box.Min.Y, &f.box.Max.X, &f.box.Max.Y} {
		track.Finite(c, v)
	}
	state.Integer(c, &f.born)
	state.Integer(c, &f.gone)
	for i := range f.sides {
		s := &f.sides[i]
		state.Integer(c, &s.of)
		state.Integer(c, &s.near)
		track.Finite(c, &s.foot)
	}
	for i := range f.stays {
		s := &f.stays[i]
		c.Bool(&s.in)
		c.Bool(&s.told)
		state.Integer(c, &s.since)
	}
	for i := range f.ways {
		f.ways[i].fields(c)
	}
}

func (y *way) fields(c *state.Codec) {
	c.Bool(&y.raised)
	c.Bool(&y.waiting)
	state.Integer(c, &y.since)
}
