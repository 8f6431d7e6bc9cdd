package evt

import (
	"encoding/binary"
	"math/bits"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// createEVT21 writes little-endian words, or legacy ones for what was read
// from such a file.
func createEVT21(s *format.Sink) (format.Encoder, error) {
	e := &evt21Encoder{s: s, endianness: "little"}
	if k, err := rawKindOf(s.Info.Header); err == nil && k.Encoding == "EVT21" && k.legacy {
		e.endianness, e.turn = "legacy", 32
	}
	return e, nil
}

// evt21Encoder writes events in their order. Events of one row, polarity, time
// and aligned group of 32 columns, with ascending columns, collect in mask
// until one does not fit.
type evt21Encoder struct {
	s          *format.Sink
	endianness string
	turn       int
	time       highWriter
	started    bool

	run  pipeline.Event // first event of the run; X is the base of mask
	mask uint32
}

func (e *evt21Encoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := events[i]
		bit := uint32(1) << (ev.X & 31)
		ev.X &^= 31
		if e.mask != 0 {
			if ev == e.run && bit > e.mask {
				e.mask |= bit
				continue
			}
			dst = e.flush(dst)
		}
		if ev.X > evtAddress || ev.Y > evtAddress {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		e.run, e.mask = ev, bit
	}
	return dst
}

// flush writes the collected run.
func (e *evt21Encoder) flush(dst []byte) []byte {
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
	p := uint32(evt2Off)
	if e.run.P != pipeline.Off {
		p = evt2On
	}
	return e.word(dst, p<<28|e.low(e.run.T)|uint32(e.run.X)<<11|uint32(e.run.Y), mask)
}

// word writes a word whose EVT2 half is w.
func (e *evt21Encoder) word(dst []byte, w, rest uint32) []byte {
	return binary.LittleEndian.AppendUint64(dst, bits.RotateLeft64(uint64(w)<<32|uint64(rest), e.turn))
}

// low is the time's place in a word.
func (e *evt21Encoder) low(t int64) uint32 { return uint32(t&lowMask) << 22 }

// goTo writes what must stand before a word at time t.
func (e *evt21Encoder) goTo(dst []byte, t int64) ([]byte, bool) {
	if e.time.at(t) {
		return dst, true
	}
	if !e.started {
		dst = e.start(dst, t)
	}
	highs, ok := e.time.to(t)
	for _, high := range highs {
		dst = e.word(dst, evt2High<<28|high, 0)
	}
	return dst, ok
}

func (e *evt21Encoder) start(dst []byte, t int64) []byte {
	e.started = true
	return appendRawHeader(dst, e.s.Info, "2.1", "EVT21;endianness="+e.endianness, e.time.start(t))
}

func (e *evt21Encoder) Side(dst []byte, s *format.Side) []byte {
	dst = e.flush(dst)
	rest := uint32(s.Value)
	switch {
	case s.Kind == format.Trigger && s.Code < 1<<5:
		rest = 0
	case s.Kind == format.Special && s.Code <= evt2Class && s.Data == nil && (s.Bits == 0 || s.Bits == 32):
	case s.Kind == format.Special && s.Code <= evt2Class && s.Data == nil && s.Bits == 28:
		rest |= evt2Continued << 28
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
		return e.word(dst, evt2Trigger<<28|e.low(s.T)|s.Code<<8|uint32(s.Value&1), rest)
	}
	return e.word(dst, evt2Other<<28|e.low(s.T)|s.Code, rest)
}

func (e *evt21Encoder) Finish(dst []byte) []byte {
	if dst = e.flush(dst); !e.started {
		dst = e.start(dst, 0)
	}
	return dst
}
