package track

import (
	"math"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Gap is an empty strip across a track's way that has gone with it for some time.
type Gap struct {
	at      Vec // where it is
	periods int // with it, less gapLapse for each without
}

const (
	gapPeriods = 12 // that tell two things
	gapLapse   = 4
	gapStray   = 4. // px: how far it may be from where it was
)

// Known is where a strip has been seen, moved ahead by the last step.
func (g *Gap) Known() (known bool, at Vec) { return g.periods > 0, g.at }

// Note takes in where a strip is seen in a period, or that none is; step is the track's way
// in the period, px, and way its direction. It reports whether the strip parts two things.
func (g *Gap) Note(at Vec, seen bool, step, way Vec) bool {
	switch {
	case seen && (g.periods == 0 || math.Abs(at.Minus(g.at).Dot(way)) <= gapStray):
		g.at = at
		g.periods++
	case g.periods > 0:
		g.periods = max(0, g.periods-gapLapse)
	}
	g.at = g.at.Plus(step)
	return g.periods >= gapPeriods
}

func (g *Gap) fields(s *state.Codec) {
	g.at.fields(s)
	state.Integer(s, &g.periods)
}

// Sever parts a track that has held two things: it keeps what is in a box, and
// a blob becomes a track beside it. What has been told from its neighbour this way
// never joins it again.
func (k *Tracker) Sever(t *Track, kept Box, other *Blob) {
	t.Part(kept)
	t.Gap = Gap{}
	t.single, t.told = true, t.longest()
	t.shown = shown{}
	if len(k.Tracks) >= k.cfg.Most {
		k.refused++
		return
	}
	n := k.fresh()
	*n = Track{
		State: pipeline.Tentative, Velocity: other.Velocity, hits: partedHits, flows: t.flows, born: other.First, Seen: *other, single: true,
	}
	n.shown.add(other)
	n.setBox(other.Box)
	n.told = n.longest()
	n.origin = n.Centre
	k.Tracks = append(k.Tracks, n)
}

// strangers reports whether two tracks are two things, however close they come: both have been
// seen by themselves for some time, or they have been told from each other, or one of them from
// such a neighbour of like size.
func strangers(a, b *Track) bool {
	if min(a.alone, b.alone) >= aloneLeast {
		return true
	}
	x, y := a.Size.X*a.Size.Y, b.Size.X*b.Size.Y
	return (a.single || b.single) && min(x, y) > singleShare*max(x, y)
}

// Single reports whether a track that has been told from a neighbour still is one thing: it has
// not grown by half since then.
func (t *Track) Single() bool { return t.single && t.longest() <= float64(singleGrowth*t.told) }

const (
	singleShare  = .3  // of a thing: a part of it is so much smaller
	singleGrowth = 1.5 // of the length of what has been told from its neighbour, up to which it is one thing
	aloneLeast   = 50  // periods by itself that make a thing; a limb has its body beside it
)

// shown is how many points of a track there have been of late, and ON among them.
type shown struct{ n, on float64 }

func (s *shown) add(b *Blob) {
	s.n += float64(b.N) - float64(shownFade*s.n)
	s.on += float64(b.On) - float64(shownFade*s.on)
}

// differs reports whether one shows more of a polarity than another.
func (s *shown) differs(o *shown) bool {
	return s.n > 0 && o.n > 0 && math.Abs(float64(s.on/s.n)-float64(o.on/o.n)) > endsDiffer
}

func (s *shown) fields(c *state.Codec) {
	Finite(c, &s.n)
	Finite(c, &s.on)
}

// ends reports whether two tracks are the front and the rear of one thing whose middle shows
// nothing. A whole thing makes as many points of either polarity, since the light is the same
// before it and behind it; of its front and its rear each makes more of one. Where things follow
// each other, a rear and the next front differ as well: from the foremost on, each front has the
// rear that follows it.
func (k *Tracker) ends(a, b *Track, gaps Vec) bool {
	if a.follows(b) {
		a, b = b, a
	}
	return a.shown.differs(&b.shown) && row(a, b, gaps) && k.front(b) == a
}

// front is the front of the thing whose rear a track may be, or nil: in a row, every second is a rear.
func (k *Tracker) front(t *Track) *Track {
	first, ahead := k.other(t), 0
	for o := first; o != nil && ahead < len(k.Tracks); o = k.other(o) {
		ahead++
	}
	if ahead%2 == 0 {
		return nil
	}
	return first
}

// other is the next track ahead in a row, if it shows more of a polarity.
func (k *Tracker) other(t *Track) *Track {
	var next *Track
	for _, o := range k.Tracks {
		if o != t && o.ID != 0 && t.follows(o) && row(o, t, o.Box().gaps(t.Box())) && (next == nil || o.follows(next)) {
			next = o
		}
	}
	if next == nil || !next.shown.differs(&t.shown) {
		return nil
	}
	return next
}

// follows reports whether another track is ahead on a track's way.
func (t *Track) follows(o *Track) bool { return o.Centre.Minus(t.Centre).Dot(t.Velocity) > 0 }

// row reports whether two tracks go one behind the other, of like breadth and no further apart
// than they are broad.
func row(a, b *Track, gaps Vec) bool {
	along, broad := gaps.X, max(a.Size.Y, b.Size.Y)
	if a.Velocity.steep() {
		along, broad = gaps.Y, max(a.Size.X, b.Size.X)
	}
	return along > 0 && along <= broad && a.Box().InLine(b.Box(), a.Velocity) &&
		min(a.flows, b.flows) > 0 && a.Velocity.Norm() > endsSpeed && sameMotion(a.Velocity, b.Velocity)
}

// InLine reports whether two boxes lie one behind the other on a way, or on each other: they have
// most of their breadth across it in common.
func (b Box) InLine(c Box, way Vec) bool {
	gaps, p, q := b.gaps(c), b.Size(), c.Size()
	if way.steep() {
		return -gaps.X >= float64(endsAlike*max(p.X, q.X))
	}
	return -gaps.Y >= float64(endsAlike*max(p.Y, q.Y))
}

// steep reports whether a vector is nearer to the axis down than to the one across.
func (v Vec) steep() bool { return math.Abs(v.X) < math.Abs(v.Y) }

const (
	shownFade    = .07 // from period to period
	endsDiffer   = .11 // of the shares of ON
	endsAlike    = .8  // of the breadth, that they have in common
	endsWay      = .2  // as companionWay: they go as if by a rod
	endsTogether = 5   // periods
	endsSpeed    = 20. // px/s
)
