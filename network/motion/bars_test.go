package motion_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

// bars are the events of three vertical bars, 1 px wide and 24 px high, that move to the right by 100 px/s: each column
// is lit for 10 ms by many events of either polarity by chance. Noise is of 10 Hz a pixel.
func bars(length time.Duration) []pipeline.Event {
	r := rand.New(rand.NewPCG(1, 2))
	var ev []pipeline.Event
	for t := int64(0); t < length.Microseconds(); t += 4 {
		e := pipeline.Event{T: t, X: uint16(r.IntN(128)), Y: uint16(r.IntN(128)), P: uint8(r.IntN(2))}
		if bar := r.IntN(5); bar < 3 { // 50,000 events/s each: 21 of a pixel while it is lit
			e.X, e.Y = uint16((int(t)/10_000+43*bar)%128), uint16(10+40*bar+r.IntN(24))
		} else if r.IntN(2) == 0 {
			continue
		}
		ev = append(ev, e)
	}
	return ev
}

func TestThreeBarsOfRandomPolarityAreSeen(t *testing.T) {
	t.Parallel()
	seen := map[uint64]int{}
	for _, d := range newRig(t, 128, 128, 1).detect(t, bars(time.Second/4), time.Millisecond) {
		if d.Kind == pipeline.MotionUpdate {
			seen[d.TrackID]++
			if d.T > 100_000 && (d.VX < 90 || d.VX > 120) {
				t.Errorf("track %d at %d µs moves by %v px/s, want 100", d.TrackID, d.T, d.VX)
			}
		}
	}
	n := make([]int, 0, 3)
	for _, of := range seen {
		n = append(n, of)
	}
	if slices.Sort(n); len(n) != 3 || n[0] < 18 {
		t.Errorf("tracks are seen %v times, want three, each in most of 25 periods", n)
	}
}
