package motion

import "math"

// flicker finds pixels whose light blinks, such as lamps on mains. Behind a
// passing edge a pixel changes polarity once or twice; a blinking one goes on
// changing. The state is a leaky count of changes for each pixel.
type flicker struct {
	pixels []blink
}

type blink struct {
	last    int64 // last coincidence spike, µs
	changes float32
	on      bool
	began   bool
}

const (
	flickerGap   = 15_000 // µs: slower changes are no flicker
	flickerTau   = 30_000 // µs
	flickerCount = 2
)

func newFlicker(pixels int) flicker { return flicker{pixels: make([]blink, pixels)} }

// blinks takes a spike of a pixel in and says whether the pixel blinks.
func (f *flicker) blinks(pixel uint32, t int64, on bool) bool {
	p := &f.pixels[pixel]
	gap := t - p.last
	if p.began {
		p.changes *= float32(math.Exp(-float64(gap) / flickerTau))
	}
	if p.began && p.on != on && gap < flickerGap {
		p.changes++
	}
	p.last, p.on, p.began = t, on, true
	return p.changes > flickerCount
}
