package motion_test

import (
	"crypto/sha256"
	"runtime"
	"slices"
	"testing"
	"time"

	"ganglion/network/motion"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

func TestDetectionsDoNotDependOnShardsProcessorsOrWindows(t *testing.T) {
	for _, s := range []struct {
		name  string
		noise float64
	}{{"crossing", 5}, {"accelerate", 0}} {
		rec := scene(t, s.name, s.noise, 600*time.Millisecond)
		want := ""
		for _, procs := range []int{1, 2} {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			for _, shards := range []int{1, 2, 3, 8} {
				for _, ms := range []int{1, 5, 10, 30} {
					got := json(newRig(t, 128, 128, shards).detect(t, rec.Events, time.Duration(ms)*time.Millisecond))
					if want == "" {
						want = got
					}
					if got != want || got == "" {
						t.Errorf("%s, GOMAXPROCS %d, %d shards, windows of %d ms: detections %x, want %x",
							s.name, procs, shards, ms, sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want)))
					}
				}
			}
		}
	}
}

// crowded is four times a scene of objects that come and go, side by side, with
// half a second in the middle in which nothing happens.
func crowded(t *testing.T) (ev []pipeline.Event) {
	for _, e := range scene(t, "three", 5, 600*time.Millisecond).Events {
		if e.T > 300_000 {
			e.T += 500_000
		}
		for i := range uint16(4) {
			copied := e
			copied.X, copied.Y = e.X+i%2*128, e.Y+i/2*128
			ev = append(ev, copied)
		}
	}
	return ev
}

func TestCrowdsStopsAndGapsDoNotDependOnWindows(t *testing.T) {
	t.Parallel()
	ev := crowded(t)
	want := json(newRig(t, 256, 256, 1).detect(t, ev, 100*time.Microsecond))
	for _, window := range []time.Duration{time.Millisecond, 3 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond,
		33 * time.Millisecond} {
		if got := json(newRig(t, 256, 256, 1).detect(t, ev, window)); got != want || got == "" {
			t.Errorf("windows of %v: detections differ from those of windows of 0.1 ms", window)
		}
	}
}

func TestReadoutKeepsItsContract(t *testing.T) {
	t.Parallel()
	const end = 300_000
	rec := scene(t, "crossing", 5, end*time.Microsecond)
	r := newRig(t, 128, 128, 1)
	r.feed(t, pipeline.Window{End: end}, rec.Events)
	layers := r.network.Layers()
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New:      func() (pipeline.Readout, error) { return motion.NewReadout(motion.NewDefaultReadoutConfig(), layers) },
		Activity: r.activity,
	})
}

func TestReadoutAllocatesNothingOnceItIsWarm(t *testing.T) {
	rec := scene(t, "three", 5, time.Second)
	r := newRig(t, 128, 128, 1)
	var found int
	// The stream is run again and again, later each time: tracks come and go.
	offset := int64(0)
	var cut []pipeline.Window
	var parts [][]pipeline.Event
	windows(rec.Events, 10*time.Millisecond, func(w pipeline.Window, part []pipeline.Event) {
		cut, parts = append(cut, w), append(parts, part)
	})
	pass := func() {
		for i, w := range cut {
			found += len(r.feed(t, pipeline.Window{Start: w.Start + offset, End: w.End + offset}, parts[i]))
			for j := range parts[i] {
				parts[i][j].T += 1_000_000
			}
		}
		offset += 1_000_000
	}
	for range 5 {
		pass()
	}
	before := found
	if n := testing.AllocsPerRun(3, pass); n != 0 {
		t.Errorf("%v allocations in a second", n)
	}
	if found == before {
		t.Error("nothing was detected, so nothing was tested")
	}
}

func TestSilenceCostsNothingAndEndsTracksInTime(t *testing.T) {
	t.Parallel()
	rec := scene(t, "disk", 0, 200*time.Millisecond)
	const late = int64(1) << 50 // 36 years
	ev := append(slices.Clone(rec.Events), pipeline.Event{T: late, X: 5, Y: 5, P: pipeline.On})
	found := newRig(t, 128, 128, 1).detect(t, ev, 10*time.Millisecond)
	last := found[len(found)-1]
	if last.Kind != pipeline.MotionEnd || last.T < 300_000 || last.T > 400_000 {
		t.Errorf("the track ends with %s at %d µs, want motion_end after some 130 ms without events", last.Kind, last.T)
	}
}

func TestReadoutOfNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, 16, 16, 1)
	for _, w := range []pipeline.Window{{Start: 0, End: 10_000}, {Start: 50_000, End: 1_000_000}} {
		if found := r.feed(t, w, nil); len(found) > 0 {
			t.Errorf("window %v without events: %v", w, found)
		}
	}
	if found := r.readout.Flush(nil); len(found) > 0 {
		t.Errorf("the end of an empty stream: %v", found)
	}
}

func TestTheSlowLayerSeesWhatTheOthersDoNot(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		model := motion.NewDefaultModelConfig()
		model.Slow.On = on
		boxes := 0
		for _, d := range newRigOf(t, 128, 128, model).detect(t, scene(t, "slow", 5, time.Second).Events, 10*time.Millisecond) {
			if d.Kind != pipeline.MotionEnd {
				boxes++
			}
		}
		if on != (boxes > 30) || !on && boxes > 0 {
			t.Errorf("slow layer %t: %d boxes of a disk at 12 px/s", on, boxes)
		}
	}
}

// TestASlowObjectIsSeenInAnyNoise holds the settings of the slow layer: what
// noise adds to its neurons, it takes by tiring their synapses.
func TestASlowObjectIsSeenInAnyNoise(t *testing.T) {
	t.Parallel()
	for _, noise := range []float64{0, 1, 5} {
		rec := scene(t, "slow", noise, 1500*time.Millisecond)
		boxes := map[int64]pipeline.Detection{}
		for _, d := range newRig(t, 128, 128, 1).detect(t, rec.Events, 10*time.Millisecond) {
			if d.Kind != pipeline.MotionEnd {
				boxes[d.T] = d
			}
		}
		seen := 0
		for _, g := range rec.Truth {
			d, ok := boxes[g.T]
			w := min(g.X1, float64(d.X1)) - max(g.X0, float64(d.X0))
			h := min(g.Y1, float64(d.Y1)) - max(g.Y0, float64(d.Y0))
			if ok && min(w, h) > 0 && 2*w*h > (g.X1-g.X0)*(g.Y1-g.Y0) {
				seen++
			}
		}
		if share := float64(seen) / float64(len(rec.Truth)); share < .7 {
			t.Errorf("noise of %v Hz: a box on %.0f %% of the instants: want 70 %%", noise, 100*share)
		}
	}
}

// TestTheEndOfAStreamEndsItsLastPeriod lets a stream of things in motion end before, at and
// behind the begin of a period, in windows that end within it.
func TestTheEndOfAStreamEndsItsLastPeriod(t *testing.T) {
	t.Parallel()
	all := scene(t, "crossing", 5, 300*time.Millisecond).Events
	for last, want := range map[int64]int64{279_999: 280_000, 280_000: 290_000, 285_500: 290_000} {
		n := 0
		for all[n].T < last {
			n++
		}
		ev := append(slices.Clone(all[:n]), pipeline.Event{T: last, X: 5, Y: 5, P: pipeline.On})
		update, end := int64(0), int64(0)
		for _, d := range newRig(t, 128, 128, 1).detect(t, ev, time.Millisecond) {
			if d.Kind == pipeline.MotionEnd {
				end = d.T
			} else {
				update = d.T
			}
		}
		if update != want || end != want {
			t.Errorf("a stream until %d µs: the last update at %d, the last end at %d, want %d", last, update, end, want)
		}
	}
}

func TestReadoutRefusesOtherNetworks(t *testing.T) {
	t.Parallel()
	if _, err := motion.NewReadout(motion.NewDefaultReadoutConfig(), []pipeline.Layer{{Name: "other"}}); err == nil {
		t.Error("no error")
	}
}

func TestWhatIsTooMuchIsCountedAndLeftOut(t *testing.T) {
	t.Parallel()
	rec := scene(t, "three", 5, 300*time.Millisecond)
	r := newRig(t, 128, 128, 1)
	cfg := motion.NewDefaultReadoutConfig()
	cfg.Track.Most = 1
	readout, err := motion.NewReadout(cfg, r.network.Layers())
	if err != nil {
		t.Fatal(err)
	}
	r.readout = readout
	boxes := map[int64]int{}
	for _, d := range r.detect(t, rec.Events, 10*time.Millisecond) {
		if d.Kind != pipeline.MotionEnd {
			boxes[d.T]++
			if boxes[d.T] > 1 {
				t.Errorf("%d tracks at %d µs, want at most 1", boxes[d.T], d.T)
			}
		}
	}
	if len(boxes) == 0 || readout.Dropped() == 0 {
		t.Errorf("%d instants with a box, %d spikes and clusters dropped, want some of both", len(boxes), readout.Dropped())
	}
}
