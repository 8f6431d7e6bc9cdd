package recording

import (
	"encoding/binary"
	"strconv"

	"ganglion/pipeline"
)

type datEncoder struct {
	s       *sink
	time    datTime // what a decoder knows
	started bool
}

func (e *datEncoder) events(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		if !e.started {
			dst = e.start(dst, ev.T)
		}
		if ev.X > datAddress || ev.Y > datAddress {
			e.s.lost.Add(addressRange, 0, ev.T, 1)
			continue
		}
		next, low := e.time, uint32(ev.T-e.time.t0)
		if next.set(low) != ev.T {
			// A gap of more than half the range, which nothing in the format
			// can bridge.
			e.s.lost.Add(timeRange, 0, ev.T, 1)
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
	dst = appendHeaderLine(dst, "Data", "file containing CD events.")
	dst = appendHeaderLine(dst, "Version", "2")
	dst = appendFields(dst, e.s.info.Header)
	if t0 != 0 {
		dst = appendHeaderLine(dst, "T0", strconv.FormatInt(t0, 10))
	}
	if e.s.info.Width > 0 && e.s.info.Height > 0 {
		dst = appendHeaderLine(dst, "Height", strconv.Itoa(e.s.info.Height))
		dst = appendHeaderLine(dst, "Width", strconv.Itoa(e.s.info.Width))
	}
	return append(dst, "% end\n\x0C\x08"...)
}

func (e *datEncoder) side(dst []byte, s *Side) []byte {
	e.s.lose(s)
	return dst
}

func (e *datEncoder) finish(dst []byte) []byte {
	if !e.started {
		dst = e.start(dst, 0)
	}
	return dst
}
