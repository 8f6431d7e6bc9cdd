// Package state is the byte form of component snapshots: little-endian values
// in a fixed order, slices behind their length. It bounds what it reads, so a
// malformed snapshot gives an error and never a large allocation.
package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// number is an element type of a stored slice.
type number interface {
	~uint8 | ~uint16 | ~uint32 | ~int32 | ~uint64 | ~int64 | ~float32 | ~float64
}

// AppendUint64 appends one value; signed and float values go through their
// bits (see AppendInt64, AppendFloat64).
func AppendUint64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }

// AppendInt64 appends one signed value.
func AppendInt64(b []byte, v int64) []byte { return AppendUint64(b, uint64(v)) }

// AppendFloat64 appends one float.
func AppendFloat64(b []byte, v float64) []byte { return AppendUint64(b, math.Float64bits(v)) }

// AppendSlice appends a length and the elements.
func AppendSlice[T number](b []byte, s []T) []byte {
	b = AppendUint64(b, uint64(len(s)))
	b, err := binary.Append(b, binary.LittleEndian, s)
	if err != nil { // Number admits only fixed-size types
		panic(err)
	}
	return b
}

// AppendBytes appends a length and raw bytes, for nested states.
func AppendBytes(b, s []byte) []byte { return append(AppendUint64(b, uint64(len(s))), s...) }

// errShort says that a snapshot ended before its last value.
var errShort = errors.New("state: snapshot is too short")

// Reader reads values in the order they were appended. After the first error
// it returns zero values; Err or Close tells.
type Reader struct {
	b   []byte
	err error
}

// NewReader reads from b.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Uint64 reads one value.
func (r *Reader) Uint64() uint64 {
	if r.err == nil && len(r.b) < 8 {
		r.err = errShort
	}
	if r.err != nil {
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

// Int64 reads one signed value.
func (r *Reader) Int64() int64 { return int64(r.Uint64()) }

// Float64 reads one float.
func (r *Reader) Float64() float64 { return math.Float64frombits(r.Uint64()) }

// Expect reads one value and demands that it is want: a size or a version that
// the configuration fixes.
func (r *Reader) Expect(want uint64) {
	if got := r.Uint64(); r.err == nil && got != want {
		r.err = fmt.Errorf("state: %d where the configuration has %d", got, want)
	}
}

// Fail records that a value read does not fit the configuration.
func (r *Reader) Fail(why string) {
	if r.err == nil {
		r.err = errors.New("state: " + why)
	}
}

// Bytes reads a nested state. The slice aliases the snapshot.
func (r *Reader) Bytes() []byte {
	n := r.length(1)
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

// length reads a slice length and checks it against the bytes that are left.
func (r *Reader) length(size int) int {
	n := r.Uint64()
	if r.err == nil && n > uint64(len(r.b)/size) {
		r.err = errShort
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

// ReadInto reads a slice into s and demands the same length: for state whose
// size the configuration fixes.
func ReadInto[T number](r *Reader, s []T) {
	n := r.length(binary.Size(*new(T)))
	if r.err == nil && n != len(s) {
		r.err = fmt.Errorf("state: %d values where the configuration has %d", n, len(s))
	}
	if r.err == nil {
		read(r, s)
	}
}

// ReadSlice reads a slice of any length into s[:0].
func ReadSlice[T number](r *Reader, s []T) []T {
	n := r.length(binary.Size(*new(T)))
	if cap(s) < n {
		s = make([]T, n)
	}
	s = s[:n]
	read(r, s)
	return s
}

func read[T number](r *Reader, s []T) {
	n, err := binary.Decode(r.b, binary.LittleEndian, s)
	if err != nil {
		r.err = errShort
		return
	}
	r.b = r.b[n:]
}

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Close returns the first error, or an error when bytes are left over.
func (r *Reader) Close() error {
	if r.err == nil && len(r.b) != 0 {
		return fmt.Errorf("state: %d bytes left over", len(r.b))
	}
	return r.err
}
