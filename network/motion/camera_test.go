package motion_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"ganglion/network/motion"
	"ganglion/network/score"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/simulator"
)

// moving is a configuration for a camera that may move.
func moving() motion.ReadoutConfig {
	c := motion.NewDefaultReadoutConfig()
	c.Camera.Moving = true
	return c
}

// movingRig is a rig for a camera that may move.
func movingRig(t testing.TB) *rig {
	t.Helper()
	r := newRig(t, 128, 128, 1)
	readout, err := motion.NewReadout(moving(), r.network.Layers())
	if err != nil {
		t.Fatal(err)
	}
	r.readout = readout
	return r
}

// panned is what is found in a scene, and the records of the camera's motion.
func panned(t *testing.T, name string) (result score.Result, camera []pipeline.Detection) {
	t.Helper()
	const length = 2 * time.Second
	rec := scene(t, name, 5, length)
	found := movingRig(t).detect(t, rec.Events, 10*time.Millisecond)
	for _, d := range found {
		if d.Kind == pipeline.CameraMotion {
			camera = append(camera, d)
		}
	}
	return score.MotionWithin(length, rec.Truth, found), camera
}

func TestAMovingCameraAloneMakesNoBoxes(t *testing.T) {
	t.Parallel()
	result, camera := panned(t, "camera")
	if result.FalseBoxesPerS > 1 {
		t.Errorf("%v false boxes/s, want at most 1", result.FalseBoxesPerS)
	}
	if len(camera) < 30 {
		t.Fatalf("%d records of the camera's motion in 2 s, want one each 50 ms", len(camera))
	}
	for _, d := range camera[3:] { // the picture moves by (60, 15) px/s
		if off := math.Hypot(float64(d.VX)-60, float64(d.VY)-15); off > 20 || math.Abs(float64(d.TurnDegS)) > 12 ||
			math.Abs(float64(d.ZoomS)) > .25 || d.TrackID != 0 || d.Confidence < .5 {
			t.Errorf("at %d µs the picture flows with (%.0f, %.0f) px/s, %.1f degrees/s, %.2f/s, confidence %.2f", d.T, d.VX, d.VY,
				d.TurnDegS, d.ZoomS, d.Confidence)
		}
	}
}

func TestAnObjectBeforeAMovingCameraIsFound(t *testing.T) {
	t.Parallel()
	if result, camera := panned(t, "camera-object"); result.F1 < .7 || len(camera) == 0 {
		t.Errorf("F1 is %v, want .7; %d records of the camera's motion", result.F1, len(camera))
	}
}

// turned is what is found in a scene whose camera has a gyroscope, in windows.
func turned(t *testing.T, rec *simulator.Recording, window time.Duration) []pipeline.Detection {
	t.Helper()
	c := moving()
	c.Camera.Focal = simulator.FocalShare * 128
	r := newRig(t, 128, 128, 1)
	readout, err := motion.NewReadout(c, r.network.Layers())
	if err != nil {
		t.Fatal(err)
	}
	r.readout, r.turns = readout, rec.Gyro
	return r.detect(t, rec.Events, window)
}

// TestAGyroscopeTellsHowThePictureFlows holds the records against the angular rates,
// which have a bias of some 4 px/s here.
func TestAGyroscopeTellsHowThePictureFlows(t *testing.T) {
	t.Parallel()
	const focal = simulator.FocalShare * 128
	rec := scene(t, "hand", 5, 800*time.Millisecond)
	told := 0
	for _, d := range turned(t, rec, 10*time.Millisecond) {
		if d.Kind != pipeline.CameraMotion || d.SpeedSource != pipeline.SpeedGyro {
			continue
		}
		told++
		r := rec.Gyro[d.T/1000-5] // in the middle of the period
		if off := math.Hypot(float64(d.VX)+float64(focal*r.Y), float64(d.VY)-float64(focal*r.X)); off > 35 {
			t.Errorf("at %d µs the picture flows with (%.0f, %.0f) px/s, the camera turns by (%.2f, %.2f) rad/s", d.T, d.VX, d.VY, r.X, r.Y)
		}
	}
	if told < 12 {
		t.Errorf("%d records of the camera's motion from the gyroscope in .8 s, want one each 50 ms", told)
	}
}

