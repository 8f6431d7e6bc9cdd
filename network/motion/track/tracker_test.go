package track

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

const period = 10_000 // µs

// bench feeds a tracker with blobs, as a readout without clusters would.
type bench struct {
	*Tracker
	end int64
}

func newBench(change func(*Config, *Setup)) *bench {
	c, s := NewDefaultConfig(), Setup{Period: 10 * time.Millisecond, Width: 200, Height: 100, Flow: true}
	if change != nil {
		change(&c, &s)
	}
	return &bench{Tracker: New(c, s)}
}

// blob is a sure thing of w x h px at (x, y) that moves with (vx, vy).
func blob(x, y, w, h, vx, vy float64) Blob {
	return Blob{
		Box: Box{Vec{x, y}, Vec{x + w, y + h}}, Centroid: Vec{x + w/2, y + h/2},
		N: 100, On: 50, Velocity: Vec{vx, vy}, Flow: true, Evidence: 100,
	}
}

// step runs a period: blob i is shown to track i, the rest found new ones.
func (k *bench) step(blobs ...Blob) []pipeline.Detection {
	k.end += period
	k.Predict()
	for i := range blobs {
		blobs[i].First, blobs[i].Last = k.end-period/2, k.end-1
	}
	tracks := len(k.Tracks)
	for i, t := range k.Tracks {
		if i < len(blobs) && blobs[i].N > 0 {
			k.Correct(t, &blobs[i])
		} else {
			k.Miss(t)
		}
	}
	for i := tracks; i < len(blobs); i++ {
		k.Start(&blobs[i])
	}
	k.Merge()
	return k.Publish(k.end, nil)
}

// kinds lists what is reported, as kind and id.
func kinds(ds []pipeline.Detection) (list []string) {
	for _, d := range ds {
		list = append(list, string(d.Kind)+" "+string('0'+byte(d.TrackID)))
	}
	return list
}

func TestATrackLivesFromStartToEnd(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	var got [][]string
	for i := range 5 {
		got = append(got, kinds(k.step(blob(20+float64(i), 20, 10, 10, 100, 0))))
	}
	for range 13 {
		got = append(got, kinds(k.step()))
	}
	got = append(got, kinds(k.step(blob(20, 20, 10, 10, 100, 0))))
	want := [][]string{nil, nil, {"motion_start 1"}, {"motion_update 1"}, {"motion_update 1"}}
	want = append(want, []string{"motion_update 1"}, []string{"motion_update 1"}) // coasting
	want = append(want, make([][]string, 10)...)
	want = append(want, []string{"motion_end 1"}, nil)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for range 15 {
		k.step()
	}
	k.step(blob(150, 70, 10, 10, 100, 0))
	k.step(blob(150, 70, 10, 10, 100, 0))
	if got := kinds(k.step(blob(150, 70, 10, 10, 100, 0))); len(got) != 1 || got[0] != "motion_start 2" {
		t.Errorf("the next thing, elsewhere, reports %v: an id is never used for another one", got)
	}
}

func TestUpdatesComeAtABoundedRate(t *testing.T) {
	t.Parallel()
	k := newBench(func(_ *Config, s *Setup) { s.Update = 50 * time.Millisecond })
	n := 0
	for range 23 {
		n += len(k.step(blob(20, 20, 10, 10, 100, 0)))
	}
	if n != 5 { // at 30, 80, 130, 180, 230 ms
		t.Errorf("%d detections in 230 ms, want 5", n)
	}
}

func TestWhatNoiseCouldHaveMadeFoundsAndKeepsNothing(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	weak := blob(20, 20, 10, 10, 100, 0)
	weak.Evidence = NewDefaultConfig().Evidence - 1
	for range 5 {
		k.step(weak)
	}
	if len(k.Tracks) != 0 {
		t.Error("weak evidence founds a track")
	}
	for range 5 {
		k.step(blob(20, 20, 10, 10, 100, 0))
	}
	weak.Evidence = keep*NewDefaultConfig().Evidence - 1
	for range NewDefaultConfig().Coast + 1 {
		k.step(weak)
	}
	if len(k.Tracks) != 0 {
		t.Error("weaker evidence keeps a track alive")
	}
}

