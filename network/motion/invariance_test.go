package motion_test

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

// view is what a stream shows of one object, as medians over its boxes.
type view struct {
	boxes            int
	speed, direction float64
	at               map[int64]pipeline.Detection
}

// look detects the events of 128x128 px, moved by change, and views the track
// with the most boxes.
func look(t *testing.T, ev []pipeline.Event, change func(pipeline.Event) pipeline.Event) view {
	t.Helper()
	moved := make([]pipeline.Event, len(ev))
	for i, e := range ev {
		moved[i] = change(e)
	}
	slices.SortStableFunc(moved, func(a, b pipeline.Event) int { return cmp.Compare(a.T, b.T) })
	byID := map[uint64]map[int64]pipeline.Detection{}
	var main uint64
	for _, d := range newRig(t, 128, 128, 1).detect(t, moved, 10*time.Millisecond) {
		if d.Kind == pipeline.MotionEnd || math.IsNaN(float64(d.DirectionDeg)) {
			continue
		}
		if byID[d.TrackID] == nil {
			byID[d.TrackID] = map[int64]pipeline.Detection{}
		}
		byID[d.TrackID][d.T] = d
		if n := len(byID[d.TrackID]); n > len(byID[main]) || n == len(byID[main]) && d.TrackID < main {
			main = d.TrackID
		}
	}
	v := view{boxes: len(byID[main]), at: byID[main]}
	var speeds, directions []float64
	for _, d := range v.at {
		speeds, directions = append(speeds, float64(d.SpeedPxS)), append(directions, float64(d.DirectionDeg))
	}
	if v.boxes < 20 {
		t.Fatalf("%d boxes", v.boxes)
	}
	slices.Sort(speeds)
	slices.Sort(directions)
	v.speed, v.direction = speeds[v.boxes/2], directions[v.boxes/2]
	return v
}

// turn is the difference of two directions, degrees.
func turn(a, b float64) float64 { return math.Abs(math.Remainder(a-b, 360)) }

// apart is the largest difference of the sides of boxes at the same times.
func apart(v, w view, change func(pipeline.Detection) [4]float32) float64 {
	worst := 0.
	for at, d := range v.at {
		e, ok := w.at[at]
		if !ok {
			continue
		}
		for i, side := range change(d) {
			worst = max(worst, math.Abs(float64(side-[4]float32{e.X0, e.Y0, e.X1, e.Y1}[i])))
		}
	}
	return worst
}

func TestDetectionFollowsMirrorsAndTurns(t *testing.T) {
	t.Parallel()
	ev := scene(t, "bar-45", 5, 600*time.Millisecond).Events
	straight := look(t, ev, func(e pipeline.Event) pipeline.Event { return e })
	for _, c := range []struct {
		name      string
		event     func(pipeline.Event) pipeline.Event
		box       func(pipeline.Detection) [4]float32
		direction float64 // of the bar, degrees
	}{
		{"mirrored left to right", func(e pipeline.Event) pipeline.Event { e.X = 127 - e.X; return e },
			func(d pipeline.Detection) [4]float32 { return [4]float32{128 - d.X1, d.Y0, 128 - d.X0, d.Y1} }, 135},
		{"mirrored top to bottom", func(e pipeline.Event) pipeline.Event { e.Y = 127 - e.Y; return e },
			func(d pipeline.Detection) [4]float32 { return [4]float32{d.X0, 128 - d.Y1, d.X1, 128 - d.Y0} }, 315},
		{"turned by half", func(e pipeline.Event) pipeline.Event { e.X, e.Y = 127-e.X, 127-e.Y; return e },
			func(d pipeline.Detection) [4]float32 {
				return [4]float32{128 - d.X1, 128 - d.Y1, 128 - d.X0, 128 - d.Y0}
			}, 225},
		{"columns for rows", func(e pipeline.Event) pipeline.Event { e.X, e.Y = e.Y, e.X; return e },
			func(d pipeline.Detection) [4]float32 { return [4]float32{d.Y0, d.X0, d.Y1, d.X1} }, 45},
		{"light for dark", func(e pipeline.Event) pipeline.Event { e.P = 1 - e.P; return e },
			func(d pipeline.Detection) [4]float32 { return [4]float32{d.X0, d.Y0, d.X1, d.Y1} }, 45},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := look(t, ev, c.event)
			if v.boxes != straight.boxes || turn(v.direction, c.direction) > 3 || math.Abs(v.speed/straight.speed-1) > .02 {
				t.Errorf("%d boxes, %.1f px/s to %.1f degrees; as it was %d, %.1f, %.1f", v.boxes, v.speed, v.direction,
					straight.boxes, straight.speed, straight.direction)
			}
			if a := apart(straight, v, c.box); a > 1 {
				t.Errorf("boxes are up to %.2f px apart", a)
			}
		})
	}
}

func TestDetectionFollowsTime(t *testing.T) {
	t.Parallel()
	ev := scene(t, "bar-45", 5, 600*time.Millisecond).Events
	straight := look(t, ev, func(e pipeline.Event) pipeline.Event { return e })
	t.Run("backwards, things move the other way", func(t *testing.T) {
		v := look(t, ev, func(e pipeline.Event) pipeline.Event { e.T, e.P = 600_000-e.T, 1-e.P; return e })
		if turn(v.direction, straight.direction+180) > 3 || math.Abs(v.speed/straight.speed-1) > .1 {
			t.Errorf("%.1f px/s to %.1f degrees; forwards %.1f to %.1f", v.speed, v.direction, straight.speed, straight.direction)
		}
	})
	t.Run("twice as fast, so are things", func(t *testing.T) {
		v := look(t, ev, func(e pipeline.Event) pipeline.Event { e.T /= 2; return e })
		if turn(v.direction, straight.direction) > 3 || math.Abs(v.speed/straight.speed/2-1) > .1 {
			t.Errorf("%.1f px/s to %.1f degrees; before %.1f to %.1f", v.speed, v.direction, straight.speed, straight.direction)
		}
	})
	t.Run("later by 60 minutes, all is as it was", func(t *testing.T) {
		v := look(t, ev, func(e pipeline.Event) pipeline.Event { e.T += 3_600_000_000; return e })
		if v.boxes != straight.boxes || v.speed != straight.speed || v.direction != straight.direction {
			t.Errorf("%d boxes, %v px/s to %v degrees; before %d, %v, %v", v.boxes, v.speed, v.direction,
				straight.boxes, straight.speed, straight.direction)
		}
	})
}
