package zones

import (
	"errors"
	"fmt"
	"math"

	"ganglion/network/motion/track"
)

// Plane maps pixels to metres of a plane that the objects move on, such as a road
// or a belt: a homography, found from points whose places are known in both.
type Plane struct {
	Name   string      `key:"name" doc:"What detections call the plane; ground by default."`
	Points []Reference `key:"points" doc:"At least four points, no three of them on one line; more are fitted."`
}

// Reference is a point of the picture whose place in metres is known.
type Reference struct {
	X  float64 `key:"x" unit:"px" doc:"Column."`
	Y  float64 `key:"y" unit:"px" doc:"Row."`
	XM float64 `key:"x_m" unit:"m" doc:"Place along the plane's first axis."`
	YM float64 `key:"y_m" unit:"m" doc:"Place along the plane's second axis."`
}

// name is what detections call the plane.
func (p Plane) name() string {
	if p.Name == "" {
		return "ground"
	}
	return p.Name
}

// homography is the matrix of a plane, row by row; its last element is 1. It takes
// and gives coordinates that were moved to their mean and scaled to their spread
// (Hartley 1997), without which the equations are all but singular.
type homography struct {
	h        [9]float64
	from, to frame
}

// frame moves and scales coordinates.
type frame struct {
	middle track.Vec
	scale  float64
}

func (f frame) in(v track.Vec) track.Vec { return v.Minus(f.middle).Times(f.scale) }

// mostReferences bounds the points of a plane.
const mostReferences = 256

// solve finds the homography, nil for a plane without points.
func (p Plane) solve() (*homography, error) {
	n := len(p.Points)
	switch {
	case n == 0 && p.Name == "":
		return nil, nil
	case n < 4 || n > mostReferences:
		return nil, fmt.Errorf("points: %d points; want 4 to %d", n, mostReferences)
	}
	px, m := make([]track.Vec, n), make([]track.Vec, n)
	for i, r := range p.Points {
		px[i], m[i] = track.Vec{X: r.X, Y: r.Y}, track.Vec{X: r.XM, Y: r.YM}
	}
	h := &homography{}
	var ok1, ok2 bool
	h.from, ok1 = frameOf(px)
	h.to, ok2 = frameOf(m)
	if !ok1 || !ok2 {
		return nil, errors.New("points: they all lie in one place")
	}
	var a normal
	for i := range px {
		u, v := h.from.in(px[i]), h.to.in(m[i])
		a.add([8]float64{u.X, u.Y, 1, 0, 0, 0, -float64(u.X * v.X), -float64(u.Y * v.X)}, v.X)
		a.add([8]float64{0, 0, 0, u.X, u.Y, 1, -float64(u.X * v.Y), -float64(u.Y * v.Y)}, v.Y)
	}
	x, ok := a.solve()
	if !ok {
		return nil, errors.New("points: three of four lie on one line, so that the plane is not known")
	}
	copy(h.h[:], x[:])
	h.h[8] = 1
	return h, nil
}

func frameOf(vs []track.Vec) (frame, bool) {
	var f frame
	for _, v := range vs {
		f.middle = f.middle.Plus(v)
	}
	f.middle = f.middle.Times(1 / float64(len(vs)))
	spread := 0.
	for _, v := range vs {
		spread += v.Minus(f.middle).Norm()
	}
	f.scale = math.Sqrt2 * float64(len(vs)) / spread
	return f, spread > 0 && !math.IsInf(f.scale, 0)
}

// at is where a place of the picture is on the plane, m, and how fast something is
// there whose picture moves at v px/s, m/s. ok is false at the horizon and beyond.
func (h *homography) at(q, v track.Vec) (place, speed track.Vec, ok bool) {
	u, du := h.from.in(q), v.Times(h.from.scale)
	row := func(i int, u track.Vec, one float64) float64 {
		return float64(h.h[i]*u.X) + float64(h.h[i+1]*u.Y) + float64(h.h[i+2]*one)
	}
	w, dw := row(6, u, 1), row(6, du, 0)
	if w < 1e-6 { // 1 at the middle of the points
		return place, speed, false
	}
	place = track.Vec{X: row(0, u, 1) / w, Y: row(3, u, 1) / w}
	speed = track.Vec{X: row(0, du, 0), Y: row(3, du, 0)}.Minus(place.Times(dw)).Times(1 / w)
	return place.Times(1 / h.to.scale).Plus(h.to.middle), speed.Times(1 / h.to.scale), true
}

// normal are the normal equations of eight unknowns.
type normal [8][9]float64

func (a *normal) add(row [8]float64, right float64) {
	for i := range 8 {
		for j := range 8 {
			a[i][j] += float64(row[i] * row[j])
		}
		a[i][8] += float64(row[i] * right)
	}
}

// solve is Gaussian elimination with pivots; ok is false where there is no single
// solution.
func (a *normal) solve() (x [8]float64, ok bool) {
	for c := range 8 {
		best := c
		for r := c + 1; r < 8; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[best][c]) {
				best = r
			}
		}
		a[c], a[best] = a[best], a[c]
		if !(math.Abs(a[c][c]) > 1e-9) {
			return x, false
		}
		for r := c + 1; r < 8; r++ {
			f := a[r][c] / a[c][c]
			for j := c; j < 9; j++ {
				a[r][j] -= float64(f * a[c][j])
			}
		}
	}
	for c := 7; c >= 0; c-- {
		v := a[c][8]
		for j := c + 1; j < 8; j++ {
			v -= float64(a[c][j] * x[j])
		}
		x[c] = v / a[c][c]
	}
	return x, true
}
