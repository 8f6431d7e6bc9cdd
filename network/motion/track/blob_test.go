package track

import "testing"

func TestAMovingThingHasNoSmear(t *testing.T) {
	t.Parallel()
	g := Gauge{}
	var points []Point
	for i := range 20 { // a point that moves by 1 px/ms
		points = append(points, Point{T: int64(i) * 1000, X: float32(i), Y: 5})
	}
	b := g.Measure(points, 20_000, Vec{1000, 0})
	if off := b.Box.Centre().Minus(Vec{20.5, 5.5}); off.Norm() > 1e-9 || b.Box.Size().Norm() > 1e-9 {
		t.Errorf("the box is %v", b.Box)
	}
}

// The box is ahead of the points by the time that its edges lead; the centroid, which is
// that of the points, is not.
func TestABoxLeadsItsPoints(t *testing.T) {
	t.Parallel()
	points := []Point{{T: 0, X: 10, Y: 5}, {T: 0, X: 12, Y: 9}}
	still := (&Gauge{}).Measure(points, 10_000, Vec{200, -100})
	ahead := (&Gauge{Lead: .05}).Measure(points, 10_000, Vec{200, -100})
	if off := ahead.Box.Centre().Minus(still.Box.Centre()).Minus(Vec{10, -5}); off.Norm() > 1e-9 {
		t.Errorf("the box is ahead by %v", ahead.Box.Centre().Minus(still.Box.Centre()))
	}
	if off := ahead.Centroid.Minus(still.Centroid); off.Norm() > 1e-9 {
		t.Errorf("the centroid is ahead by %v", off)
	}
}
