package motion

import (
	"math"

	"ganglion/pipeline"
)

// track is one object over time.
type track struct {
	id        uint64 // 0 until confirmed
	state     pipeline.TrackState
	cx, cy    float64 // centre of the box, px
	w, h      float64 // size of the box, px
	vx, vy    float64 // px/s
	flow      bool    // the last measurement had a flow
	flows     int     // measurements with a flow
	hits      int     // periods with support
	misses    int     // periods without, since the last with
	born      int64   // first supporting spike, µs
	last      int64   // last supporting spike, µs
	published int64   // time of the last published detection, µs
	seen      blob    // last measurement
	idx       []int32 // the spikes it claims this period
	side      []int8  // by line: which side of it the centroid was on
}

// predict moves the track ahead by dt seconds.
func (t *track) predict(dt float64) {
	t.cx += t.vx * dt
	t.cy += t.vy * dt
}

// correct takes a measurement in.
func (t *track) correct(b blob, c *TrackConfig, dt float64) {
	mw, mh := b.x1-b.x0, b.y1-b.y0
	t.w, t.h = t.follow(t.w, mw, c), t.follow(t.h, mh, c)
	// An object shows only the edges that move, so the measurement may be a
	// part of it. The box of known size moves as little as holds the part.
	mx, my := hold(t.cx, t.w, b.x0, b.x1), hold(t.cy, t.h, b.y0, b.y1)
	rx, ry := mx-t.cx, my-t.cy
	t.cx += c.Alpha * rx
	t.cy += c.Alpha * ry
	t.vx += c.Beta * rx / dt
	t.vy += c.Beta * ry / dt
	if t.flow = b.flow; b.flow {
		t.flows++
		gain := max(c.Flow, 1/float64(t.flows))
		t.vx += gain * (b.vx - t.vx)
		t.vy += gain * (b.vy - t.vy)
	}
	t.hits++
	t.misses = 0
	t.seen, t.last = b, b.last
}

// follow moves a size towards a measurement, faster when it grows: a
// measurement can miss a part of the object but seldom adds one. A young
// track's size is free.
func (t *track) follow(size, measured float64, c *TrackConfig) float64 {
	gain := c.Shrink
	if measured > size {
		gain = c.Grow
	}
	return size + max(gain, 1/float64(1+t.hits))*(measured-size)
}

// hold moves the interval of a given size around c as little as makes it hold
// [lo, hi], or centres it there when it cannot.
func hold(c, size, lo, hi float64) float64 {
	if hi-lo >= size {
		return (lo + hi) / 2
	}
	return min(max(c, hi-size/2), lo+size/2)
}

// outside is how far a point lies outside the track's box, px.
func (t *track) outside(x, y float64) float64 {
	return max(math.Abs(x-t.cx)-t.w/2, math.Abs(y-t.cy)-t.h/2, 0)
}

// agrees says whether a normal flow can belong to the track's velocity.
func (t *track) agrees(s *spike) bool {
	nx, ny, v, known := s.normal()
	speed := math.Hypot(t.vx, t.vy)
	if !known || speed < minSpeed || t.flows < settled {
		return true
	}
	along := nx*t.vx + ny*t.vy
	return math.Abs(along-v) < .5*max(speed, v)+20
}

// settled is how many flows make a velocity good enough to turn spikes away.
const settled = 5

// sameMotion says whether two velocities are alike in direction and speed.
func sameMotion(ax, ay, bx, by float64) bool {
	a, b := math.Hypot(ax, ay), math.Hypot(bx, by)
	if a < 10 && b < 10 {
		return true
	}
	return ax*bx+ay*by >= math.Cos(.7)*a*b && a <= 2*b && b <= 2*a
}
