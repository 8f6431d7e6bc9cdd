package track

import (
	"slices"

	"ganglion/pipeline/state"
)

// lost is a confirmed track that ended inside the sensor. What comes to rest
// makes no events, and what is hidden makes none that belong to it: when
// something is seen again where it rests, or where it would have moved to, it
// has its id again.
type lost struct {
	id     uint64
	box    Box // when it was seen last
	course course
	at     int64 // then, µs
}

const (
	mostLost    = 64
	restUS      = 10_000_000 // how long a thing at rest is remembered
	hiddenUS    = 1_000_000  // how long a hidden one is
	restOverlap = .3         // share of the smaller box
	restMargin  = .2         // around the box at rest, a share of its longest side: few edges moved last
	hiddenGap   = 2          // share of the longest side
)

// course is how a track goes in the mean over the recent past, by what is seen of it: the last that
// is seen of what goes behind something is a hand or a foot, or stands still with the edge of what
// hides it.
type course struct {
	velocity Vec     // px/s
	size     float64 // its longest side, px
	points   float64 // leaky
}

// courseFade is the share that is forgotten from period to period.
const courseFade = .02

// add takes in a track in a period that shows some points of it.
func (c *course) add(t *Track, points int) {
	c.points += float64(points) - float64(courseFade*c.points)
	gain := float64(points) / c.points
	c.velocity = c.velocity.Plus(t.Velocity.Minus(c.velocity).Times(gain))
	c.size += float64(gain * (t.longest() - c.size))
}

func (c *course) fields(s *state.Codec) {
	c.velocity.fields(s)
	Finite(s, &c.size)
	Finite(s, &c.points)
	s.Demand(c.points >= 0, "a course of less than no points")
}

// lose remembers a track that ends at time end.
func (k *Tracker) lose(t *Track, end int64) {
	gone := float64(k.dt * float64(t.Misses))
	shift := t.Velocity.Times(-gone)
	box := t.Box()
	if box.partOf(t.rest) { // a part of it stirred, and it rests on
		box, shift = t.rest, Vec{}
	}
	if len(k.lost) == mostLost {
		k.lost = k.lost[:copy(k.lost, k.lost[1:])]
	}
	k.lost = append(k.lost, lost{
		id: t.ID, course: t.course, at: end - int64(t.Misses)*k.setup.Period.Microseconds(),
		box: Box{box.Min.Plus(shift), box.Max.Plus(shift)},
	})
}

// recall gives a track that is confirmed at time end the id of the lost one that
// it continues, the latest first, or a new one.
func (k *Tracker) recall(t *Track, end int64) {
	n := 0
	for _, l := range k.lost {
		if end-l.at <= restUS {
			k.lost[n] = l
			n++
		}
	}
	k.lost = k.lost[:n]
	for i := n - 1; i >= 0; i-- {
		if k.lost[i].continues(t, end) {
			t.ID, t.rest, t.whole = k.lost[i].id, k.lost[i].box, k.lost[i].course.size
			k.lost = append(k.lost[:i], k.lost[i+1:]...)
			return
		}
	}
	t.ID = k.nextID
	k.nextID++
}

// continues reports whether a track is where the lost one rests, or where it
// comes out of hiding.
func (l *lost) continues(t *Track, end int64) bool {
	box := t.Box()
	if box.partOf(l.box) || l.box.partOf(box) {
		return true
	}
	if end-l.at > hiddenUS || l.course.velocity.Norm() < minSpeed || l.course.velocity.Dot(t.Velocity) < 0 {
		return false
	}
	way := l.course.velocity.Times(Seconds(end - l.at))
	there := Box{l.box.Min.Plus(way), l.box.Max.Plus(way)}
	return there.Gap(box) <= float64(hiddenGap*l.course.size)
}

// wholeAgain reports whether two tracks are parts of a thing that is seen again, bit by bit: one of them
// has its id, the other none that was known before, and together they are no larger than the thing was.
// Before a picture that moves, whatever flickers is seen again.
func (k *Tracker) wholeAgain(a, b *Track) bool {
	if a.whole == 0 {
		a, b = b, a
	}
	if k.ground || a.whole == 0 || b.whole != 0 || a.hits >= againHits || b.hits >= grownHits || a.Velocity.Dot(b.Velocity) < 0 {
		return false
	}
	both := a.Box().Union(b.Box()).Size()
	return max(both.X, both.Y) <= float64(againSize*a.whole)
}

const (
	againHits = 60  // periods in which a thing is seen again
	againSize = 1.1 // of what its longest side was
)

// partOf reports whether a box may be of a part of a thing that rests in a larger one.
func (b Box) partOf(rest Box) bool {
	size, whole := b.Size(), rest.Size()
	margin := Vec{1, 1}.Times(restMargin * max(whole.X, whole.Y))
	gaps := Box{rest.Min.Minus(margin), rest.Max.Plus(margin)}.gaps(b)
	return size.X*size.Y <= whole.X*whole.Y && gaps.X < 0 && gaps.Y < 0 && float64(gaps.X*gaps.Y) > float64(restOverlap*size.X*size.Y)
}

// Remembers reports whether a track that has ended may come back under its id.
func (k *Tracker) Remembers(id uint64) bool {
	return slices.ContainsFunc(k.lost, func(l lost) bool { return l.id == id })
}

func (k *Tracker) lostFields(s *state.Codec) {
	n := s.Length(len(k.lost), mostLost)
	if s.Reading() {
		k.lost = append(k.lost[:0], make([]lost, n)...)
	}
	for i := range k.lost {
		l := &k.lost[i]
		s.Uint64(&l.id)
		l.box.Min.fields(s)
		l.box.Max.fields(s)
		l.course.fields(s)
		state.Integer(s, &l.at)
	}
}
