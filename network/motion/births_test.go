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
