package motion

import (
	"math"

	"ganglion/network/motion/track"
)

// globalFlow is how a whole picture flows, about the middle of the sensor:
// translation right and down, px/s, turn from right to down, rad/s, and zoom, 1/s.
type globalFlow [4]float64

// at is the velocity of the picture at a place from the middle, px/s.
func (f *globalFlow) at(p track.Vec) track.Vec {
	return track.Vec{
		X: f[0] - float64(f[2]*p.Y) + float64(f[3]*p.X),
		Y: f[1] + float64(f[2]*p.X) + float64(f[3]*p.Y),
	}
}

// follow moves the flow towards another one by a share of the way.
func (f *globalFlow) follow(to *globalFlow, share float64) {
	for i := range f {
		f[i] += float64(share * (to[i] - f[i]))
	}
}

// globalFit sums up normal flows for a least-squares fit: a flow along the unit
// normal n at the place p from the middle has the speed n·(t + turn×p + zoom p).
// Turn and zoom are scaled by a length, so that all four unknowns are px/s.
type globalFit struct {
	scale  float64 // px
	weight float64
	m      [4][4]float64
	v      globalFlow
}

func (a *globalFit) add(n, p track.Vec, speed, weight float64) {
	turn, zoom := float64(n.Y*p.X)-float64(n.X*p.Y), n.Dot(p)
	row := [4]float64{n.X, n.Y, turn / a.scale, zoom / a.scale}
	for i := range row {
		for j := range row {
			a.m[i][j] += float64(weight * row[i] * row[j])
		}
		a.v[i] += float64(weight * row[i] * speed)
	}
	a.weight += weight
}

// Ridges, as a share of the weight: what the flows do not tell is 0.
const (
	shiftRidge = .002
	swirlRidge = .02 // of turn and zoom
)

// solve finds the flow by elimination; the ridges make the matrix definite.
func (a *globalFit) solve() globalFlow {
	if a.weight <= 0 {
		return globalFlow{}
	}
	m, v := a.m, a.v
	for i, ridge := range [4]float64{shiftRidge, shiftRidge, swirlRidge, swirlRidge} {
		m[i][i] += float64(ridge * a.weight)
	}
	for i := range 4 {
		for j := i + 1; j < 4; j++ {
			q := m[j][i] / m[i][i]
			for k := i; k < 4; k++ {
				m[j][k] -= float64(q * m[i][k])
			}
			v[j] -= float64(q * v[i])
		}
	}
	var f globalFlow
	for i := 3; i >= 0; i-- {
		s := v[i]
		for k := i + 1; k < 4; k++ {
			s -= float64(m[i][k] * f[k])
		}
		f[i] = s / m[i][i]
	}
	f[2], f[3] = f[2]/a.scale, f[3]/a.scale
	return f
}

// mismatch is by how much a normal flow differs from the picture's, px/s.
func (f *globalFlow) mismatch(n, p track.Vec, speed float64) float64 {
	return math.Abs(n.Dot(f.at(p)) - speed)
}
