package recording

import (
	"encoding/binary"

	"ganglion/pipeline"
)

// evtAddress is the largest coordinate of the EVT formats.
const evtAddress = 1<<11 - 1

type evt2Encoder struct {
	s       *sink
	time    highWriter
	started bool
}

func (e *evt2Encoder) events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		if ev.X > evtAddress || ev.Y > evtAddress {
			e.s.lost.Add(addressRange, 0, ev.T, 1)
			continue
		}
		var ok bool
		if dst, ok = e.goTo(dst, ev.T); !ok {
			e.s.lost.Add(timeRange, 0, ev.T, 1)
			continue
		}
		p := uint32(evt2Off)
		if ev.P != pipeline.Off {
			p = evt2On
		}
		dst = binary.LittleEndian.AppendUint32(dst, p<<28|e.low(ev.T)|uint32(ev.X)<<11|uint32(ev.Y))
	}
	return dst
}

// low is the time's place in an event word.
func (e *evt2Encoder) low(t int64) uint32 { return uint32(t&lowMask) << 22 }

// goTo writes what must stand before a word at time t.
func (e *evt2Encoder) goTo(dst []byte, t int64) ([]byte, bool) {
	if e.time.at(t) {
		return dst, true
	}
	if !e.started {
		dst = e.start(dst, t)
	}
	highs, ok := e.time.to(t)
	for _, high := range highs {
		dst = binary.LittleEndian.AppendUint32(dst, evt2High<<28|high)
	}
	return dst, ok
}

func (e *evt2Encoder) start(dst []byte, t int64) []byte {
	e.started = true
	return appendRawHeader(dst, e.s.info, "2.0", "EVT2", e.time.start(t))
}

func (e *evt2Encoder) side(dst []byte, s *Side) []byte {
	switch {
	case s.Kind == Trigger && s.Code < 1<<5:
	case s.Kind == IMUSample && s.IMU.Counts:
	case s.Kind == Special && s.Code <= evt2Class && s.Data == nil && s.Bits%28 == 0 && s.Bits <= 56:
	default:
		e.s.lose(s)
		return dst
	}
	dst, ok := e.goTo(dst, s.T)
	if !ok {
		e.s.lose(s)
		return dst
	}
	switch s.Kind {
	case Trigger:
		w := evt2Trigger<<28 | e.low(s.T) | s.Code<<8 | uint32(s.Value&1)
		dst = binary.LittleEndian.AppendUint32(dst, w)
	case IMUSample:
		dst = e.sample(dst, s)
	case Special:
		dst = binary.LittleEndian.AppendUint32(dst, evt2Other<<28|e.low(s.T)|s.Code)
		for bits := uint8(0); bits < s.Bits; bits += 28 {
			dst = binary.LittleEndian.AppendUint32(dst, evt2Continued<<28|uint32(s.Value>>bits&highMask))
		}
	}
	return dst
}

func (e *evt2Encoder) sample(dst []byte, s *Side) []byte {
	kind := uint32(evt2IMU)
	for _, v := range [2][3]float32{s.IMU.Accel, s.IMU.Gyro} {
		for _, f := range v {
			w := kind<<28 | e.low(s.T) | uint32(uint16(int16(f)))<<1
			dst = binary.LittleEndian.AppendUint32(dst, w)
			kind = evt2Continued
		}
	}
	return dst
}

func (e *evt2Encoder) finish(dst []byte) []byte {
	if !e.started {
		dst = e.start(dst, 0)
	}
	return dst
}
