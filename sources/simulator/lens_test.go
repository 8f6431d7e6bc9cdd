package simulator

import (
	"math"
	"testing"
	"time"
)

// TestTheGyroscopeTellsHowThePictureMoves holds the rates of a camera in the hand
// against where a far point goes that a pixel sees.
func TestTheGyroscopeTellsHowThePictureMoves(t *testing.T) {
	t.Parallel()
	const side, moment = 128, 1e-4 // px, s
	l := newLens(Config{Width: side, Height: side}, &scene{hand: true}, 7)
	most := 0.
	for now := .05; now < 2; now += .05 {
		r := l.rate(now)
		l.moveTo(now)
		u, v := l.at(100, 30)
		l.moveTo(now + moment)
		u2, v2 := l.at(100, 30)
		// Where the pixel looks moves against the picture (Longuet-Higgins and
		// Prazdny 1980); the camera has hardly turned away from the background.
		x, y, f := 100.5-side/2, 30.5-side/2, l.focal
		want := [2]float64{-(x*y/f*r[0] - (f+x*x/f)*r[1] + y*r[2]), -((f+y*y/f)*r[0] - x*y/f*r[1] - x*r[2])}
		got := [2]float64{(u2 - u) / moment, (v2 - v) / moment}
		if off := math.Hypot(got[0]-want[0], got[1]-want[1]); off > 1+.15*math.Hypot(want[0], want[1]) {
			t.Errorf("at %.2f s the pixel's view moves with %.1f px/s, the gyroscope says %.1f", now, got, want)
		}
		most = max(most, math.Hypot(want[0], want[1]))
	}
	if most < 15 {
		t.Errorf("a hand moves the picture by up to %.1f px/s", most)
	}
}

func TestOnlyACameraThatMovesHasAGyroscope(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"hand": 100, "camera": 100, "disk": 0} {
		r := record(t, Config{Scene: name, Duration: 100 * time.Millisecond})
		if len(r.Gyro) != want {
			t.Errorf("%s: %d samples in 100 ms, want %d", name, len(r.Gyro), want)
		}
		for i, g := range r.Gyro {
			if g.T != int64(i)*1000 || g.At != g.T || name == "camera" && math.Abs(float64(g.X)) > .2 {
				t.Fatalf("%s: sample %d is %+v", name, i, g)
			}
		}
	}
}
