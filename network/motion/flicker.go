package motion

import (
	"math"
	"unsafe"

	"ganglion/internal/asm"
	"ganglion/pipeline/state"
)

// flicker finds pixels whose light blinks, such as lamps on mains. Behind a
// passing edge a pixel's events change polarity once or twice; a blinking one
// continues changing. The state is a leaky count of changes for each pixel.
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
	flickerGap   = 8_000  // µs: slower changes are not flicker (62 Hz)
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

// prefetch brings the state of the pixel of an input neuron near; without it a
// tenth of the time of a run goes by waiting for it.
func (f *flicker) prefetch(id, plane uint32) {
	if id >= plane {
		id -= plane
	}
	p := uintptr(unsafe.Pointer(&f.pixels[id]))
	asm.Prefetch(p, p, p, p)
}

// blinks reports whether a pixel blinks at time t, by all that has been seen of
// it.
func (f *flicker) blinks(pixel int, t int64) bool {
	p := &f.pixels[pixel]
	return p.begun && f.fade(p.changes, max(t-p.last, 0)) > flickerCount
}

func (f *flicker) fade(changes float32, gap int64) float32 {
	return changes * float32(max(flickerFade-gap, 0)) / flickerFade
}

// fields carries the state to a snapshot or from one.
func (f *flicker) fields(c *state.Codec) {
	for i := range f.pixels {
		p := &f.pixels[i]
		state.Integer(c, &p.last)
		bits := uint64(math.Float32bits(p.changes))<<2 | bit(p.on)<<1 | bit(p.begun)
		c.Uint64(&bits)
		*p = blink{last: p.last, changes: math.Float32frombits(uint32(bits >> 2)), on: bits&2 != 0, begun: bits&1 != 0}
		c.Demand(p.changes >= 0, "a pixel has changed less than never")
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
