package recording

import (
	"errors"

	"ganglion/pipeline"
)

var errNoStream = errors.New("needs a file, because its number of events stands at its beginning")

func createNPY(s *sink) (encoder, error) {
	if s.patch == nil {
		return nil, errNoStream
	}
	return &npyEncoder{s: s}, nil
}

type npyEncoder struct {
	s       *sink
	rows    int64
	started bool
}

func (e *npyEncoder) start(dst []byte) []byte {
	if e.started {
		return dst
	}
	e.started = true
	return append(dst, npyHeader(0)...)
}

func (e *npyEncoder) events(dst []byte, events []pipeline.Event) []byte {
	e.rows += int64(len(events))
	return appendNPY(e.start(dst), events)
}

func (e *npyEncoder) side(dst []byte, s *Side) []byte {
	e.s.lose(s)
	return dst
}

func (e *npyEncoder) finish(dst []byte) []byte {
	dst = e.s.spill(e.start(dst))
	e.s.patch(npyHeader(e.rows), 0)
	return dst
}
