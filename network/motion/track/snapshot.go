package track

import "ganglion/pipeline"

// Fields carries the clock.
func (c *Clock) Fields(s *Codec) {
	Integer(s, &c.End)
	Integer(s, &c.last)
	Integer(s, &c.known)
	s.flag(&c.begun)
}

// Fields carries the tracks, the noise and the counts of events. It is called
// between two periods.
func (k *Tracker) Fields(s *Codec) {
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
		t.fields(s, len(k.setup.Lines))
	}
}

func (t *Track) fields(s *Codec, lines int) {
	s.Uint64(&t.ID)
	state := 0
	for i, name := range states {
		if t.State == name {
			state = i
		}
	}
	t.State = states[s.Length(state, len(states)-1)]
	s.vec(&t.Centre)
	s.vec(&t.Size)
	s.vec(&t.Velocity)
	Integer(s, &t.Misses)
	t.Seen.fields(s)
	s.flag(&t.entering)
	s.vec(&t.entry.Min)
	s.vec(&t.entry.Max)
	s.float(&t.way.share)
	s.vec(&t.way.from)
	Integer(s, &t.way.since)
	Integer(s, &t.way.known)
	s.Uint64(&t.mate)
	Integer(s, &t.together)
	s.vec(&t.apart)
	Integer(s, &t.flows)
	Integer(s, &t.hits)
	Integer(s, &t.born)
	s.vec(&t.origin)
	s.float(&t.Parting)
	Integer(s, &t.published)
	s.Demand(t.Misses >= 0 && t.flows >= 0 && t.hits >= 0)
	n := s.Length(len(t.sides), lines)
	if s.Reading() {
		t.sides = make([]int8, n, lines)
	}
	for i := range t.sides {
		Integer(s, &t.sides[i])
	}
}

var states = [...]pipeline.TrackState{pipeline.Tentative, pipeline.Confirmed, pipeline.Coasting}

func (b *Blob) fields(s *Codec) {
	s.vec(&b.Box.Min)
	s.vec(&b.Box.Max)
	s.vec(&b.Centroid)
	Integer(s, &b.N)
	Integer(s, &b.On)
	s.vec(&b.Velocity)
	s.flag(&b.Flow)
	s.flag(&b.Rough)
	s.float(&b.Evidence)
	Integer(s, &b.First)
	Integer(s, &b.Last)
}

func (u *support) fields(s *Codec) {
	u.dirty = carryTally(s, u.now, u.dirty)
	u.stale = carryTally(s, u.past, u.stale)
}

// carryTally carries the cells that are not zero.
func carryTally(s *Codec, cells []tally, used []int32) []int32 {
	n := s.Length(len(used), len(cells))
	if s.Reading() {
		for _, c := range used {
			cells[c] = tally{}
		}
		used = used[:n]
	}
	for i := range used {
		if s.Reading() {
			used[i] = 0
		}
		c := s.Length(int(used[i]), len(cells)-1)
		used[i] = int32(c)
		Integer(s, &cells[c].n)
		Integer(s, &cells[c].on)
	}
	return used
}
