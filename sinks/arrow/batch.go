package arrow

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
)

// batch is a finished record batch: one encapsulated IPC message.
type batch struct {
	bytes []byte // valid until the next encode
	rows  int
	first pipeline.Detection // of the rows
}

// batchEncoder collects rows and turns them into record batches. It writes to
// memory only, so it cannot fail half-way.
type batchEncoder struct {
	builder *array.RecordBuilder
	rows    int
	first   pipeline.Detection // of the rows

	out    bytes.Buffer
	ipc    *ipc.Writer
	schema []byte // the schema message, which starts every file
	// room is the rows that each batch begins with room for. It is always the
	// same, because the lengths of a batch's buffers tell how they grew, and
	// equal rows are to give equal bytes.
	room int
}

func newBatchEncoder(compression string, rows int, m pipeline.StreamMeta) (*batchEncoder, error) {
	s := schema(m)
	e := &batchEncoder{builder: array.NewRecordBuilder(memory.DefaultAllocator, s)}
	options := []ipc.Option{ipc.WithSchema(s)}
	switch compression {
	case lz4:
		options = append(options, ipc.WithLZ4())
	case zstd:
		options = append(options, ipc.WithZstd())
	}
	// A writer closed at once writes the schema and the end of the stream.
	if err := ipc.NewWriter(&e.out, options...).Close(); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	e.schema = bytes.Clone(bytes.TrimSuffix(e.out.Bytes(), []byte(arrowipc.EndOfStream)))
	e.ipc = ipc.NewWriter(&e.out, options...)
	e.room = min(rows, 1024)
	e.builder.Reserve(e.room)
	return e, nil
}

// add appends one row.
func (e *batchEncoder) add(d *pipeline.Detection) {
	if e.rows == 0 {
		e.first = *d
	}
	for i := range columns {
		appendCell(e.builder.Field(i), &columns[i], d)
	}
	e.rows++
}

// encode turns the rows since the last encode into a batch.
func (e *batchEncoder) encode() (batch, error) {
	rec := e.builder.NewRecord()
	defer rec.Release()
	e.out.Reset()
	if err := e.ipc.Write(rec); err != nil {
		return batch{}, err
	}
	b := batch{bytes: bytes.TrimPrefix(e.out.Bytes(), e.schema), rows: e.rows, first: e.first}
	e.builder.Reserve(e.room)
	e.rows = 0
	return b, nil
}

// metadataSize is the length of a message's framed metadata, bytes; the rest
// of the message is its body.
func metadataSize(message []byte) int {
	return arrowipc.FrameSize + int(binary.LittleEndian.Uint32(message[4:]))
}
