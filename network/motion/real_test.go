package motion_test

import (
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"ganglion/internal/shareddata"
	"ganglion/network/motion"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// realEvents reads a recording of the shared data.
func realEvents(t *testing.T, parts ...string) (all []pipeline.Event, width, height int) {
	t.Helper()
	r, err := recording.Open(shareddata.Path(t, append([]string{"events"}, parts...)...), recording.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for block := format.NewBlock(4096); ; {
		if err := r.Read(block); errors.Is(err, io.EOF) {
			return all, r.Info.Width, r.Info.Height
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, block.Events...)
	}
}

// TestARealObjectOnACircleIsOneTrack holds the readout against a recording of
// one object on a circle. Centre, radius and speed are those of the circle
// through the centroids of the recording's own events in each 10 ms, which
// they follow within .9 px rms; the phase is the mean over all events.
func TestARealObjectOnACircleIsOneTrack(t *testing.T) {
	t.Parallel()
	const cx, cy, radius, omega, period = 154.2, 119.6, 83.2, -363 * math.Pi / 180, 10_000
	all, w, h := realEvents(t, "es", "color.es")
	c := motion.NewDefaultModelConfig()
	c.Shards = 1
	net, err := motion.New(c, pipeline.Shape{2, h, w})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	r, err := motion.NewReadout(motion.NewDefaultReadoutConfig(), net.Layers())
	if err != nil {
		t.Fatal(err)
	}
	var in pipeline.Spikes
	var sin, cos float64 // of the phase, summed over all events
	ids := make([]uint32, 0, 1000)
	for i := 0; i < len(all); {
		at := all[i].T
		for ids = ids[:0]; i < len(all) && all[i].T == at; i++ {
			e := all[i]
			ids = append(ids, uint32((int(e.P)*h+int(e.Y))*w+int(e.X)))
			phase := math.Atan2(float64(e.Y)-cy, float64(e.X)-cx) - omega*float64(at)*1e-6
			sin, cos = sin+math.Sin(phase), cos+math.Cos(phase)
		}
		slices.Sort(ids)
		for _, id := range ids {
			in.Append(at, id)
		}
	}
	phase := math.Atan2(sin, cos)
	a := pipeline.Activity{Window: pipeline.Window{End: 1_000_000}, Input: &in, Layers: make([]pipeline.LayerActivity, len(net.Layers()))}
	if err := net.Step(t.Context(), a.Window, &in, &a); err != nil {
		t.Fatal(err)
	}
	found := r.Flush(r.Read(&a, nil))

	count := map[uint64]int{}
	for _, d := range found {
		if d.Kind == pipeline.MotionStart || d.Kind == pipeline.MotionUpdate {
			count[d.TrackID]++
		}
	}
	var main uint64
	for id, n := range count {
		if n > count[main] || n == count[main] && id < main {
			main = id
		}
	}
	var errs []float64
	for _, d := range found {
		if d.TrackID != main || d.Kind == pipeline.MotionEnd {
			continue
		}
		angle := phase + omega*float64(d.T)*1e-6
		errs = append(errs, math.Hypot(float64(d.CX)-cx-radius*math.Cos(angle), float64(d.CY)-cy-radius*math.Sin(angle)))
	}
	slices.Sort(errs)
	periods := float64(1_000_000 / period)
	share, median := float64(len(errs))/periods, errs[len(errs)/2]
	t.Logf("the longest of %d tracks has %.0f %% of the periods, centroid error median %.1f px, 90 %% %.1f px", len(count), 100*share, median,
		errs[len(errs)*9/10])
	if share < .95 || median > 6 {
		t.Errorf("one track for %.0f %% of the periods, centroid error median %.1f px: want 95 %% and 6 px", 100*share, median)
	}
}

// TestARealBoxKeepsItsID follows a dark box on a stick that a hand moves to and fro, and
// stops, for 39 s: the box has one id while it moves, wherever the periods begin.
func TestARealBoxKeepsItsID(t *testing.T) {
	t.Parallel()
	all, w, h := realEvents(t, "aedat2", "dvs128-moving-dark-box.aedat")
	for phase := range int64(10) {
		from := all[0].T - phase*1000
		for i := range all {
			all[i].T -= from
		}
		count, large := map[uint64]int{}, 0
		for _, d := range newRig(t, w, h, 1).detect(t, all, 10*time.Millisecond) {
			if d.Kind == pipeline.MotionUpdate && (d.X1-d.X0)*(d.Y1-d.Y0) > 1500 { // not a speck or a part
				count[d.TrackID]++
				large++
			}
		}
		most := 0
		for _, n := range count {
			most = max(most, n)
		}
		t.Logf("periods from %d ms on: %d of %d boxes have the id of most", phase, most, large)
		if large < 2500 || most*100 < large*90 {
			t.Errorf("periods from %d ms on: %d of %d boxes have the id of most, want 90 %%", phase, most, large)
		}
	}
}
