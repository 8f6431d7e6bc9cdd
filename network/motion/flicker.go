package motion

import (
	"math"
	"unsafe"

	"ganglion/pipeline/state"
)

// flicker finds pixels whose light blinks, such as lamps on mains. Behind a
// passing edge a pixel's events change polarity once or twice; a blinking one
// continues changing. The state is a leaky count of changes for each pixel, and how
// many events of one polarity follow each other there. A change counts by how long
// the light took for it, so that many at once, as of a thing that sparkles while it
// passes, are not taken for a lamp's, which continue for cycles.
type flicker struct {
	pixels []blink
}

type blink struct {
	last    int64 // last input event, µs
	changes float32
	on      bool
	run     uint8 // events of one polarity that have followed each other; 0 before the first
	most    uint8 // most that did so of late, in 1/16
	bursts  uint8 // thisRun, lastRun: which was longer than those before
}

const (
	flickerGap   = 8_000  // µs: slower changes are not flicker (62 Hz)
	flickerHalf  = 4_000  // µs since the last event from which on a change counts whole: half a cycle of 120 Hz
	flickerFade  = 50_000 // µs without a change after which the count is 0
	flickerCount = 3
	flickerBurst = 10_000 // µs: how long a burst counts
	mostFade     = 2      // of most, from run to run
	mostRun      = 15     // what counts as an endless one
	weakMost     = 32     // of most: from there on a pixel blinks too strongly for its bursts to tell anything

	thisRun = 1
	lastRun = 2
)

func newFlicker(pixels int) flicker { return flicker{pixels: make([]blink, pixels)} }

// see takes in an input event of a pixel. Noise changes polarity as a coin falls, so
// what a change does is selected, and the branches are those that noise seldom takes.
func (f *flicker) see(pixel int, t int64, on bool) {
	p := &f.pixels[pixel]
	gap, changed := t-p.last, p.on != on
	most, bursts, run := uint32(p.most), uint32(p.bursts), uint32(p.run)
	p.last, p.on = t, on
	if run == 0 {
		p.run = 1
		return
	}
	p.changes = f.fade(p.changes, gap)
	if gap < flickerGap {
		if changed {
			p.changes += float32(min(gap, flickerHalf)) / flickerHalf
		} else if run < mostRun {
			if p.run++; most < weakMost {
				p.bursts |= thisRun
			}
			return
		} else {
			return
		}
	}
	after, before := max(max(most, mostFade)-mostFade, run*16), bursts<<1&lastRun
	if changed {
		most = after
	}
	if changed {
		bursts = before
	}
	p.most, p.bursts, p.run = uint8(most), uint8(bursts), 1
}

// address is where the state of a pixel lies.
func (f *flicker) address(pixel int) uintptr { return uintptr(unsafe.Pointer(&f.pixels[pixel])) }

// blinks reports whether a pixel blinks at time t, by all that has been seen of
// it.
func (f *flicker) blinks(pixel int, t int64) bool {
	p := &f.pixels[pixel]
	return p.changes > flickerCount && p.run > 0 && f.fade(p.changes, max(t-p.last, 0)) > flickerCount
}

// passed reports whether something passes a pixel that blinks weakly at time t: each half of a
// cycle gives such a pixel one event, an edge gives it more.
func (f *flicker) passed(pixel int, t int64) bool {
	p := &f.pixels[pixel]
	return p.bursts != 0 && t-p.last < flickerBurst
}

// fired reports whether a pixel has had an input event since a time.
func (f *flicker) fired(pixel int, since int64) bool {
	p := &f.pixels[pixel]
	return p.run > 0 && p.last >= since
}

func (f *flicker) fade(changes float32, gap int64) float32 {
	return changes * float32(max(flickerFade-gap, 0)) / flickerFade
}

// fields carries the state to a snapshot or from one.
func (f *flicker) fields(c *state.Codec) {
	for i := range f.pixels {
		p := &f.pixels[i]
		state.Integer(c, &p.last)
		bits := uint64(math.Float32bits(p.changes))<<32 | uint64(p.most)<<16 | uint64(p.run)<<8 | uint64(p.bursts)<<1 | bit(p.on)
		c.Uint64(&bits)
		*p = blink{
			last: p.last, changes: math.Float32frombits(uint32(bits >> 32)), on: bits&1 != 0,
			most: uint8(bits >> 16), run: uint8(bits >> 8), bursts: uint8(bits>>1) & (thisRun | lastRun),
		}
		c.Demand(p.changes >= 0 && p.run <= mostRun, "a pixel has changed less than never")
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
