package evt

import (
	"encoding/binary"
	"math/bits"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// minVector is the number of events from which a vector group (base and three
// words) is shorter than single words.
const minVector = 5

// evt3Encoder writes events in their order. Events of one row, polarity and
// time with ascending columns collect in mask until one does not fit.
type evt3Encoder struct {
	s       *format.Sink
	time    evt3Clock
	started bool

	y    int // last row written, -1 before the first
	next int // column and polarity that the decoder's vector base has, -1 unknown

	run  pipeline.Event // first event of the run; X is the base of mask
	mask uint32
}

func (e *evt3Encoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := events[i]
		if e.mask != 0 {
			d := uint32(ev.X) - uint32(e.run.X)
			if d < 32 && e.mask>>d == 0 && ev.T == e.run.T && ev.Y == e.run.Y && ev.P == e.run.P {
				e.mask |= 1 << d
				continue
			}
			dst = e.flush(dst)
		}
		if ev.X > evtAddress || ev.Y > evtAddress {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		e.run, e.mask = ev, 1
		if w := e.s.Info.Width; int(ev.X)+32 > w && int(ev.X) < w && w >= 32 {
			// Decoders refuse a vector that reaches beyond the sensor.
			e.run.X = uint16(w - 32)
			e.mask <<= ev.X - e.run.X
		}
	}
	return dst
}

// flush writes the collected run.
func (e *evt3Encoder) flush(dst []byte) []byte {
	mask := e.mask
	if mask == 0 {
		return dst
	}
	e.mask = 0
	dst, ok := e.goTo(dst, e.run.T)
	if !ok {
		e.s.Lost.Add(format.TimeRange, 0, e.run.T, uint64(bits.OnesCount32(mask)))
		return dst
	}
	if int(e.run.Y) != e.y {
		e.y = int(e.run.Y)
		dst = evt3Word(dst, evt3Y, e.run.Y)
	}
	pol := uint16(0)
	if e.run.P != pipeline.Off {
		pol = evt3Polarity
	}
	if bits.OnesCount32(mask) < minVector || uint32(e.run.X)+32 > format.Limit(e.s.Info.Width) {
		for ; mask != 0; mask &= mask - 1 {
			dst = evt3Word(dst, evt3X, pol|e.run.X+uint16(bits.TrailingZeros32(mask)))
		}
		return dst
	}
	if base := int(pol)<<16 | int(e.run.X); base != e.next {
		dst = evt3Word(dst, evt3Base, pol|e.run.X)
		e.next = base
	}
	e.next += 32
	dst = evt3Word(dst, evt3Vect12, uint16(mask&evt3Payload))
	dst = evt3Word(dst, evt3Vect12, uint16(mask>>12&evt3Payload))
	return evt3Word(dst, evt3Vect8, uint16(mask>>24))
}

// goTo writes what must stand before a word at time t.
func (e *evt3Encoder) goTo(dst []byte, t int64) ([]byte, bool) {
	if !e.started {
		dst = e.start(dst, t)
	}
	return e.time.to(dst, t)
}

func (e *evt3Encoder) start(dst []byte, t int64) []byte {
	e.started, e.y, e.next = true, -1, -1
	return appendRawHeader(dst, e.s.Info, "3.0", "EVT3", e.time.start(t))
}

func (e *evt3Encoder) Side(dst []byte, s *format.Side) []byte {
	dst = e.flush(dst)
	switch {
	case s.Kind == format.Trigger && s.Code < 1<<4:
	case s.Kind == format.Special && s.Code <= evt3Payload && s.Data == nil && (s.Bits == 0 || s.Bits == 28):
	default:
		e.s.Lose(s)
		return dst
	}
	dst, ok := e.goTo(dst, s.T)
	if !ok {
		e.s.Lose(s)
		return dst
	}
	if s.Kind == format.Trigger {
		return evt3Word(dst, evt3Trigger, uint16(s.Code)<<8|uint16(s.Value&1))
	}
	dst = evt3Word(dst, evt3Others, uint16(s.Code))
	if s.Bits == 0 {
		return dst
	}
	dst = evt3Word(dst, evt3Continued12, uint16(s.Value&evt3Payload))
	dst = evt3Word(dst, evt3Continued12, uint16(s.Value>>12&evt3Payload))
	return evt3Word(dst, evt3Continued4, uint16(s.Value>>24&0xF))
}

func (e *evt3Encoder) Finish(dst []byte) []byte {
	if dst = e.flush(dst); !e.started {
		dst = e.start(dst, 0)
	}
	return dst
}

func evt3Word(dst []byte, kind, payload uint16) []byte {
	return binary.LittleEndian.AppendUint16(dst, kind<<12|payload)
}

// evt3Clock writes TIME_HIGH and TIME_LOW words such that evt3Time (and
// openeb) rebuild the time.
type evt3Clock struct {
	t0  int64 // µs
	t   int64 // the decoder's time, relative to t0
	set bool
}

const (
	// evt3Continuous is the longest gap (unit 4096 µs) that is written out
	// step by step, as cameras do: 67 s.
	evt3Continuous = 1 << 14
	// evt3Bridge is the step over longer gaps; a decoder would lose a wrap
	// from 2048 on.
	evt3Bridge = 1 << 10
	// evt3Back is the step back: within evt3Loose it is seen as one even
	// across a wrap.
	evt3Back = 1 << 7
	// evt3Reach bounds one gap, and so the words it costs: 19 h, and an
	// eighth of it backwards.
	evt3Reach = 1 << 24
)

// start chooses t0 by the first time and returns it: 0 as long as the format
// can express the time without it.
func (c *evt3Clock) start(t int64) int64 {
	c.t0 = t &^ (evt3Wrap - 1)
	return c.t0
}

// to writes the words that set the time to t, or returns false when the format
// cannot reach it.
func (c *evt3Clock) to(dst []byte, t int64) ([]byte, bool) {
	d := t - c.t0
	if c.set && d == c.t {
		return dst, true
	}
	if t < c.t0 || d < 0 {
		return dst, false
	}
	high, want := c.t>>12, d>>12
	if !c.set {
		high = want - 1
	}
	if gap := want - high; gap > evt3Reach || gap < -evt3Reach/8 {
		return dst, false
	}
	moved := high != want
	for high < want {
		step := int64(1)
		if want-high > evt3Continuous {
			step = evt3Bridge
		}
		high += step
		dst = evt3Word(dst, evt3High, uint16(high&evt3Top))
	}
	for high > want {
		high -= min(evt3Back, high-want)
		dst = evt3Word(dst, evt3High, uint16(high&evt3Top))
	}
	if low := uint16(d & evt3Payload); moved && low != 0 || !moved {
		dst = evt3Word(dst, evt3Low, low)
	}
	c.t, c.set = d, true
	return dst, true
}
