// Package eventtable writes events as Arrow IPC files and streams. Recordings
// and kept clips share it.
package eventtable

import (
	"encoding/binary"

	"ganglion/internal/arrowipc"
	"ganglion/internal/flatbuf"
	"ganglion/pipeline"
)

// Keys of a schema's metadata that state the size of the sensor, or of the
// layer, px.
const (
	Width  = "width"
	Height = "height"
)

// Rows is how many rows a batch of a [Table] has: 213 kB.
const Rows = 16 << 10

// eventColumns are the columns of a [Table].
var eventColumns = []arrowipc.Column{{Name: "t", Bits: 64, Signed: true}, {Name: "x", Bits: 16}, {Name: "y", Bits: 16},
	{Name: "on", Bits: 1}}

// Table writes events as a file or stream with the columns t (µs), x, y
// and on. Each method appends to dst and returns it; what they append is one
// piece after the other.
type Table struct {
	file    bool
	w       flatbuf.Builder
	pairs   []arrowipc.Pair
	schema  []byte // the schema message, once it is written
	blocks  []arrowipc.Block
	written int64 // bytes so far

	rows        int // of the batch that is being filled
	t, x, y, on []byte
}

// New makes a table of a file or, without its index, of a stream.
func New(file bool, metadata []arrowipc.Pair) *Table {
	values := func(bits int) []byte { return make([]byte, 0, Rows*bits/8) }
	return &Table{file: file, pairs: metadata, t: values(64), x: values(16), y: values(16), on: values(1)}
}

// Append appends events.
func (e *Table) Append(dst []byte, events []pipeline.Event) []byte {
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
		if e.rows++; e.rows == Rows {
			dst = e.flush(dst)
		}
	}
	return dst
}

// Finish appends what ends the table.
func (e *Table) Finish(dst []byte) []byte {
	dst = e.flush(dst)
	if e.file {
		return arrowipc.AppendTail(dst, e.schema, e.blocks)
	}
	return append(dst, arrowipc.EndOfStream...)
}

// flush appends the batch that is being filled.
func (e *Table) flush(dst []byte) []byte {
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

func (e *Table) start(dst []byte) []byte {
	if e.schema != nil {
		return dst
	}
	at := len(dst)
	if e.file {
		dst = append(dst, arrowipc.FileMagic...)
	}
	schema := len(dst)
	e.w.B = dst
	arrowipc.AppendSchema(&e.w, eventColumns, e.pairs)
	dst = e.w.B
	e.schema = append(e.schema, dst[schema:]...)
	e.written = int64(len(dst) - at)
	return dst
}
