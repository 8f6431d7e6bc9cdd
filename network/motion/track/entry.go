package track

import "math"

// An object that comes into sight, over the border or from behind something,
// shows only its leading edge at first: one polarity. What lies between that
// edge and the place where it came into sight belongs to the object, until the
// trailing edge, of the other polarity, shows where the object ends.

const (
	entryBorder = 4.   // px: what begins so close to the border came over it, and what has moved from there while it was seen
	entryPolar  = .8   // share of one polarity in a single edge
	entryLength = 1.25 // longest extension, as a share of the edge's length
	rarePolar   = .05  // share of the rarer polarity in a stream that has two
)

// enter notes where a track came into sight.
func (t *Track) enter(size Vec) {
	t.entering, t.entry = true, t.Seen.Box
	near := t.Seen.smear(t.Velocity)
	if t.entry.Min.X < near.X {
		t.entry.Min.X = 0
	}
	if t.entry.Min.Y < near.Y {
		t.entry.Min.Y = 0
	}
	if t.entry.Max.X > size.X-near.X {
		t.entry.Max.X = size.X
	}
	if t.entry.Max.Y > size.Y-near.Y {
		t.entry.Max.Y = size.Y
	}
}

// extend lets the box of a single leading edge reach back to where the track
// came into sight, along the axis on which it moves most.
func (t *Track) extend(b *Blob) {
	on := b.onFraction()
	if max(on, 1-on) < entryPolar {
		t.entering = false
	}
	v := t.Velocity
	if !t.entering || v.Norm() < minSpeed {
		return
	}
	size := b.Box.Size()
	if math.Abs(v.X) > math.Abs(v.Y) {
		b.Box.Min.X, b.Box.Max.X = reach(b.Box.Min.X, b.Box.Max.X, t.entry.Min.X, t.entry.Max.X, v.X, float64(entryLength*size.Y))
	} else {
		b.Box.Min.Y, b.Box.Max.Y = reach(b.Box.Min.Y, b.Box.Max.Y, t.entry.Min.Y, t.entry.Max.Y, v.Y, float64(entryLength*size.X))
	}
}

// reach stretches [lo, hi] backwards to the entry, to no more than length.
func reach(lo, hi, entryLo, entryHi, v, length float64) (float64, float64) {
	if v > 0 {
		return min(lo, max(entryLo, hi-length)), hi
	}
	return lo, max(hi, min(entryHi, lo+length))
}
