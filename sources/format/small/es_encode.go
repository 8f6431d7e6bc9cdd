package small

import (
	"encoding/binary"
	"errors"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// createES writes a DVS stream, or a generic one for what was read from one.
func createES(s *format.Sink) (format.Encoder, error) {
	if s.Info.Header.Get("type") == esTypes[esGeneric] {
		return &esGenericEncoder{esWriter: esWriter{s: s, gap: esGenericGap}}, nil
	}
	w, h := s.Info.Width, s.Info.Height
	if w <= 0 || h <= 0 || w > 1<<16-1 || h > 1<<16-1 {
		return nil, errors.New("needs the sensor's size")
	}
	return &esEncoder{esWriter: esWriter{s: s, gap: esDVSGap}, width: uint16(w), height: uint16(h)}, nil
}

// esReach bounds one gap, and so the bytes it costs, µs: 76 h.
const esReach = 1 << 38

// esSpill is how many bytes of a gap collect before they are written out.
const esSpill = 1 << 20

// esWriter is what both types share: the header and the running time.
type esWriter struct {
	s       *format.Sink
	gap     int64 // of one gap byte, µs
	t       int64 // µs
	started bool
}

func (w *esWriter) start(dst []byte, kind byte) []byte {
	w.started = true
	dst = append(dst, esMagic...)
	return append(dst, 2, 0, 0, kind)
}

// goTo writes the gap bytes up to time t and returns the rest of the step, or
// false when t cannot be reached: the format cannot go back in time.
func (w *esWriter) goTo(dst []byte, t int64) ([]byte, byte, bool) {
	d := t - w.t
	if t < w.t || d < 0 || d > esReach {
		return dst, 0, false
	}
	for ; d >= w.gap; d -= w.gap {
		if dst = append(dst, esGap); len(dst) > esSpill {
			dst = w.s.Spill(dst)
		}
	}
	w.t = t
	return dst, byte(d), true
}

type esEncoder struct {
	esWriter
	width, height uint16
}

func (e *esEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	dst = e.header(dst)
	for i := range events {
		ev := &events[i]
		if ev.X >= e.width || ev.Y >= e.height {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		var step byte
		var ok bool
		if dst, step, ok = e.goTo(dst, ev.T); !ok {
			e.s.Lost.Add(format.TimeRange, 0, ev.T, 1)
			continue
		}
		step <<= 1
		if ev.P != pipeline.Off {
			step |= 1
		}
		y := e.height - 1 - ev.Y
		dst = append(dst, step, byte(ev.X), byte(ev.X>>8), byte(y), byte(y>>8))
	}
	return dst
}

func (e *esEncoder) header(dst []byte) []byte {
	if e.started {
		return dst
	}
	dst = e.start(dst, esDVS)
	dst = binary.LittleEndian.AppendUint16(dst, e.width)
	return binary.LittleEndian.AppendUint16(dst, e.height)
}

func (e *esEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *esEncoder) Finish(dst []byte) []byte { return e.header(dst) }

// esGenericEncoder writes payloads. The events that stand for them in a block
// say nothing more.
type esGenericEncoder struct{ esWriter }

func (e *esGenericEncoder) Events(dst []byte, _ []pipeline.Event) []byte { return dst }

func (e *esGenericEncoder) Side(dst []byte, s *format.Side) []byte {
	dst = e.Finish(dst)
	if s.Kind != format.Special || s.Code != esPayload || len(s.Data) > esMaxPayload {
		e.s.Lose(s)
		return dst
	}
	dst, step, ok := e.goTo(dst, s.T)
	if !ok {
		e.s.Lose(s)
		return dst
	}
	dst = append(dst, step)
	n := len(s.Data)
	for ; n>>7 > 0; n >>= 7 {
		dst = append(dst, byte(n&0x7F)<<1|1)
	}
	return append(append(dst, byte(n)<<1), s.Data...)
}

func (e *esGenericEncoder) Finish(dst []byte) []byte {
	if !e.started {
		dst = e.start(dst, esGeneric)
	}
	return dst
}
