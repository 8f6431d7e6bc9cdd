package track

import (
	"math"
	"testing"
)

func TestDirectionsLieBelowAFullTurn(t *testing.T) {
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
