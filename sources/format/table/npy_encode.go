package table

import (
	"errors"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

var errNoStream = errors.New("needs a file, because its number of events stands at its beginning")

func createNPY(s *format.Sink) (format.Encoder, error) {
	if s.Patch == nil {
		return nil, errNoStream
	}
	return &npyEncoder{s: s}, nil
}

type npyEncoder struct {
	s       *format.Sink
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

func (e *npyEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	e.rows += int64(len(events))
	return appendNPY(e.start(dst), events)
}

func (e *npyEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *npyEncoder) Finish(dst []byte) []byte {
	dst = e.s.Spill(e.start(dst))
	e.s.Patch(npyHeader(e.rows), 0)
	return dst
}
