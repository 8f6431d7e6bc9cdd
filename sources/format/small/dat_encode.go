package small

import (
	"encoding/binary"
	"strconv"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/evt"
)

type datEncoder struct {
	s       *format.Sink
	time    datTime // what a decoder knows
	started bool
}

func (e *datEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		if !e.started {
			dst = e.start(dst, ev.T)
		}
		if ev.X > datAddress || ev.Y > datAddress {
			e.s.Lost.Add(format.AddressRange, 0, ev.T, 1)
			continue
		}
		next, low := e.time, uint32(ev.T-e.time.t0)
		if next.set(low) != ev.T {
			// A gap over the wrap that looks like a step back, which nothing in
			// the format can bridge.
			e.s.Lost.Add(format.TimeRange, 0, ev.T, 1)
			continue
		}
		e.time = next
		v := uint32(ev.X) | uint32(ev.Y)<<14
		if ev.P != pipeline.Off {
			v |= 1 << 28
		}
		dst = binary.LittleEndian.AppendUint64(dst, uint64(v)<<32|uint64(low))
	}
	return dst
}

// start writes the header. A field T0 carries times beyond the 32 bits.
func (e *datEncoder) start(dst []byte, t int64) []byte {
	e.started = true
	t0 := t &^ (1<<32 - 1)
	e.time = newDATTime(t0)
	dst = evt.AppendHeaderLine(dst, "Data", "file containing CD events.")
	dst = evt.AppendHeaderLine(dst, "Version", "2")
	dst = evt.AppendFields(dst, e.s.Info.Header)
	if t0 != 0 {
		dst = evt.AppendHeaderLine(dst, "T0", strconv.FormatInt(t0, 10))
	}
	if e.s.Info.Width > 0 && e.s.Info.Height > 0 {
		dst = evt.AppendHeaderLine(dst, "Height", strconv.Itoa(e.s.Info.Height))
		dst = evt.AppendHeaderLine(dst, "Width", strconv.Itoa(e.s.Info.Width))
	}
	return append(dst, "% end\n\x0C\x08"...)
}

func (e *datEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *datEncoder) Finish(dst []byte) []byte {
	if !e.started {
		dst = e.start(dst, 0)
	}
	return dst
}
