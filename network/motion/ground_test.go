package motion

import (
	"math"
	"testing"

	"ganglion/network/motion/track"
)

// TestGroundShowsNoMoreThanNoise looks at a strip of 10 px across the way of a track 40 px broad, whose
// pixels have passed 2,000 px of it, 50 times its breadth: ground has less than 20 events more than noise
// gives.
func TestGroundShowsNoMoreThanNoise(t *testing.T) {
	t.Parallel()
	const end = 1_000_000
	for _, way := range []track.Vec{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}} {
		for _, c := range []struct {
			name   string
			events int
			off    float64 // px from the middle of the strip, along the way
			age    int64   // µs
			noise  float64 // 1/s
			want   bool
		}{
			{"nothing", 0, 0, 0, 0, true},
			{"a few", 19, 0, 0, 0, true},
			{"more", 20, 0, 0, 0, false},
			{"as many as noise gives", 39, 0, 0, 1, true},
			{"more than noise gives", 41, 0, 0, 1, false},
			{"before it was there", 40, 0, 60_000, 0, true},
			{"where it has been for long", 40, -4, 60_000, 0, false},
			{"behind it", 40, -6.5, 0, 0, true},
			{"the front's rear", 40, 6, 0, 0, true},
		} {
			r, k := claiming(t, way.Times(100), 0)
			k.Size = track.Vec{X: 40, Y: 40}
			across := track.Vec{X: -way.Y, Y: way.X}
			for i := range c.events {
				at := k.Centre.Plus(way.Times(c.off + .5*float64(1-2*(i%2)))).Plus(across.Times(float64(i/2) - 14.5))
				r.flicker.see(int(at.Y)*r.w+int(at.X), end-c.age-1, true)
			}
			if got := r.bare(k, way, -5, 5+bareMargin, c.noise, end); got != c.want {
				t.Errorf("way %v, %s: ground %t, want %t", way, c.name, got, c.want)
			}
		}
	}
}

// Of the pixels that are looked at, half have had an event: that of a track does not count.
func TestNoiseIsThatOfPixelsWithoutATrack(t *testing.T) {
	t.Parallel()
	const end = 1_000_000
	r, k := claiming(t, track.Vec{}, 0)
	r.tracker.Tracks = append(r.tracker.Tracks, k)
	n, want := 0, 0.
	for y := calmStep / 2; y < r.h; y += calmStep {
		for x := calmStep / 2; x < r.w; x += calmStep {
			switch near := math.Abs(float64(x)-50) < 5+calmMargin && math.Abs(float64(y)-50) < 5+calmMargin; {
			case near || n%2 == 0:
				r.flicker.see(y*r.w+x, end-calmSpan, true)
			default:
				r.flicker.see(y*r.w+x, end-calmSpan-1, true)
			}
			n++
		}
	}
	want = math.Ln2 / .05
	if got := r.calm(end); math.Abs(got-want) > .05*want {
		t.Errorf("noise of %v/s, want some %v", got, want)
	}
}
