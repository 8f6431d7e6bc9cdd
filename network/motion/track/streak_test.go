package track_test

import (
	"math"
	"testing"
	"time"

	"ganglion/network/motion/track"
)

func TestABlobHasALongAndAShortAxis(t *testing.T) {
	t.Parallel()
	const slope = .75 // 3 px down for 4 to the right
	var line []track.Point
	for i := range 9 {
		line = append(line, track.Point{X: float32(4 * i), Y: float32(4 * slope * float64(i))})
	}
	var g track.Gauge
	b := g.Measure(line, 0, track.Vec{})
	if want := 5 * math.Sqrt(80./12); math.Abs(b.Long-want) > 1e-9 || b.Thick > 1e-6 {
		t.Errorf("a line is %v px long and %v thick, want %v and 0", b.Long, b.Thick, want)
	}
	b = g.Measure([]track.Point{{X: 1}, {X: 5}, {X: 3, Y: 1}, {X: 3, Y: -1}}, 0, track.Vec{})
	if math.Abs(b.Long-math.Sqrt2) > 1e-9 || math.Abs(b.Thick-math.Sqrt(.5)) > 1e-9 {
		t.Errorf("a cross is %v px long and %v thick, want %v and %v", b.Long, b.Thick, math.Sqrt2, math.Sqrt(.5))
	}
}

// TestAStreakIsNotConfirmed shows a tracker a line 12 px long for ten periods.
func TestAStreakIsNotConfirmed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		long, thick float64
		flow, rough bool
		want        bool // it is confirmed
	}{
		{"a drop of rain", 3.6, .9, false, false, false},
		{"a thicker thing", 4, .91, false, false, true},
		{"a shorter thing", 3.5, .9, false, false, true},
		{"an edge that moves across its length", 3.6, .5, true, false, true},
		{"a slow edge", 3.6, .5, false, true, true},
	} {
		k := track.New(track.NewDefaultConfig(), track.Setup{Period: 10 * time.Millisecond, Flow: true, Width: 200, Height: 100})
		b := track.Blob{
			Box: track.Box{Min: track.Vec{X: 50, Y: 50}, Max: track.Vec{X: 52, Y: 62}}, N: 20, On: 10, Evidence: 100, Last: 1,
			Long: c.long, Thick: c.thick, Flow: c.flow, Rough: c.rough,
		}
		k.Start(&b)
		told := 0
		for i := range 10 {
			told += len(k.Publish(int64(i+1)*10_000, nil))
			k.Predict()
			k.Correct(k.Tracks[0], &b)
			k.Merge()
		}
		if told > 0 != c.want {
			t.Errorf("%s: told %d times", c.name, told)
		}
	}
}
