package motion

// flicker finds pixels whose light blinks, such as lamps on mains. Behind a
// passing edge a pixel's events change polarity once or twice; a blinking one
// goes on changing. The state is a leaky count of changes for each pixel.
type flicker struct {
	pixels []blink
}

type blink struct {
	last    int64 // last input event, µs
	changes float32
	on      bool
	begun   bool
}

const (
	flickerGap   = 8_000  // µs: slower changes are no flicker (62 Hz)
	flickerFade  = 50_000 // µs without a change after which the count is 0
	flickerCount = 3
)

func newFlicker(pixels int) flicker { return flicker{pixels: make([]blink, pixels)} }

// see takes in an input event of a pixel.
func (f *flicker) see(pixel int, t int64, on bool) {
	p := &f.pixels[pixel]
	gap := t - p.last
	if p.begun {
		p.changes = f.fade(p.changes, gap)
		if p.on != on && gap < flickerGap {
			p.changes++
		}
	}
	p.last, p.on, p.begun = t, on, true
}

// blinks says whether a pixel blinks at time t.
func (f *flicker) blinks(pixel int, t int64) bool {
	p := &f.pixels[pixel]
	return p.begun && f.fade(p.changes, t-p.last) > flickerCount
}

func (f *flicker) fade(changes float32, gap int64) float32 {
	return changes * float32(max(flickerFade-gap, 0)) / flickerFade
}
