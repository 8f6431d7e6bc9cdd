package motion_test

import (
	"fmt"
	"testing"
	"time"

	"ganglion/network/score"
)

// TestScenesKeepTheirScores holds F1 on scenes of each kind in weak and in strong noise, with a
// seed that nothing was tuned on: what helps one kind must not cost another unseen.
func TestScenesKeepTheirScores(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scene string
		noise float64 // Hz a pixel
		least float64
	}{
		{"disk", 0, .95}, {"disk", 1, .95}, {"disk", 10, .95}, {"bar-90", 10, .93}, {"looming", 1, .94}, {"looming", 10, .82}, {"three", 10, .90},
		{"small-fast", 5, .91}, {"slow", 0, .94}, {"slow", 1, .94}, {"slow", 5, .73}, {"low-contrast", 5, .90}, {"crossing", 5, .95},
		{"occlusion", 5, .85}, {"accelerate", 5, .92}, {"flicker", 5, .92},
	} {
		t.Run(fmt.Sprintf("%s %v Hz", c.scene, c.noise), func(t *testing.T) {
			t.Parallel()
			const length = 2 * time.Second
			rec := scene(t, c.scene, c.noise, length)
			got := score.MotionWithin(length, rec.Truth, newRig(t, 128, 128, 1).detect(t, rec.Events, 10*time.Millisecond))
			if t.Logf("F1 %.3f", got.F1); !(got.F1 >= score.Figure(c.least)) {
				t.Errorf("F1 is %.3f, want %v", got.F1, c.least)
			}
		})
	}
}
