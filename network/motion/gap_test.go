package motion

import (
	"testing"

	"ganglion/network/motion/track"
)

// edge is ten places of one polarity, up to 2 px apart.
func edge(at float64, on bool) (p []place) {
	for i := range 10 {
		p = append(p, place{at + float64(i%3), on})
	}
	return p
}

func TestAGapLiesBetweenTwoWholeThings(t *testing.T) {
	t.Parallel()
	type edges map[float64]bool // ON, by place
	for _, c := range []struct {
		name  string
		edges edges
		near  float64 // where a gap has been, or 0
		want  float64 // its place, or 0 where there is none
	}{
		{"two things", edges{0: false, 20: true, 30: false, 50: true}, 0, 26},
		{"one is dark", edges{0: true, 20: false, 30: false, 50: true}, 0, 26},
		{"one thing with an empty middle", edges{0: false, 40: true}, 0, 0},
		{"an edge behind a thing", edges{0: false, 20: true, 60: false}, 0, 0},
		{"a small one behind a large one", edges{0: false, 20: true, 30: false, 32: true}, 0, 0},
		{"three things: the wider gap", edges{0: false, 20: true, 30: false, 50: true, 62: false, 82: true}, 0, 57},
		{"the gap where one has been", edges{0: false, 20: true, 30: false, 50: true, 62: false, 82: true}, 24, 26},
		{"a gap of 2 px", edges{0: false, 20: true, 24: false, 44: true}, 0, 0},
		{"no spikes", nil, 0, 0},
		{"the wider gap is not ground", edges{0: false, 20: true, 30: false, 50: true, 66: false, 86: true}, 0, 26},
	} {
		var p []place
		for at, on := range c.edges {
			p = append(p, edge(at, on)...)
		}
		at, ok := gapOf(p, c.near != 0, c.near, func(lo, hi float64) bool { return hi-lo < 14 })
		if at != c.want || ok != (c.want != 0) {
			t.Errorf("%s: a gap at %v (%t), want %v", c.name, at, ok, c.want)
		}
	}
}

// TestWhatFollowsCloselyIsSevered shows a track two things 10 px apart that move to the
// right by 100 px/s.
func TestWhatFollowsCloselyIsSevered(t *testing.T) {
	t.Parallel()
	r, k := claiming(t, track.Vec{X: 100}, 0)
	r.tracker.Tracks = append(r.tracker.Tracks, k)
	var idx []int32
	for _, e := range []struct {
		x  float32
		on bool
	}{{30, false}, {45, true}, {57, false}, {72, true}} {
		for i := range 10 + int(e.x)/57 { // the one in front has more
			s := at(e.x+float32(i%3), 50+float32(i))
			s.On = e.on
			idx = append(idx, int32(len(r.fast.spikes)))
			r.fast.spikes = append(r.fast.spikes, s)
		}
	}
	periods := 0
	for ; len(r.tracker.Tracks) == 1 && periods < 100; periods++ {
		if left := r.sever(&r.fast, k, append([]int32(nil), idx...), 0); len(r.tracker.Tracks) == 1 && len(left) != len(idx) {
			t.Fatalf("%d of %d spikes are left before the track is severed", len(left), len(idx))
		}
		for i := range r.fast.spikes { // with the track, which stands still here
			r.fast.spikes[i].X++
		}
		k.Centre.X++
	}
	if len(r.tracker.Tracks) != 2 || periods != 12 {
		t.Fatalf("%d tracks after %d periods, want 2 after 12", len(r.tracker.Tracks), periods)
	}
	front, back := k.Box(), r.tracker.Tracks[1].Box()
	if gap := front.Min.X - back.Max.X; gap < 9 || gap > 12 {
		t.Errorf("the boxes are %v px apart, want some 10", gap)
	}
	for range 200 {
		if r.tracker.Merge(); len(r.tracker.Tracks) != 2 {
			t.Fatal("they are one again")
		}
	}
}
