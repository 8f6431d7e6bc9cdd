package table

import (
	"strconv"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// csvEncoder writes "t,x,y,p": microseconds, pixels, and 1 or 0.
type csvEncoder struct {
	s       *format.Sink
	started bool
}

func (e *csvEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	dst = e.Finish(dst)
	for i := range events {
		ev := &events[i]
		dst = strconv.AppendInt(dst, ev.T, 10)
		dst = append(dst, ',')
		dst = strconv.AppendUint(dst, uint64(ev.X), 10)
		dst = append(dst, ',')
		dst = strconv.AppendUint(dst, uint64(ev.Y), 10)
		if ev.P != pipeline.Off {
			dst = append(dst, ",1\n"...)
		} else {
			dst = append(dst, ",0\n"...)
		}
	}
	return dst
}

func (e *csvEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *csvEncoder) Finish(dst []byte) []byte {
	if !e.started {
		dst = append(dst, "t,x,y,p\n"...)
		e.started = true
	}
	return dst
}
