package recording

import (
	"strconv"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
)

// arrowBatch is how many rows a batch has.
const arrowBatch = arrowipc.EventRows

type arrowEncoder struct {
	s     *sink
	table *arrowipc.EventTable
}

func newArrowEncoder(s *sink, file bool) *arrowEncoder {
	var pairs []arrowipc.Pair
	for _, f := range s.info.Header {
		if f.Key != arrowipc.Width && f.Key != arrowipc.Height {
			pairs = append(pairs, arrowipc.Pair{Key: f.Key, Value: f.Value})
		}
	}
	if w, h := s.info.Width, s.info.Height; w > 0 && h > 0 {
		pairs = append(pairs, arrowipc.Pair{Key: arrowipc.Width, Value: strconv.Itoa(w)}, arrowipc.Pair{Key: arrowipc.Height, Value: strconv.Itoa(h)})
	}
	return &arrowEncoder{s: s, table: arrowipc.NewEventTable(file, pairs)}
}

func (e *arrowEncoder) events(dst []byte, events []pipeline.Event) []byte {
	return e.table.Append(dst, events)
}

func (e *arrowEncoder) side(dst []byte, s *Side) []byte {
	e.s.lose(s)
	return dst
}

func (e *arrowEncoder) finish(dst []byte) []byte { return e.table.Finish(dst) }
