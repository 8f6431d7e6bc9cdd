package motion

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/network/motion/track"
)

// Between two things lies ground, which does not change while they pass: its pixels give no more
// events than noise does. The middle of one thing gives some as it moves, though too few for
// coincidences, unless it is quite smooth.

const (
	bareMost   = .4     // events more than noise gives a pixel of the ground, while as much passes as the things are broad
	bareMargin = 1.     // px behind the thing in front, whose rear still fades
	calmStep   = 7      // px: every so many pixels along a row and a column are looked at
	calmMargin = 4.     // px around tracks
	calmSpan   = 50_000 // µs
)

// bare reports whether a strip across a track's way, between two distances from its centre, is ground. A
// pixel has been in it since the thing in front left the pixel; noise is a pixel's, 1/s.
func (r *Readout) bare(t *track.Track, way track.Vec, lo, hi, noise float64, end int64) bool {
	hi -= bareMargin
	along, across := track.Vec{X: math.Abs(way.X), Y: math.Abs(way.Y)}, track.Vec{X: math.Abs(way.Y), Y: math.Abs(way.X)}
	half := across.Dot(t.Size) / 2
	reach := along.Times((hi - lo) / 2).Plus(across.Times(half))
	middle := t.Centre.Plus(way.Times((lo + hi) / 2))
	box := track.Box{Min: middle.Minus(reach), Max: middle.Plus(reach)}
	speed := t.Velocity.Norm()
	events, expected, passed := 0., 0., 0.
	for y := max(int(box.Min.Y), 0); y <= min(int(box.Max.Y), r.h-1); y++ {
		for x := max(int(box.Min.X), 0); x <= min(int(box.Max.X), r.w-1); x++ {
			off := track.Vec{X: float64(x) + .5, Y: float64(y) + .5}.Minus(t.Centre)
			in := hi - off.Dot(way) // px that it has been in the strip for
			if in <= 0 || in >= hi-lo || math.Abs(off.Dot(track.Vec{X: -way.Y, Y: way.X})) > half {
				continue
			}
			span := in / speed
			passed += in
			expected += float64(noise * span)
			if r.flicker.fired(y*r.w+x, end-int64(float64(span*1e6))) {
				events++
			}
		}
	}
	return float64((events-expected)*2*half) < float64(bareMost*passed)
}

// calm is how often noise makes an event of a pixel, 1/s, by some of the pixels that no track is near.
func (r *Readout) calm(end int64) float64 {
	n, fired := 1., 0.
	for y := calmStep / 2; y < r.h; y += calmStep {
		for x := calmStep / 2; x < r.w; x += calmStep {
			if r.tracked(track.Vec{X: float64(x), Y: float64(y)}) {
				continue
			}
			n++
			if r.flicker.fired(y*r.w+x, end-calmSpan) {
				fired++
			}
		}
	}
	return -portable.Log(1-fired/n) / track.Seconds(calmSpan)
}

// tracked reports whether a track is near a place.
func (r *Readout) tracked(at track.Vec) bool {
	for _, t := range r.tracker.Tracks {
		if t.Box().Outside(at) < calmMargin {
			return true
		}
	}
	return false
}
