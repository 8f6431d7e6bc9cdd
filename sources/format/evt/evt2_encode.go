package evt

import (
	"encoding/binary"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// evtAddress is the largest coordinate of the EVT formats.
const evtAddress = 1<<11 - 1

type evt2Encoder struct {
	s       *format.Sink
	time    highWriter
	started bool
}

func (e *evt2Encoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		if ev.X > evtAddress || ev.Y > evtAddress {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		var ok bool
		if dst, ok = e.goTo(dst, ev.T); !ok {
			e.s.Lost.Add(format.TimeRange, 0, ev.T, 1)
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
	return appendRawHeader(dst, e.s.Info, "2.0", "EVT2", e.time.start(t))
}

func (e *evt2Encoder) Side(dst []byte, s *format.Side) []byte {
	switch {
	case s.Kind == format.Trigger && s.Code < 1<<5:
	case s.Kind == format.IMUSample && s.IMU.Counts:
	case s.Kind == format.Special && s.Code <= evt2Class && s.Data == nil && s.Bits%28 == 0 && s.Bits <= 56:
	default:
		e.s.Lose(s)
		return dst
	}
	dst, ok := e.goTo(dst, s.T)
	if !ok {
		e.s.Lose(s)
		return dst
	}
	switch s.Kind {
	case format.Trigger:
		w := evt2Trigger<<28 | e.low(s.T) | s.Code<<8 | uint32(s.Value&1)
		dst = binary.LittleEndian.AppendUint32(dst, w)
	case format.IMUSample:
		dst = e.sample(dst, s)
	case format.Special:
		dst = binary.LittleEndian.AppendUint32(dst, evt2Other<<28|e.low(s.T)|s.Code)
		for bits := uint8(0); bits < s.Bits; bits += 28 {
			dst = binary.LittleEndian.AppendUint32(dst, evt2Continued<<28|uint32(s.Value>>bits&highMask))
		}
	}
	return dst
}

func (e *evt2Encoder) sample(dst []byte, s *format.Side) []byte {
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

func (e *evt2Encoder) Finish(dst []byte) []byte {
	if !e.started {
		dst = e.start(dst, 0)
	}
	return dst
}
