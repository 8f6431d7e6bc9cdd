package track

import (
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Fields carries the clock.
func (c *Clock) Fields(s *state.Codec) {
	state.Integer(s, &c.End)
	state.Integer(s, &c.last)
	state.Integer(s, &c.known)
	s.Bool(&c.begun)
}

// Fields carries the tracks, the noise and the counts of events. It is called
// between two periods.
func (k *Tracker) Fields(s *state.Codec) {
	s.Uint64(&k.nextID)
	s.Uint64(&k.refused)
	s.Uint64(&k.events[0])
	s.Uint64(&k.events[1])
	k.support.fields(s)
	k.lostFields(s)
	n := s.Length(len(k.Tracks), k.cfg.Most)
	if s.Reading() {
		k.Tracks = k.Tracks[:0]
		for range n {
			k.Tracks = append(k.Tracks, &Track{})
		}
	}
	for _, t := range k.Tracks {
		t.fields(s)
	}
}

func (t *Track) fields(s *state.Codec) {
	s.Uint64(&t.ID)
	t.State = states[s.Length(max(slices.Index(states[:], t.State), 0), len(states)-1)]
	t.Centre.fields(s)
	t.Size.fields(s)
	t.Velocity.fields(s)
	state.Integer(s, &t.Misses)
	t.Seen.fields(s)
	s.Bool(&t.entering)
	s.Bool(&t.coming)
	t.entry.Min.fields(s)
	t.entry.Max.fields(s)
	Finite(s, &t.way.share)
	t.way.from.fields(s)
	state.Integer(s, &t.way.since)
	state.Integer(s, &t.way.known)
	s.Uint64(&t.mate)
	state.Integer(s, &t.together)
	t.apart.fields(s)
	state.Integer(s, &t.flows)
	state.Integer(s, &t.hits)
	state.Integer(s, &t.born)
	t.origin.fields(s)
	t.against.fields(s)
	Finite(s, &t.Parting)
	t.Gap.fields(s)
	state.Integer(s, &t.Abreast)
	s.Bool(&t.single)
	Finite(s, &t.told)
	state.Integer(s, &t.alone)
	Finite(s, &t.stance.upright)
	t.course.fields(s)
	t.shown.fields(s)
	t.rest.Min.fields(s)
	t.rest.Max.fields(s)
	Finite(s, &t.whole)
	state.Integer(s, &t.thin)
	state.Integer(s, &t.published)
	s.Demand(t.Misses >= 0 && t.flows >= 0 && t.hits >= 0 && t.alone >= 0 && t.Abreast >= 0, "a track has been seen less than never")
}

var states = [...]pipeline.TrackState{pipeline.Tentative, pipeline.Confirmed, pipeline.Coasting}

func (b *Blob) fields(s *state.Codec) {
	b.Box.Min.fields(s)
	b.Box.Max.fields(s)
	b.Centroid.fields(s)
	state.Integer(s, &b.N)
	state.Integer(s, &b.On)
	b.Velocity.fields(s)
	s.Bool(&b.Flow)
	s.Bool(&b.Rough)
	Finite(s, &b.Long)
	Finite(s, &b.Thick)
	Finite(s, &b.Evidence)
	state.Integer(s, &b.First)
	state.Integer(s, &b.Last)
}

func (u *support) fields(s *state.Codec) {
	u.seen = carryTally(s, u.now)
	u.before = carryTally(s, u.past)
}

// carryTally carries the cells that are not zero, and returns their sum.
func carryTally(s *state.Codec, cells []tally) (sum uint64) {
	var used []int32
	for c, t := range cells {
		if t.n > 0 && !s.Reading() {
			used = append(used, int32(c))
		}
	}
	if n := s.Length(len(used), len(cells)); s.Reading() {
		clear(cells)
		used = make([]int32, n)
	}
	for i := range used {
		c := s.Length(int(used[i]), len(cells)-1)
		state.Integer(s, &cells[c].n)
		state.Integer(s, &cells[c].on)
		sum += uint64(cells[c].n)
	}
	return sum
}
