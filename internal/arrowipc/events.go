package arrowipc

import (
	"encoding/binary"

	"ganglion/internal/flatbuf"
	"ganglion/pipeline"
)

// Keys of a schema's metadata that state the size of the sensor, or of the
// layer, px.
const (
	Width  = "width"
	Height = "height"
)

// EventRows is how many rows a batch of an [EventTable] has: 213 kB.
const EventRows = 16 << 10

// eventColumns are the columns of an [EventTable].
var eventColumns = []Column{{Name: "t", Bits: 64, Signed: true}, {Name: "x", Bits: 16}, {Name: "y", Bits: 16}, {Name: "on", Bits: 1}}

// EventTable writes events as a file or stream with the columns t (µs), x, y
// and on. Each method appends to dst and returns it; what they append is one
// piece after the other.
type EventTable struct {
	file    bool
	w       flatbuf.Builder
	pairs   []Pair
	schema  []byte // the schema message, once it is written
	blocks  []Block
	written int64 // bytes so far

	rows        int // of the batch that is being filled
	t, x, y, on []byte
}

// NewEventTable makes a table of a file or, without its index, of a stream.
func NewEventTable(file bool, metadata []Pair) *EventTable {
	values := func(bits int) []byte { return make([]byte, 0, EventRows*bits/8) }
	return &EventTable{file: file, pairs: metadata, t: values(64), x: values(16), y: values(16), on: values(1)}
}

// Append appends events.
func (e *EventTable) Append(dst []byte, events []pipeline.Event) []byte {
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
		if e.rows++; e.rows == EventRows {
			dst = e.flush(dst)
		}
	}
	return dst
}

// Finish appends what ends the table.
func (e *EventTable) Finish(dst []byte) []byte {
	dst = e.flush(dst)
	if e.file {
		return AppendTail(dst, e.schema, e.blocks)
	}
	return append(dst, EndOfStream...)
}

// flush appends the batch that is being filled.
func (e *EventTable) flush(dst []byte) []byte {
	dst = e.start(dst)
	if e.rows == 0 {
		return dst
	}
	at := len(dst)
	e.w.B = dst
	AppendBatch(&e.w, e.rows, e.t, e.x, e.y, e.on)
	dst = e.w.B
	if e.file {
		metadata := FrameSize + int(binary.LittleEndian.Uint32(dst[at+4:]))
		e.blocks = append(e.blocks, Block{Offset: e.written, Metadata: int32(metadata), Body: int64(len(dst) - at - metadata)})
	}
	e.written += int64(len(dst) - at)
	e.rows = 0
	e.t, e.x, e.y, e.on = e.t[:0], e.x[:0], e.y[:0], e.on[:0]
	return dst
}

func (e *EventTable) start(dst []byte) []byte {
	if e.schema != nil {
		return dst
	}
	at := len(dst)
	if e.file {
		dst = append(dst, FileMagic...)
	}
	schema := len(dst)
	e.w.B = dst
	AppendSchema(&e.w, eventColumns, e.pairs)
	dst = e.w.B
	e.schema = append(e.schema, dst[schema:]...)
	e.written = int64(len(dst) - at)
	return dst
}
