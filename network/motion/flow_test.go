package motion

import (
	"math"
	"testing"

	"ganglion/network/motion/track"
)

// answers fits the slowness of an edge that moves with v, px/s, as seen by the
// taps behind it.
func answers(v track.Vec, extra ...float32) [2]float32 {
	var fit slownessFit
	for i, tap := range tapOffsets {
		// The edge passed the tap at offset d a time -d·v/|v|² ago.
		if dt := -(float64(tap.DX)*v.X + float64(tap.DY)*v.Y) / v.Dot(v); dt > 0 {
			fit.answer(i, float32(dt*1e6))
		}
	}
	for i, us := range extra {
		fit.answer(i, us)
	}
	return fit.slowness()
}

func TestSlownessIsThatOfTheEdge(t *testing.T) {
	t.Parallel()
	for _, v := range []track.Vec{{X: 100}, {X: -60, Y: 60}, {Y: 300}, {X: 50, Y: -20}} {
		s := spike{slowness: answers(v)}
		n, speed, known := s.normal()
		if off := math.Acos(min(n.Dot(v)/v.Norm(), 1)); !known || off > .05 || math.Abs(speed/v.Norm()-1) > .05 {
			t.Errorf("edge with %v: %v px/s along %v", v, speed, n)
		}
	}
}

func TestContradictingTimesOfTravelGiveNoSlowness(t *testing.T) {
	t.Parallel()
	flash := make([]float32, len(tapOffsets)) // everything fired 20 ms ago
	for i := range flash {
		flash[i] = 20_000
	}
	var fit slownessFit
	for i, us := range flash {
		fit.answer(i, us)
	}
	if got := fit.slowness(); got != [2]float32{} {
		t.Errorf("a flash has slowness %v", got)
	}
}

func TestOneVelocityFromTheFlowsOfManyEdges(t *testing.T) {
	t.Parallel()
	v := track.Vec{X: 80, Y: -30}
	var spikes []spike
	var idx []int32
	for a := 0.; a < 6.28; a += .2 { // a disk: each edge tells the speed along its normal
		n := track.Vec{X: math.Cos(a), Y: math.Sin(a)}
		if speed := n.Dot(v); speed > 5 {
			g := n.Times(1 / speed)
			spikes = append(spikes, spike{slowness: [2]float32{float32(g.X), float32(g.Y)}})
		}
	}
	for range 3 { // and some nonsense
		spikes = append(spikes, spike{slowness: [2]float32{-.01, .03}})
	}
	for i := range spikes {
		idx = append(idx, int32(i))
	}
	if got, ok := fitFlow(spikes, idx); !ok || got.Minus(v).Norm() > 5 {
		t.Errorf("velocity %v, %t, want %v", got, ok, v)
	}
	if _, ok := fitFlow(spikes, idx[:minFlow-1]); ok {
		t.Error("too few flows give a velocity")
	}
}
