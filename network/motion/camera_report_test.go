package motion

import (
	"math"
	"testing"
	"time"
)

// The record of a moving camera has the flow of the picture: velocity, direction
// where it is fast enough to have one, turn and zoom.
func TestTheRecordOfACameraTellsItsFlow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		vx, vy    float64 // px/s
		direction float64 // degrees; NaN for none
	}{
		{30, 0, 0}, {0, 30, 90}, {-30, 0, 180}, {0, -30, 270}, {3, 4, 53.130102}, {3, 3, math.NaN()},
	} {
		cam := newCamera(CameraConfig{Moving: true}, 128, 64)
		cam.share, cam.flow = 1, [4]float64{c.vx, c.vy, math.Pi / 2, .5}
		records := cam.report(100_000, 50*time.Millisecond, nil)
		if len(records) != 1 {
			t.Fatalf("%d records", len(records))
		}
		d := records[0]
		same := math.Abs(float64(d.DirectionDeg)-c.direction) < 1e-4 || math.IsNaN(float64(d.DirectionDeg)) && math.IsNaN(c.direction)
		if !same || float64(d.VX) != c.vx || float64(d.VY) != c.vy || d.TurnDegS != 90 || d.ZoomS != .5 || d.X1 != 128 || d.Y1 != 64 {
			t.Errorf("flow %v, %v: %+v", c.vx, c.vy, d)
		}
		if more := cam.report(149_999, 50*time.Millisecond, nil); len(more) != 0 {
			t.Errorf("the next record comes early: %+v", more)
		}
	}
}
