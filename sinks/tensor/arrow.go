package tensor

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"ganglion/internal/arrowipc"
	"ganglion/internal/flatbuf"
)

// Arrow writes an Arrow IPC file or stream with a row for each slice: t_start and
// t_end, µs, events, and tensor, a list of a length with the extension type
// arrow.fixed_shape_tensor, which names its shape.
type Arrow struct {
	file   io.WriteCloser
	tailed bool // a file, not a stream
	w      flatbuf.Builder
	schema []byte
	length int // of a list
	at     int64
	blocks []arrowipc.Block
	err    error
}

// NewArrow writes to a file; stream leaves out what a file has at its end.
func NewArrow(file io.WriteCloser, c Config, width, height int, stream bool) (*Arrow, error) {
	axes, planes := c.planes()
	a := &Arrow{file: file, tailed: !stream, length: planes * width * height}
	shape, err := json.Marshal(map[string][]int{"shape": append(axes, height, width)})
	if err != nil {
		return nil, err
	}
	if a.length > math.MaxInt32 {
		return nil, fmt.Errorf("an array of %d values", a.length)
	}
	arrowipc.AppendSchema(&a.w, []arrowipc.Column{
		{Name: "t_start", Bits: 64, Signed: true}, {Name: "t_end", Bits: 64, Signed: true}, {Name: "events", Bits: 64, Signed: true},
		{Name: "tensor", Bits: 8 * c.size(), Signed: c.size() == 2, Float: c.size() == 4, List: a.length, Metadata: []arrowipc.Pair{
			{Key: "ARROW:extension:name", Value: "arrow.fixed_shape_tensor"}, {Key: "ARROW:extension:metadata", Value: string(shape)}}},
	}, []arrowipc.Pair{{Key: "kind", Value: c.Kind}, {Key: "polarity", Value: c.Polarity}})
	a.schema = append([]byte(nil), a.w.B...)
	if a.tailed {
		a.write([]byte(arrowipc.FileMagic))
	}
	a.write(a.schema)
	return a, a.err
}

func (a *Arrow) write(b []byte) {
	if a.err == nil {
		_, a.err = a.file.Write(b)
		a.at += int64(len(b))
	}
}

// Append writes a slice as a batch of one row.
func (a *Arrow) Append(array []byte, s Slice) error {
	cell := func(v int64) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(v)) }
	a.w.B = a.w.B[:0]
	arrowipc.AppendListBatch(&a.w, 1, []int{0, 0, 0, a.length}, cell(s.Start), cell(s.End), cell(s.Events), array)
	metadata := arrowipc.FrameSize + int(binary.LittleEndian.Uint32(a.w.B[4:]))
	a.blocks = append(a.blocks, arrowipc.Block{Offset: a.at, Metadata: int32(metadata), Body: int64(len(a.w.B) - metadata)})
	a.write(a.w.B)
	return a.err
}

// Close ends the file.
func (a *Arrow) Close() error {
	if a.tailed {
		a.write(arrowipc.AppendTail(nil, a.schema, a.blocks))
	} else {
		a.write([]byte(arrowipc.EndOfStream))
	}
	return errors.Join(a.err, a.file.Close())
}
