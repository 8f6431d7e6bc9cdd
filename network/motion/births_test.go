package motion

import (
	"testing"

	"ganglion/network/motion/track"
)

// A cluster that spans half of the sensor founds no track, and is counted; one of noise
// is not.
func TestWhatIsTooLargeForAnObjectIsCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		size           int // px
		each           int // spikes of each cell
		tracks, refuse int
	}{{"a large one", 80, 6, 0, 1}, {"one that is an object", 60, 6, 1, 0}, {"a few spikes", 80, 0, 0, 0}} {
		r, _ := claiming(t, track.Vec{}, 0)
		r.tracker.Tracks, r.fast.spikes = nil, nil
		for y := 0; y < c.size; y += cellSize {
			for x := 0; x < c.size; x += cellSize {
				r.fast.spikes = append(r.fast.spikes, group(float32(x), float32(y), c.each, c.each/2)...)
			}
		}
		r.fast.spikes = append(r.fast.spikes, at(1, 1), at(float32(c.size), float32(c.size)))
		idx := make([]int32, len(r.fast.spikes))
		for i := range idx {
			idx[i] = int32(i)
		}
		r.start(&r.fast, idx, 10_000)
		if got := len(r.tracker.Tracks); got != c.tracks || r.Dropped() != uint64(c.refuse) {
			t.Errorf("%s: %d tracks, %d clusters left out", c.name, got, r.Dropped())
		}
	}
}

// Where the light grows or falls, unclaimed spikes of one polarity lie all over the picture. They
// found no tracks and go to none.
func TestAChangeOfLightFoundsNoTracks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		across  int // px of 100 that the spikes reach, in each direction
		each, n int // spikes of each group, and ON among them
		tracks  int
	}{
		{"all over the picture", 100, 10, 0, 0},
		{"the other polarity", 100, 10, 10, 0},
		{"a tenth of the other", 100, 10, 1, 0},
		{"two tenths: things", 100, 10, 2, 25},
		{"in a third of it", 60, 10, 0, 9},
	} {
		r, _ := claiming(t, track.Vec{}, 0)
		r.tracker.Tracks, r.fast.spikes = nil, nil
		for y := 4; y < c.across; y += 20 {
			for x := 4; x < c.across; x += 20 {
				r.fast.spikes = append(r.fast.spikes, group(float32(x), float32(y), c.each, c.n)...)
				r.fast.spikes = append(r.fast.spikes, group(float32(x+cellSize), float32(y+cellSize), c.each, c.n)...)
			}
		}
		for i := range r.fast.spikes {
			r.grid.until[r.grid.cell(&r.fast.spikes[i])] = 20_000
		}
		if r.serve(&r.fast, 10_000); len(r.tracker.Tracks) != c.tracks || (r.Dropped() > 0) != (c.tracks == 0) ||
			r.gauge.Ground != (c.tracks == 0) { // strays all around what there is
			t.Errorf("%s: %d tracks, want %d; %d left out, ground %t", c.name, len(r.tracker.Tracks), c.tracks, r.Dropped(), r.gauge.Ground)
		}
	}
}

// Noise that links cells all over the picture leaves nothing that founds or keeps a track. The
// readout is blind then and counts it, the slow layer alone is not told.
func TestWhatDrownsInNoiseFoundsNoTracks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate            float64 // of coincidences, 1/(px s)
		tracks, refused int
	}{{.01, 1, 0}, {4, 0, 0}, {5, 0, 1}} {
		r, _ := claiming(t, track.Vec{}, 0)
		r.tracker.Tracks = nil
		r.fast.spikes = append(group(20, 20, 30, 15), group(24, 24, 30, 15)...)
		for i := range r.fast.spikes {
			r.grid.until[r.grid.cell(&r.fast.spikes[i])] = 20_000
		}
		r.fast.noise = track.NewNoise(r.w, r.h, r.cfg.Period, r.cfg.Memory, fastClump, c.rate)
		r.slow.noise = track.NewNoise(r.w, r.h, r.cfg.Period, r.cfg.Slow.Memory, slowClump, c.rate)
		r.serve(&r.slow, 10_000)
		if r.serve(&r.fast, 10_000); len(r.tracker.Tracks) != c.tracks || r.Dropped() != uint64(c.refused) {
			t.Errorf("%v/(px s): %d tracks, want %d; %d left out", c.rate, len(r.tracker.Tracks), c.tracks, r.Dropped())
		}
	}
}
