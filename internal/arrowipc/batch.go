package arrowipc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"ganglion/internal/compression"
)

// Batch is a record batch whose buffers lie within its message. Its memory is
// reused from Parse to Parse.
type Batch struct {
	Rows    int
	Buffers []Buffer // of all columns, one behind the other
}

// Buffer is one buffer of a batch.
type Buffer struct {
	At, Len int               // place in the message's Bytes
	Codec   compression.Codec // how it is compressed
	Size    int               // claimed length of its content, bytes
}

// maxRows bounds the rows of a batch that has no body to hold them, 16 Mi.
const maxRows = 16 << 20

// Parse checks the record batch in a message against the fields and its body.
// It takes what the batch will unpack to from the budget, bytes.
func (r *Batch) Parse(m *Message, fields []Field, budget *int64) error {
	if m.Kind != BatchMessage {
		return fmt.Errorf("message of kind %d out of place", m.Kind)
	}
	rows := m.Header.I64(0)
	_, nodes := m.Header.Vector(1, 16)
	pos, n := m.Header.Vector(2, 16)
	codec, err := codecOf(m)
	want := 0
	for i := range fields {
		want += fields[i].Buffers
	}
	switch {
	case m.buf.Bad():
		return errMetadata
	case err != nil:
		return err
	case nodes != len(fields) || n != want:
		return fmt.Errorf("%d nodes and %d buffers for %d columns with %d", nodes, n, len(fields), want)
	case rows < 0 || rows > max(*budget, 8*int64(len(m.Body)))+maxRows || int64(int(rows)) != rows:
		return fmt.Errorf("%d rows", rows)
	}
	r.Rows = int(rows)
	r.Buffers = slices.Grow(r.Buffers[:0], n)
	end := int64(0)
	for i := range n {
		// Buffers ascend: no two columns can claim the same bytes.
		offset, length := m.buf.I64(pos+16*i), m.buf.I64(pos+16*i+8)
		if offset < end || length < 0 || offset > int64(len(m.Body))-length {
			return fmt.Errorf("buffer %d spans bytes %d and %d more of a body of %d", i, offset, length, len(m.Body))
		}
		end = offset + length
		b, err := newBuffer(m, int(offset), int(length), codec)
		if err != nil {
			return fmt.Errorf("buffer %d: %w", i, err)
		}
		if b.Codec != compression.None {
			if *budget -= int64(b.Size); *budget < 0 {
				return fmt.Errorf("buffer %d: %w", i, ErrTooLong)
			}
		}
		r.Buffers = append(r.Buffers, b)
	}
	return nil
}

// ErrTooLong means that compressed buffers claim to hold more than is allowed.
var ErrTooLong = errors.New("claims more than is allowed")

// codecOf reads the compression of a batch (CompressionType of Message.fbs).
func codecOf(m *Message) (compression.Codec, error) {
	if compressed, ok := m.Header.Field(3); !ok || compressed == 0 {
		return compression.None, nil
	}
	switch kind := m.Header.Table(3).U8(0); kind {
	case 0:
		return compression.LZ4, nil
	case 1:
		return compression.Zstd, nil
	default:
		return compression.None, fmt.Errorf("unknown compression %d", kind)
	}
}

// newBuffer reads the length that precedes a compressed buffer; -1 stands for
// one that is stored as it is.
func newBuffer(m *Message, offset, length int, c compression.Codec) (Buffer, error) {
	b := Buffer{At: m.Metadata() + offset, Len: length, Size: length}
	if c == compression.None || length == 0 {
		return b, nil
	}
	if length < 8 {
		return b, fmt.Errorf("compressed buffer of %d bytes", length)
	}
	size := int64(binary.LittleEndian.Uint64(m.Bytes[b.At:]))
	b.At, b.Len = b.At+8, length-8
	switch {
	case size == -1:
		b.Size = b.Len
		return b, nil
	case size < 0 || int64(int(size)) != size:
		return b, fmt.Errorf("compressed buffer claims %d bytes", size)
	}
	b.Codec, b.Size = c, int(size)
	return b, nil
}

// Content returns what a buffer of the message with the given bytes holds: a
// piece of the message, or memory that it is unpacked into, which replaces dst.
func (b Buffer) Content(dst, message []byte, d *compression.Decoder) ([]byte, error) {
	raw := message[b.At : b.At+b.Len]
	if b.Codec == compression.None {
		return raw, nil
	}
	out, err := d.Append(dst[:0], raw, b.Codec, b.Size)
	if err != nil {
		return nil, err
	}
	if len(out) != b.Size {
		return nil, fmt.Errorf("unpacked to %d bytes instead of %d", len(out), b.Size)
	}
	return out, nil
}
