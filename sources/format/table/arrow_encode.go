package table

import (
	"strconv"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
	"ganglion/pipeline/eventtable"
	"ganglion/sources/format"
)

// arrowBatch is how many rows a batch has.
const arrowBatch = eventtable.Rows

type arrowEncoder struct {
	s     *format.Sink
	table *eventtable.Table
}

func newArrowEncoder(s *format.Sink, file bool) *arrowEncoder {
	var pairs []arrowipc.Pair
	for _, f := range s.Info.Header {
		if f.Key != eventtable.Width && f.Key != eventtable.Height {
			pairs = append(pairs, arrowipc.Pair{Key: f.Key, Value: f.Value})
		}
	}
	if w, h := s.Info.Width, s.Info.Height; w > 0 && h > 0 {
		pairs = append(pairs, arrowipc.Pair{Key: eventtable.Width, Value: strconv.Itoa(w)},
			arrowipc.Pair{Key: eventtable.Height, Value: strconv.Itoa(h)})
	}
	return &arrowEncoder{s: s, table: eventtable.New(file, pairs)}
}

func (e *arrowEncoder) Events(dst []byte, events []pipeline.Event) []byte {
	return e.table.Append(dst, events)
}

func (e *arrowEncoder) Side(dst []byte, s *format.Side) []byte {
	e.s.Lose(s)
	return dst
}

func (e *arrowEncoder) Finish(dst []byte) []byte { return e.table.Finish(dst) }
