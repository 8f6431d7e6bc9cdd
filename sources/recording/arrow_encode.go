package recording

import (
	"encoding/binary"
	"strconv"

	"ganglion/pipeline"
	"ganglion/pipeline/arrowipc"
	"ganglion/pipeline/flatbuf"
)

// arrowBatch is how many rows a batch has: 213 kB.
const arrowBatch = 16 << 10

// arrowColumns are the columns that are written.
var arrowColumns = []arrowipc.Column{{Name: "t", Bits: 64, Signed: true}, {Name: "x", Bits: 16}, {Name: "y", Bits: 16}, {Name: "on", Bits: 1}}

type arrowEncoder struct {
	s       *sink
	file    bool
	w       flatbuf.Builder
	schema  []byte // the schema message
	blocks  []arrowipc.Block
	written int64 // bytes so far
	started bool

	rows        int // of the batch that is being filled
	t, x, y, on []byte
}

func newArrowEncoder(s *sink, file bool) *arrowEncoder {
	values := func(bits int) []byte { return make([]byte, 0, arrowBatch*bits/8) }
	return &arrowEncoder{s: s, file: file, t: values(64), x: values(16), y: values(16), on: values(1)}
}

func (e *arrowEncoder) events(dst []byte, events []pipeline.Event) []byte {
	le := binary.LittleEndian
	for i := range events {
		ev := &events[i]
		e.t = le.AppendUint64(e.t, uint64(ev.T))
		e.x = le.AppendUint16(e.x, ev.X)
		e.y = le.AppendUint16(e.y, ev.Y)
		if e.rows%8 == 0 {
			e.on = append(e.on, 0)
		}
		e.on[e.rows/8] |= min(ev.P, 1) << (e.rows % 8)
		if e.rows++; e.rows == arrowBatch {
			dst = e.flush(dst)
		}
	}
	return dst
}

// flush writes the batch that is being filled.
func (e *arrowEncoder) flush(dst []byte) []byte {
	dst = e.start(dst)
	if e.rows == 0 {
		return dst
	}
	at := len(dst)
	e.w.B = dst
	arrowipc.AppendBatch(&e.w, e.rows, e.t, e.x, e.y, e.on)
	dst = e.w.B
	if e.file {
		metadata := arrowipc.FrameSize + int(binary.LittleEndian.Uint32(dst[at+4:]))
		e.blocks = append(e.blocks, arrowipc.Block{Offset: e.written, Metadata: int32(metadata), Body: int64(len(dst) - at - metadata)})
	}
	e.written += int64(len(dst) - at)
	e.rows = 0
	e.t, e.x, e.y, e.on = e.t[:0], e.x[:0], e.y[:0], e.on[:0]
	return dst
}

func (e *arrowEncoder) start(dst []byte) []byte {
	if e.started {
		return dst
	}
	e.started = true
	at := len(dst)
	if e.file {
		dst = append(dst, arrowipc.FileMagic...)
	}
	var pairs []arrowipc.Pair
	for _, f := range e.s.info.Header {
		if f.Key != arrowWidth && f.Key != arrowHeight {
			pairs = append(pairs, arrowipc.Pair{Key: f.Key, Value: f.Value})
		}
	}
	if w, h := e.s.info.Width, e.s.info.Height; w > 0 && h > 0 {
		pairs = append(pairs, arrowipc.Pair{Key: arrowWidth, Value: strconv.Itoa(w)}, arrowipc.Pair{Key: arrowHeight, Value: strconv.Itoa(h)})
	}
	schema := len(dst)
	e.w.B = dst
	arrowipc.AppendSchema(&e.w, arrowColumns, pairs)
	dst = e.w.B
	e.schema = append(e.schema, dst[schema:]...)
	e.written = int64(len(dst) - at)
	return dst
}

func (e *arrowEncoder) side(dst []byte, s *Side) []byte {
	e.s.lose(s)
	return dst
}

func (e *arrowEncoder) finish(dst []byte) []byte {
	dst = e.flush(dst)
	if e.file {
		return arrowipc.AppendTail(dst, e.schema, e.blocks)
	}
	return append(dst, arrowipc.EndOfStream...)
}