// TestAGyroscopeAtRestLeavesSlowObjectsInSight has a bias, which is learned first.
func TestAGyroscopeAtRestLeavesSlowObjectsInSight(t *testing.T) {
	t.Parallel()
	const length = 1500 * time.Millisecond
	rec := scene(t, "slow", 5, length)
	for us := int64(0); us < length.Microseconds(); us += 1000 {
		rec.Gyro = append(rec.Gyro, pipeline.AngularRate{T: us, At: us, X: .08, Y: -.05, Z: .02})
	}
	late := func(found []pipeline.Detection) (n int) {
		for _, d := range found {
			if d.Kind == pipeline.MotionUpdate && d.T > 700_000 {
				n++
			}
		}
		return n
	}
	if n := late(turned(t, rec, 10*time.Millisecond)); n < 50 {
		t.Errorf("a disk of 12 px/s has %d boxes in the last .8 s, want one each 10 ms", n)
	}
	rec.Gyro = nil
	if n := late(turned(t, rec, 10*time.Millisecond)); n > 0 {
		t.Errorf("without a gyroscope it has %d boxes: the test shows nothing", n)
	}
}

// TestADriftByTheFlowMakesNoBoxesAtRestByTheGyroscope: that the picture flows is known only after
// some periods, in which it fills the picture.
func TestADriftByTheFlowMakesNoBoxesAtRestByTheGyroscope(t *testing.T) {
	t.Parallel()
	for _, d := range turned(t, scene(t, "camera", 5, 600*time.Millisecond), 10*time.Millisecond) {
		if d.Kind != pipeline.CameraMotion {
			t.Errorf("%v at %d µs, of %.0f to %.0f and %.0f to %.0f px", d.Kind, d.T, d.X0, d.X1, d.Y0, d.Y1)
		}
	}
}

func TestAnObjectBeforeACameraInTheHandIsFoundByTheGyroscope(t *testing.T) {
	t.Parallel()
	const length = 2 * time.Second
	rec := scene(t, "hand-object", 5, length)
	found := turned(t, rec, 10*time.Millisecond)
	if result := score.MotionWithin(length, rec.Truth, found); result.F1 < .6 {
		t.Errorf("F1 is %v, want .6", result.F1)
	}
}

// TestAGyroscopeDoesNotDependOnWindows leaves a gap in the events through which the
// camera turns on, and one in the gyroscope's samples.
func TestAGyroscopeDoesNotDependOnWindows(t *testing.T) {
	t.Parallel()
	rec := scene(t, "hand-object", 0, 700*time.Millisecond)
	rec.Events = slices.DeleteFunc(rec.Events, func(e pipeline.Event) bool { return e.T > 200_000 && e.T < 380_000 })
	rec.Gyro = slices.DeleteFunc(rec.Gyro, func(r pipeline.AngularRate) bool { return r.T > 500_000 && r.T < 560_000 })
	for i := range rec.Gyro {
		rec.Gyro[i].At = rec.Gyro[i].At/7000*7000 + 7000 // in packets
	}
	want := json(turned(t, rec, time.Millisecond))
	for _, window := range []time.Duration{3 * time.Millisecond, 10 * time.Millisecond, 33 * time.Millisecond} {
		if got := json(turned(t, rec, window)); got != want || got == "" {
			t.Errorf("windows of %v: detections differ from those of windows of 1 ms", window)
		}
	}
}

func TestAStillCameraLosesNothingByItsLeaveToMove(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"disk", "three", "bar-45"} {
		if result, camera := panned(t, name); result.F1 < .88 || len(camera) > 0 {
			t.Errorf("%s: F1 is %v, want .88; %d records of the camera's motion, want none", name, result.F1, len(camera))
		}
	}
}

func TestReadoutOfAMovingCameraKeepsItsContract(t *testing.T) {
	t.Parallel()
	const end = 300_000
	rec := scene(t, "camera-object", 5, end*time.Microsecond)
	r := movingRig(t)
	r.turns = rec.Gyro
	r.feed(t, pipeline.Window{End: end}, rec.Events)
	layers, c := r.network.Layers(), moving()
	c.Camera.Focal = simulator.FocalShare * 128
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New:      func() (pipeline.Readout, error) { return motion.NewReadout(c, layers) },
		Activity: r.activity,
	})
}

// TestAPanWithARestDoesNotDependOnWindows leaves a gap in the middle of a pan that
// is longer than what the camera's motion is remembered.
func TestAPanWithARestDoesNotDependOnWindows(t *testing.T) {
	t.Parallel()
	ev := scene(t, "camera-object", 0, 600*time.Millisecond).Events
	for i := range ev {
		if ev[i].T > 300_000 {
			ev[i].T += 3_000_000
		}
	}
	want := json(movingRig(t).detect(t, ev, time.Millisecond))
	for _, window := range []time.Duration{3 * time.Millisecond, 10 * time.Millisecond, 33 * time.Millisecond} {
		if got := json(movingRig(t).detect(t, ev, window)); got != want || got == "" {
			t.Errorf("windows of %v: detections differ from those of windows of 1 ms", window)
		}
	}
}