func TestPartsOfOneObjectMerge(t *testing.T) {
	t.Parallel()
	edge := func(b Blob, on int) Blob { b.On = on; return b }
	for _, c := range []struct {
		name    string
		a, b    Blob
		periods int
		want    int // tracks
	}{
		{"leading and trailing edge, of opposite polarity", edge(blob(20, 20, 4, 30, 100, 0), 100), edge(blob(60, 20, 4, 30, 100, 0), 0), 5, 1},
		{"two objects at that distance", blob(20, 20, 4, 30, 100, 0), blob(60, 20, 4, 30, 100, 0), 5, 2},
		{"edges that move apart", edge(blob(20, 20, 4, 30, -100, 0), 100), edge(blob(60, 20, 4, 30, 100, 0), 0), 5, 2},
		{"one inside the other", blob(20, 20, 40, 40, 100, 0), blob(30, 30, 10, 10, 100, 0), 5, 1},
		{"one that crosses the other", blob(20, 20, 40, 40, 100, 0), blob(30, 30, 10, 10, -100, 0), 20, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBench(nil)
			for range c.periods {
				k.step(c.a, c.b)
			}
			if len(k.Tracks) != c.want {
				t.Errorf("%d tracks, want %d", len(k.Tracks), c.want)
			}
		})
	}
}

func TestWhatTouchesAndMovesAlikeForLongIsOneObject(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	for i := range 6 { // apart, until both are confirmed
		k.step(blob(20, 20, 20, 20, 100, 0), blob(20, 75-float64(i), 20, 20, 100, 0))
	}
	for i := range companionship {
		if len(k.Tracks) != 2 {
			t.Fatalf("%d tracks after %d periods of touch", len(k.Tracks), i)
		}
		k.Tracks[0].setBox(blob(20, 20, 20, 20, 0, 0).Box)
		k.Tracks[1].setBox(blob(20, 41, 20, 20, 0, 0).Box)
		k.Merge()
	}
	if len(k.Tracks) != 1 || k.Tracks[0].ID != 1 {
		t.Errorf("%d tracks after %d periods of touch, want track 1 alone", len(k.Tracks), companionship)
	}
}

func TestALeadingEdgeReachesBackToTheBorder(t *testing.T) {
	t.Parallel()
	for _, polar := range []bool{true, false} {
		k := newBench(nil)
		for i := range 100 {
			k.Event(i, 50, polar && i%2 == 0)
		}
		for i := range 20 {
			edge := blob(1+float64(i), 20, 3, 30, 100, 0)
			edge.On = 0
			k.step(edge)
		}
		if got := k.Tracks[0].Box().Min.X; polar != (got < 2) {
			t.Errorf("both polarities %t: the box begins at %.1f px behind an edge at 20 to 23 px", polar, got)
		}
	}
}

func TestASlowTrackTellsItsVelocityOnceItHasMoved(t *testing.T) {
	t.Parallel()
	k := newBench(nil)
	var speed, unknown float64
	for i := range 300 { // 20 px/s
		b := blob(20+.2*float64(i), 20, 20, 20, 0, 0)
		b.Flow, b.Rough = false, true
		for _, d := range k.step(b) {
			if speed = float64(d.SpeedPxS); math.IsNaN(speed) {
				unknown++
			}
		}
	}
	if unknown < 50 || math.Abs(speed-20) > 2 {
		t.Errorf("speed %.1f px/s after %v periods without, want about 20 after some 100", speed, unknown)
	}
}

func TestTooManyTracksAreRefusedAndCounted(t *testing.T) {
	t.Parallel()
	k := newBench(func(c *Config, _ *Setup) { c.Most = 1 })
	k.step(blob(20, 20, 10, 10, 100, 0), blob(100, 20, 10, 10, -100, 0))
	if len(k.Tracks) != 1 || k.Refused() != 1 {
		t.Errorf("%d tracks, %d refused", len(k.Tracks), k.Refused())
	}
}

// TestOnlyWhatIsWantedIsConfirmed holds a thing of 20 x 10 px at 100 px/s against
// bounds that it meets and that it does not.
func TestOnlyWhatIsWantedIsConfirmed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		wanted Wanted
		want   bool
	}{
		{"no bound", Wanted{}, true},
		{"all bounds met", Wanted{MinSize: 15, MaxSize: 25, MinSpeed: 90, MaxSpeed: 110, MaxAspect: 3}, true},
		{"too small", Wanted{MinSize: 25}, false},
		{"too large", Wanted{MaxSize: 15}, false},
		{"too slow", Wanted{MinSpeed: 110}, false},
		{"too fast", Wanted{MaxSpeed: 90}, false},
		{"too long for its width", Wanted{MaxAspect: 1.5}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBench(func(cfg *Config, _ *Setup) { cfg.Wanted = c.wanted })
			found := 0
			for i := range 6 {
				found += len(k.step(blob(20+float64(i), 20, 20, 10, 100, 0)))
			}
			if (found > 0) != c.want {
				t.Errorf("%d detections, want some: %t", found, c.want)
			}
		})
	}
	for _, bad := range []Wanted{{MinSize: 2, MaxSize: 1}, {MinSpeed: 2, MaxSpeed: 1}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
