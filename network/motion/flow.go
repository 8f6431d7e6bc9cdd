package motion

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/network/motion/track"
)

// spike is a coincidence spike as the readout keeps it.
type spike struct {
	track.Point
	// slowness is fitted to the spike's times of travel, s/px: it points
	// where the edge moves, and its inverse length is the edge's speed along
	// its normal. It is 0 when too few taps answered.
	slowness [2]float32
	turned   [2]float32 // how the picture flowed meanwhile by the camera's turning, px/s; 0 without a gyroscope
	track    int32      // index of the track that claims it this period, or free
}

// normal is the spike's unit normal and speed along it, px/s.
func (s *spike) normal() (n track.Vec, speed float64, known bool) {
	g := track.Vec{X: float64(s.slowness[0]), Y: float64(s.slowness[1])}
	length := g.Norm()
	if length == 0 {
		return track.Vec{}, 0, false
	}
	return g.Times(1 / length), 1 / length, true
}

// carried is how the camera's turning moved the edge along its normal, px/s.
func (s *spike) carried(n track.Vec) float64 {
	return n.Dot(track.Vec{X: float64(s.turned[0]), Y: float64(s.turned[1])})
}

// agrees reports whether the spike's flow can belong to the track.
func (s *spike) agrees(t *track.Track) bool {
	n, speed, known := s.normal()
	return !known || t.Agrees(n, speed)
}

// moments are the sums of a least-squares fit of a vector g to samples v of
// its products with vectors d: v = d·g.
type moments struct {
	n                  int
	xx, xy, yy, xv, yv float64
	vv                 float64
}

func (m *moments) add(d track.Vec, v, weight float64) {
	m.n++
	x, y := float64(weight*d.X), float64(weight*d.Y)
	m.xx += float64(x * d.X)
	m.xy += float64(x * d.Y)
	m.yy += float64(y * d.Y)
	m.xv += float64(x * v)
	m.yv += float64(y * v)
	m.vv += float64(weight * v * v)
}

// solve finds the vector. The ridge, a share of the mean square of d, settles
// directions that no sample saw: the vector is 0 along them.
func (m *moments) solve(ridge float64) (track.Vec, bool) {
	ridge = float64(ridge * (m.xx + m.yy) / 2)
	xx, yy := m.xx+ridge, m.yy+ridge
	det := float64(xx*yy) - float64(m.xy*m.xy)
	if !(det > 0) {
		return track.Vec{}, false
	}
	return track.Vec{
		X: (float64(m.xv*yy) - float64(m.yv*m.xy)) / det,
		Y: (float64(m.yv*xx) - float64(m.xv*m.xy)) / det,
	}, true
}

const (
	tapGain   = 40e-3 // s: answers count less when they are slow
	tapRidge  = .01
	tapFit    = .6 // share of the answers' mean square that a slowness must explain
	flowRidge = .05
	minFlow   = 6 // normal flows that a velocity needs
)

// slownessFit fits a slowness to times of travel: an edge that passed the
// point at offset d a time dt ago satisfies dt = -d·g. Recent answers count
// more, by exp(-dt/40 ms).
type slownessFit struct{ moments }

// answer adds one tap's time of travel, µs.
func (f *slownessFit) answer(tap int, us float32) {
	dt := float64(us) * 1e-6
	d := track.Vec{X: -float64(tapOffsets[tap].DX), Y: -float64(tapOffsets[tap].DY)}
	f.add(d, dt, portable.Exp(-dt/tapGain))
}

// slowness is 0 when the answers contradict each other, as those behind a
// flash or out of noise do.
func (f *slownessFit) slowness() [2]float32 {
	if f.n < 2 {
		return [2]float32{}
	}
	g, _ := f.solve(tapRidge)
	if g.Dot(track.Vec{X: f.xv, Y: f.yv}) < tapFit*f.vv {
		return [2]float32{}
	}
	return [2]float32{float32(g.X), float32(g.Y)}
}

// fitFlow fits one velocity to the spikes' normal flows: because of the
// aperture, each tells only the speed along its normal. It fits three times,
// leaving out the flows that disagree with the fit before, and fails when too
// few agree with each other.
func fitFlow(spikes []spike, idx []int32) (v track.Vec, ok bool) {
	var all moments
	for _, i := range idx {
		if n, speed, known := spikes[i].normal(); known {
			all.add(n, speed, 1)
		}
	}
	if all.n < minFlow {
		return track.Vec{}, false
	}
	v, ok = all.solve(flowRidge)
	for range 2 {
		tolerance := float64(.4*v.Norm()) + 10
		var good moments
		for _, i := range idx {
			if n, speed, known := spikes[i].normal(); known && math.Abs(n.Dot(v)-speed) < tolerance {
				good.add(n, speed, 1)
			}
		}
		if 2*good.n < all.n || good.n < minFlow {
			return track.Vec{}, false
		}
		v, ok = good.solve(flowRidge)
	}
	return v, ok
}
