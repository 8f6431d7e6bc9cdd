package recording

import (
	"strconv"

	"ganglion/pipeline"
)

// csvEncoder writes "t,x,y,p": microseconds, pixels, and 1 or 0.
type csvEncoder struct {
	s       *sink
	started bool
}

func (e *csvEncoder) events(dst []byte, events []pipeline.Event) []byte {
	dst = e.finish(dst)
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

func (e *csvEncoder) side(dst []byte, s *Side) []byte {
	e.s.lose(s)
	return dst
}

func (e *csvEncoder) finish(dst []byte) []byte {
	if !e.started {
		dst = append(dst, "t,x,y,p\n"...)
		e.started = true
	}
	return dst
}
