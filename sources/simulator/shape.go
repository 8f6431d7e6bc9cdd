package simulator

import "math"

// form is the outline of an actor.
type form uint8

const (
	disk  form = iota
	bar        // a rectangle that moves across its long side
	cross      // two such rectangles across each other
)

// shape is an outline at one place. Lengths are pixels.
type shape struct {
	form   form
	cx, cy float64
	a, b   float64 // disk: a is the radius; bar: half extents along and across (ux, uy); cross: those of its bars
	ux, uy float64 // unit vector of the bar's short axis
	ex, ey float64 // half extents of the bounding box
	level  float64 // intensity, 0..255
	id     int     // the object's id in the truth
	vx, vy float64 // px/s
}

// newShape finishes a shape whose form, place, size and axis are set.
func newShape(s shape) shape {
	if s.form == disk {
		s.ex, s.ey = s.a, s.a
		return s
	}
	s.ex = float64(s.a*math.Abs(s.ux)) + float64(s.b*math.Abs(s.uy))
	s.ey = float64(s.a*math.Abs(s.uy)) + float64(s.b*math.Abs(s.ux))
	if s.form == cross {
		ex := float64(s.b*math.Abs(s.ux)) + float64(s.a*math.Abs(s.uy))
		ey := float64(s.b*math.Abs(s.uy)) + float64(s.a*math.Abs(s.ux))
		s.ex, s.ey = max(s.ex, ex), max(s.ey, ey)
	}
	return s
}

// distance is the signed distance of a point from the outline, px, negative
// inside. It changes by at most 1 per pixel.
func (s *shape) distance(x, y float64) float64 {
	dx, dy := x-s.cx, y-s.cy
	if s.form == disk {
		return math.Sqrt(float64(dx*dx)+float64(dy*dy)) - s.a
	}
	along := math.Abs(float64(dx*s.ux) + float64(dy*s.uy))
	across := math.Abs(float64(dy*s.ux) - float64(dx*s.uy))
	d := outside(along-s.a, across-s.b)
	if s.form == cross {
		d = min(d, outside(along-s.b, across-s.a))
	}
	return d
}

// outside is the signed distance from a rectangle of a point that lies so far
// beyond its sides.
func outside(along, across float64) float64 {
	if along <= 0 || across <= 0 {
		return max(along, across)
	}
	return math.Sqrt(float64(along*along) + float64(across*across))
}

// coverage is the share of the pixel with the given centre that the shape
// covers, in the usual approximation clip(1/2 - distance, 0, 1).
func (s *shape) coverage(x, y float64) float64 {
	if math.Abs(x-s.cx) > s.ex+.5 || math.Abs(y-s.cy) > s.ey+.5 {
		return 0
	}
	return min(max(.5-s.distance(x, y), 0), 1)
}

// area is the size of the whole shape, px².
func (s *shape) area() float64 {
	if s.form == disk {
		return math.Pi * s.a * s.a
	}
	if s.form == cross {
		return float64(8*s.a*s.b) - float64(4*s.a*s.a)
	}
	return 4 * s.a * s.b
}

// rect is a half-open range of pixels.
type rect struct{ x0, y0, x1, y1 int }

// bounds returns the pixels within margin of the bounding box, clipped to the
// sensor; it may be empty.
func (s *shape) bounds(margin float64, width, height int) rect {
	return rect{
		x0: max(0, int(math.Floor(s.cx-s.ex-margin))),
		y0: max(0, int(math.Floor(s.cy-s.ey-margin))),
		x1: min(width, int(math.Ceil(s.cx+s.ex+margin))),
		y1: min(height, int(math.Ceil(s.cy+s.ey+margin))),
	}
}
