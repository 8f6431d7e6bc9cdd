package track

import (
	"math"

	"ganglion/pipeline"
)

// Track is one object over time. Readouts read it; only the [Tracker] writes.
type Track struct {
	ID       uint64 // 0 until confirmed
	State    pipeline.TrackState
	Centre   Vec // of the box
	Size     Vec // of the box
	Velocity Vec
	Misses   int     // periods without support since the last with support
	Seen     Blob    // the last measurement
	Parting  float64 // evidence that the track holds two things, as the readout keeps it
	Gap      Gap     // between two things that it may hold
	Abreast  int     // evidence that the track holds two upright things, as the readout keeps it

	entering  bool    // only the leading edge has been seen
	coming    bool    // it reaches over the border that it has come over
	entry     Box     // where it was seen first
	way       drift   // of a slow object
	mate      uint64  // the confirmed track that it has stood beside
	together  int     // for so many periods
	apart     Vec     // from its centre at the begin of that
	flows     int     // measurements with a flow
	hits      int     // periods with support
	origin    Vec     // centre at its birth
	against   drag    // how it moves against a picture that moves
	born      int64   // first supporting point, µs
	thin      int     // of these, those that showed a line without a flow
	single    bool    // it has been told from a neighbour
	told      float64 // its longest side then, or once it had come over the border, px
	alone     int     // periods in which nothing stood beside it
	stance    stance  // whether it walks upright
	course    course  // where it goes
	shown     shown   // points by polarity, of late
	rest      Box     // where the thing whose id it has again was seen last; empty for a new one
	whole     float64 // the longest side of that thing, px; 0 for a new one
	published int64   // time of the last published detection, µs
}

// Box is where the track is, or is thought to be.
func (t *Track) Box() Box {
	half := t.Size.Times(.5)
	return Box{t.Centre.Minus(half), t.Centre.Plus(half)}
}

// longest is the longer side of the box, px.
func (t *Track) longest() float64 { return max(t.Size.X, t.Size.Y) }

// Origin is the centre of the box that founded the track.
func (t *Track) Origin() Vec { return t.origin }

// Born is the time of its first supporting point, µs.
func (t *Track) Born() int64 { return t.born }

func (t *Track) setBox(b Box) { t.Centre, t.Size = b.Centre(), b.Size() }

// Part makes the track follow one of the things that it has held.
func (t *Track) Part(b Box) {
	t.setBox(b)
	t.Parting, t.Abreast, t.hits = 0, 0, min(t.hits, partedHits)
	t.way.since, t.way.known = 0, 0
	t.mate, t.together = 0, 0
	t.entering = false
}

// partedHits makes the size of a parted track as free as a young one's.
const partedHits = 2

// correct takes a measurement in; dt is the length of a period, s, and shrink the gains with
// which the sizes shrink.
func (t *Track) correct(b *Blob, c *Config, dt float64, shrink Vec) {
	size := b.Box.Size()
	t.Size = Vec{t.follow(t.Size.X, size.X, shrink.X, c), t.follow(t.Size.Y, size.Y, shrink.Y, c)}
	// An object shows only the edges that move, so the measurement may be a
	// part of it. The box of known size moves as little as holds the part.
	held := Vec{
		hold(t.Centre.X, t.Size.X, b.Box.Min.X, b.Box.Max.X),
		hold(t.Centre.Y, t.Size.Y, b.Box.Min.Y, b.Box.Max.Y),
	}
	off := held.Minus(t.Centre)
	if t.way.note(b.Rough); t.way.slow() {
		t.drift(off, b)
	} else {
		t.move(off, b, c, dt)
	}
	t.hits++
	t.shown.add(b)
	t.course.add(t, b.N)
	if b.line() {
		t.thin++
	}
	t.Misses = 0
	t.Seen = *b
}

// move corrects place and velocity.
func (t *Track) move(off Vec, b *Blob, c *Config, dt float64) {
	t.Centre = t.Centre.Plus(off.Times(c.Alpha))
	t.Velocity = t.Velocity.Plus(off.Times(c.Beta / dt))
	if b.Flow {
		t.flows++
		gain := max(c.Flow, 1/float64(t.flows))
		t.Velocity = t.Velocity.Plus(b.Velocity.Minus(t.Velocity).Times(gain))
	}
}

// follow moves a size towards a measurement, faster when it grows: a
// measurement can miss a part of the object but seldom adds one. A young track's size is free.
func (t *Track) follow(size, measured, shrink float64, c *Config) float64 {
	gain := shrink
	if measured > size {
		gain = c.Grow
		if t.entering || t.coming {
			gain = 1
		}
	}
	return size + float64(max(gain, 1/float64(1+t.hits))*(measured-size))
}

// shrinking is the gain with which a size, px, shrinks. A large object shrinks more slowly: its
// parts, such as legs, stop and move on, unless the ground moves: then what made it large may be
// the ground's.
func (k *Tracker) shrinking(size float64) float64 {
	gain := k.cfg.Shrink
	switch {
	case k.ground:
		return min(gain*shrinkGround, 1)
	case size > shrinkSize:
		return max(float64(gain*shrinkSize)/size, min(gain, shrinkLeast))
	}
	return gain
}

const (
	shrinkSize  = 30. // px, above which the gain falls with the size
	shrinkLeast = .05 // to no less than this

	shrinkGround = 1.5 // times the gain, while the ground moves
)

// hold moves the interval of a given size around c as little as makes it hold
// [lo, hi], or centres it there when it cannot.
func hold(c, size, lo, hi float64) float64 {
	if hi-lo >= size {
		return (lo + hi) / 2
	}
	return min(max(c, hi-float64(size/2)), lo+float64(size/2))
}

// Agrees reports whether a normal flow (unit normal, px/s along it) can belong to
// the track's velocity. A young track's velocity turns nothing away.
func (t *Track) Agrees(normal Vec, speed float64) bool {
	own := t.Velocity.Norm()
	if own < minSpeed || t.flows < settled {
		return true
	}
	return math.Abs(normal.Dot(t.Velocity)-speed) < float64(agreement*max(own, speed))+20
}

// agreement is how far a flow may differ, as a share of the larger speed: the
// parts of a turning object differ.
const agreement = .6

// settled is how many flows make a velocity good enough to turn spikes away.
const settled = 5

// minSpeed is the speed below which a direction means nothing, px/s.
const minSpeed = 5
