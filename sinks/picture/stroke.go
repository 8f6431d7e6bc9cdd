package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// point is a place in a frame, px.
type point struct{ x, y float64 }

func (a point) plus(b point) point              { return point{a.x + b.x, a.y + b.y} }
func (a point) minus(b point) point             { return point{a.x - b.x, a.y - b.y} }
func (a point) times(s float64) point           { return point{a.x * s, a.y * s} }
func (a point) length() float64                 { return math.Hypot(a.x, a.y) }
func (a point) towards(b point) (u point)       { d := b.minus(a); return d.times(1 / max(d.length(), 1e-9)) }
func (a point) left() point                     { return point{-a.y, a.x} }
func corners(a, b point) [4]point               { return [4]point{a, {b.x, a.y}, b, {a.x, b.y}} }
func (a point) nearer(b point, n float64) point { return a.plus(a.towards(b).times(n)) }

// shape is a set of polygons that are filled together: where they overlap, the
// colour is not laid on twice.
type shape struct{ polygons [][]point }

func (s *shape) polygon(p ...point) { s.polygons = append(s.polygons, p) }

// line adds a straight line with square ends.
func (s *shape) line(a, b point, width float64) {
	u := a.towards(b).times(width / 2)
	n := u.left()
	a, b = a.minus(u), b.plus(u)
	s.polygon(a.plus(n), b.plus(n), b.minus(n), a.minus(n))
}

// dashed adds a line of dashes, each followed by a gap as long.
func (s *shape) dashed(a, b point, width, dash float64) {
	long := b.minus(a).length()
	for at := 0.0; at < long; at += 2 * dash {
		s.line(a.nearer(b, at), a.nearer(b, min(at+dash, long)), width)
	}
}

// arrow adds a line from a to b with a head at b.
func (s *shape) arrow(a, b point, width float64) {
	head := 4 * width
	u := a.towards(b)
	neck := b.minus(u.times(head))
	side := u.left().times(0.5 * head)
	if b.minus(a).length() > head {
		s.line(a, neck, width)
	}
	s.polygon(b, neck.minus(side), neck.plus(side))
}

// fill paints the shape on a picture, smoothed at its edges.
func (s *shape) fill(dst draw.Image, c color.Color) {
	area := s.bounds().Intersect(dst.Bounds())
	if area.Empty() {
		return
	}
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	at := func(p point) (x, y float32) {
		return float32(p.x - float64(area.Min.X)), float32(p.y - float64(area.Min.Y))
	}
	for _, p := range s.polygons {
		r.MoveTo(at(p[0]))
		for _, q := range p[1:] {
			r.LineTo(at(q))
		}
		r.ClosePath()
	}
	r.Draw(dst, area, image.NewUniform(c), image.Point{})
}

func (s *shape) bounds() image.Rectangle {
	a, b := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, polygon := range s.polygons {
		for _, p := range polygon {
			a = point{min(a.x, p.x), min(a.y, p.y)}
			b = point{max(b.x, p.x), max(b.y, p.y)}
		}
	}
	if a.x > b.x {
		return image.Rectangle{}
	}
	return image.Rect(int(math.Floor(a.x)), int(math.Floor(a.y)), int(math.Ceil(b.x)), int(math.Ceil(b.y)))
}
