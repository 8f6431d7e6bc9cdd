package motion

import (
	"testing"

	"ganglion/network/motion/track"
	"ganglion/pipeline"
)

// TestSpikesOfBlinkingPixelsAreLeftOut counts changes of polarity that fade over 50 ms: a
// pixel blinks by more than three, of which each took 4 ms.
func TestSpikesOfBlinkingPixelsAreLeftOut(t *testing.T) {
	t.Parallel()
	const x, y, w = 7, 3, 100
	for _, c := range []struct {
		name   string
		gap    int64 // between two events, µs
		events int
		steady bool  // of one polarity
		later  int64 // the spike follows the last event, µs
		want   bool
	}{
		{"four changes", 4000, 5, false, 0, true}, // .92, of each gap: 1, 1.92, 2.77, 3.55
		{"three changes", 4000, 4, false, 0, false},
		{"soon after", 4000, 5, false, 7_000, true}, // 3.55 * .86 = 3.05
		{"some time after", 4000, 5, false, 8_000, false},
		{"eight changes while something passes", 1000, 9, false, 0, false}, // a quarter each: 1.87
		{"as quick, for longer", 1000, 16, false, 0, true},                 // 3.02
		{"slow changes", flickerGap - 1, 5, false, 0, true},                // .84: 1, 1.84, 2.55, 3.14
		{"too slow ones", flickerGap, 20, false, 0, false},
		{"one polarity", 2000, 20, true, 0, false},
	} {
		r, _ := claiming(t, track.Vec{}, 0)
		var in pipeline.Spikes
		for i := range c.events {
			id := uint32(y*w + x)
			if c.steady || i%2 == 1 {
				id += w * w
			}
			in.Append(int64(i)*c.gap, id)
		}
		last := in.T[c.events-1]
		take := intake{Readout: r, a: &pipeline.Activity{Input: &in}}
		take.takeInput(last + 1)
		for _, s := range []spike{at(x, y), at(y, x)} {
			s.T = last + c.later
			r.fast.add(s)
		}
		want := 2 // of the pixel and of another one
		if c.want {
			want = 1
		}
		if r.admit(); len(r.fast.spikes) != want || r.fast.spikes[want-1].X != y {
			t.Errorf("%s: %d spikes are left, want %d", c.name, len(r.fast.spikes), want)
		}
	}
}

// TestAnEdgeIsSeenBeforeBlinkingLight shows two pixels beside each other light that
// blinks, and then what an edge adds to it.
func TestAnEdgeIsSeenBeforeBlinkingLight(t *testing.T) {
	t.Parallel()
	const w, x, y = 100, 40, 50
	for _, c := range []struct {
		name   string
		cycles string // + for ON and - for OFF, one each 4 ms
		beside int    // px from the pixels to the spike
		want   bool   // the spike stays
	}{
		{"blinking alone", "+-+-+-+-", 0, false},
		{"beside it", "+-+-+-+-", 1, false},
		{"further off", "+-+-+-+-", 2, true},
		{"an edge", "+-+-+-+-++", 0, true},
		{"beside the edge", "+-+-+-+-++", 1, true},
		{"an edge, and half a cycle", "+-+-+-+-++-", 0, true},
		{"an edge, and a cycle", "+-+-+-+-++-+", 0, false},
		{"what blinks strongly", "++--++--++--++--++--++", 0, false},
	} {
		r, _ := claiming(t, track.Vec{}, 0)
		var in pipeline.Spikes
		for i, sign := range c.cycles {
			id := uint32(y*w + x)
			if sign == '+' {
				id += w * w
			}
			in.Append(int64(i)*4000, id)
			in.Append(int64(i)*4000+1, id+w)
		}
		last := in.T[len(in.T)-1]
		take := intake{Readout: r, a: &pipeline.Activity{Input: &in}}
		take.takeInput(last + 1)
		s := at(x+float32(c.beside), y)
		s.T = last
		r.fast.add(s)
		if r.admit(); len(r.fast.spikes) == 1 != c.want {
			t.Errorf("%s: %d spikes are left", c.name, len(r.fast.spikes))
		}
	}
}
