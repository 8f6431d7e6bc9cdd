package track

import "testing"

func TestAMovingThingHasNoSmear(t *testing.T) {
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
