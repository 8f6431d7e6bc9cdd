package track

import (
	"math"
	"testing"
)

func TestDirectionsLieBelowAFullTurn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ x, y, want float64 }{
		{1, 0, 0}, {0, 1, 90}, {-1, 0, 180}, {0, -1, 270}, {1, -1, 315}, {1, -1e-12, 0}, {1, 1e-12, 0}, {-1, -1e-12, 180},
	} {
		got := direction(Vec{X: c.x, Y: c.y}, 2*minSpeed)
		if !(got >= 0 && got < 360) || math.Abs(float64(got)-c.want) > 1e-4 {
			t.Errorf("(%v, %v): %v°, want %v°", c.x, c.y, got, c.want)
		}
	}
	if got := direction(Vec{X: 1}, minSpeed/2); got == got {
		t.Errorf("what hardly moves has the direction %v", got)
	}
	if got := direction(Vec{X: 1}, minSpeed); got != got {
		t.Error("what moves just fast enough has no direction")
	}
}

// TestWhatLeavesTouchesTheBorderAndMovesOutward tries a sensor of 100 px.
func TestWhatLeavesTouchesTheBorderAndMovesOutward(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lo, hi, v float64
		want      bool
	}{
		{1.9, 50, -6, true}, {2, 50, -6, false}, {1.9, 50, -5, false}, {1.9, 50, -5.1, true}, {1.9, 50, 6, false},
		{50, 98.1, 6, true}, {50, 98, 6, false}, {50, 98.1, 5, false}, {50, 98.1, 5.1, true}, {50, 98.1, -6, false}, {50, 60, 100, false},
	} {
		if got := leaves(c.lo, c.hi, c.v, 100); got != c.want {
			t.Errorf("from %v to %v px at %v px/s: leaves %t", c.lo, c.hi, c.v, got)
		}
	}
}
