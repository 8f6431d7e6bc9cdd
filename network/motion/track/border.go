package track

import "math"

// Over the border of the sensor an object comes into sight bit by bit. Until its rear has left the
// border its box reaches back to it, whatever of it shows nothing there.

// border completes a measurement at the border that a track has come over, and the box where it is
// thought to be. It needs a velocity that has been measured; before a picture that moves, all comes
// over the border.
func (k *Tracker) border(t *Track, b *Blob) {
	if t.coming = false; t.flows == 0 || t.against.passed > 0 {
		return
	}
	box, near := t.Box(), b.smear(t.Velocity)
	x := crossing{interval{b.Box.Min.X, b.Box.Max.X}, interval{box.Min.X, box.Max.X}, interval{t.entry.Min.X, t.entry.Max.X}}
	y := crossing{interval{b.Box.Min.Y, b.Box.Max.Y}, interval{box.Min.Y, box.Max.Y}, interval{t.entry.Min.Y, t.entry.Max.Y}}
	comesX := x.complete(t.Velocity.X, near.X, float64(k.setup.Width))
	comesY := y.complete(t.Velocity.Y, near.Y, float64(k.setup.Height))
	if t.coming = comesX || comesY; t.coming {
		t.told = max(t.told, t.longest())
	}
	b.Box = Box{Vec{x.seen.lo, y.seen.lo}, Vec{x.seen.hi, y.seen.hi}}
	t.entry = Box{Vec{x.entry.lo, y.entry.lo}, Vec{x.entry.hi, y.entry.hi}}
	t.setBox(Box{Vec{x.box.lo, y.box.lo}, Vec{x.box.hi, y.box.hi}})
	t.origin = t.origin.Plus(t.Centre.Minus(box.Centre())) // it has grown by that, and not moved
}

// comeTogether reports whether two tracks come over the border beside each other, no farther apart
// than the longer of them is long.
func comeTogether(a, b *Track, gaps Vec) bool {
	return a.coming && b.coming && a.Velocity.Dot(b.Velocity) > 0 && max(gaps.X, gaps.Y) <= max(a.longest(), b.longest())
}

// smear is how far from a border the rear of an object may be seen that is still coming over it,
// along each axis: little, and what its points have moved since they were seen there.
func (b *Blob) smear(v Vec) Vec {
	span := float64(smearShare * Seconds(b.Last-b.First))
	return Vec{entryBorder + float64(math.Abs(v.X)*span), entryBorder + float64(math.Abs(v.Y)*span)}
}

// smearShare is less than 1, since few of the points are as old as the oldest one.
const smearShare = .7

// interval is the extent of a box along one axis.
type interval struct{ lo, hi float64 }

// mirror is the interval seen from the other end of the sensor.
func (i interval) mirror(size float64) interval { return interval{size - i.hi, size - i.lo} }

// crossing is one axis of a track that may come over a border: what is seen of it, its box, and where it
// came into sight, which is the border until its rear has left it.
type crossing struct{ seen, box, entry interval }

// complete extends what is seen, and the box, and reports whether it did. The sensor goes from 0 to size.
func (c *crossing) complete(v, near, size float64) (comes bool) {
	switch {
	case v > minSpeed:
		return c.upwards(near)
	case v < -minSpeed:
		m := crossing{c.seen.mirror(size), c.box.mirror(size), c.entry.mirror(size)}
		comes = m.upwards(near)
		*c = crossing{m.seen.mirror(size), m.box.mirror(size), m.entry.mirror(size)}
	}
	return comes
}

// upwards is complete for a track that moves away from 0. It reaches back by no more than is seen of it.
func (c *crossing) upwards(near float64) (comes bool) {
	switch gap := c.seen.lo; {
	case c.entry.lo != 0:
		return false
	case gap > near:
		c.entry.lo, c.box.lo = gap, gap
		return false
	case gap > c.seen.hi-gap:
		return false
	}
	c.seen.lo = min(c.seen.lo, 0)
	c.box.lo = c.seen.lo
	return true
}
