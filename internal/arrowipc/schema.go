package arrowipc

import (
	"errors"
	"fmt"

	"ganglion/internal/flatbuf"
)

// Field is one column of a schema.
type Field struct {
	Name    string
	Buffers int // validity, then values, or offsets and values

	kind   uint8
	detail flatbuf.Table
}

// Bounds of a schema: many fields may share one name in the bytes.
const (
	maxFields = 4096
	maxName   = 1024 // bytes
)

// Types of a field (Type of Arrow's Schema.fbs).
const (
	typeInt         = 2
	typeFloat       = 3
	typeBinary      = 4
	typeUtf8        = 5
	typeBool        = 6
	typeTimestamp   = 10
	typeInterval    = 11
	typeFixedBinary = 15
	typeFixedList   = 16
	typeDuration    = 18
	typeLargeBinary = 19
	typeLargeUtf8   = 20
)

// Fields lists the columns of a schema message, which must stay as it is while
// they are asked for their types.
func Fields(m *Message) ([]Field, error) {
	if m.Kind != SchemaMessage {
		return nil, fmt.Errorf("message of kind %d where the schema should be", m.Kind)
	}
	if m.Header.U16(0) != 0 {
		return nil, errors.New("schema: big-endian")
	}
	pos, n := m.Header.Vector(1, 4)
	if n > maxFields {
		return nil, fmt.Errorf("schema: %d columns", n)
	}
	fields := make([]Field, 0, n)
	for i := range n {
		t := m.buf.Table(m.buf.Follow(pos + 4*i))
		name := t.Bytes(0)
		if len(name) > maxName {
			return nil, fmt.Errorf("schema: a column's name has %d bytes", len(name))
		}
		f := Field{Name: string(name), Buffers: buffersOf(t), kind: t.U8(2), detail: t.Table(3)}
		if f.Buffers == 0 {
			return nil, fmt.Errorf("schema: column %q is nested, a dictionary or a view", f.Name)
		}
		fields = append(fields, f)
	}
	if m.buf.Bad() {
		return nil, fmt.Errorf("schema: %w", errMetadata)
	}
	return fields, nil
}

// buffersOf returns how many buffers a column of a flat type has, 0 for all
// other types.
func buffersOf(field flatbuf.Table) int {
	if dictionary, ok := field.Field(4); ok && dictionary != 0 {
		return 0
	}
	switch t := field.U8(2); {
	case t == typeBinary || t == typeUtf8 || t == typeLargeBinary || t == typeLargeUtf8:
		return 3
	case t >= typeInt && t <= typeInterval || t == typeFixedBinary || t == typeDuration:
		return 2
	}
	return 0
}

// Int is the width of a column of integers, or false.
func (f Field) Int() (bits int, signed, ok bool) {
	return int(f.detail.U32(0)), f.detail.U8(1) != 0, f.kind == typeInt
}

// Microseconds reports whether the column holds instants, Unix time in µs.
func (f Field) Microseconds() bool { return f.kind == typeTimestamp && f.detail.U16(0) == 2 }

// Bool reports whether the column holds truth values, one bit each.
func (f Field) Bool() bool { return f.kind == typeBool }

// String reports whether the column holds strings with 32-bit offsets.
func (f Field) String() bool { return f.kind == typeUtf8 }

// Float32 reports whether the column holds numbers of single precision.
func (f Field) Float32() bool { return f.kind == typeFloat && f.detail.U16(0) == 1 }

// Pair is one entry of a schema's metadata.
type Pair struct{ Key, Value string }

// maxPairs bounds the metadata, and maxValue a key or value, bytes.
const (
	maxPairs = 4096
	maxValue = 64 << 10
)

// Metadata lists the metadata of a schema message.
func Metadata(m *Message) ([]Pair, error) {
	pos, n := m.Header.Vector(2, 4)
	if n > maxPairs {
		return nil, fmt.Errorf("schema: %d pairs of metadata", n)
	}
	pairs := make([]Pair, 0, n)
	total := 0
	for i := range n {
		t := m.buf.Table(m.buf.Follow(pos + 4*i))
		key, value := t.Bytes(0), t.Bytes(1)
		if total += len(key) + len(value); total > len(m.Bytes)+maxValue {
			return nil, errors.New("schema: metadata claims more than there is")
		}
		pairs = append(pairs, Pair{string(key), string(value)})
	}
	if m.buf.Bad() {
		return nil, fmt.Errorf("schema: %w", errMetadata)
	}
	return pairs, nil
}
