// Package polygon holds polygons of a picture: their text, what lies inside them, and
// how far their edges are.
package polygon

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Point is a place, px.
type Point struct{ X, Y float64 }

// Polygon is a closed polygon, px. Where its edges cross, what they go around an odd
// number of times is inside.
type Polygon []Point

// most bounds the corners of a polygon.
const most = 256

// farthest bounds coordinates, px.
const farthest = 1 << 20

// Parse reads the corners of a polygon as SVG writes them: numbers, separated by
// spaces or commas.
func Parse(text string) (Polygon, error) {
	fields := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
	if len(fields)%2 != 0 || len(fields) < 6 || len(fields) > 2*most {
		return nil, fmt.Errorf("%q: want 3 to %d corners such as 10,20 110,20 60,90", text, most)
	}
	p := make(Polygon, len(fields)/2)
	for i, field := range fields {
		v, err := strconv.ParseFloat(field, 64)
		if err != nil || !(math.Abs(v) <= farthest) {
			return nil, fmt.Errorf("%q is not a coordinate", field)
		}
		if i%2 == 0 {
			p[i/2].X = v
		} else {
			p[i/2].Y = v
		}
	}
	if lo, hi := p.Bounds(); lo.X == hi.X || lo.Y == hi.Y {
		return nil, fmt.Errorf("%q encloses nothing", text)
	}
	return p, nil
}

// Bounds are the corners of the smallest box that holds the polygon.
func (p Polygon) Bounds() (lo, hi Point) {
	lo, hi = p[0], p[0]
	for _, c := range p {
		lo.X, lo.Y = min(lo.X, c.X), min(lo.Y, c.Y)
		hi.X, hi.Y = max(hi.X, c.X), max(hi.Y, c.Y)
	}
	return lo, hi
}

// Holds reports whether a point lies inside: a ray to the right crosses an odd number
// of edges.
func (p Polygon) Holds(q Point) bool {
	in := false
	a := p[len(p)-1]
	for _, b := range p {
		if (a.Y > q.Y) != (b.Y > q.Y) && q.X < a.X+float64((q.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X)) {
			in = !in
		}
		a = b
	}
	return in
}

// Distance is how far a point is from the nearest edge, px. Products are rounded
// before they are summed, so that no processor fuses them into results of its own.
func (p Polygon) Distance(q Point) float64 {
	best := math.Inf(1)
	a := p[len(p)-1]
	for _, b := range p {
		ux, uy, x, y := b.X-a.X, b.Y-a.Y, q.X-a.X, q.Y-a.Y
		share := 0.
		if n := float64(ux*ux) + float64(uy*uy); n > 0 {
			share = min(max((float64(x*ux)+float64(y*uy))/n, 0), 1)
		}
		x, y = x-float64(share*ux), y-float64(share*uy)
		best = min(best, math.Sqrt(float64(x*x)+float64(y*y)))
		a = b
	}
	return best
}
