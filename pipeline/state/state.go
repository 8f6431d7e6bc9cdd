// Package state is the byte form of component snapshots: little-endian values
// in a fixed order, slices behind their length. A component lists its fields
// once, and a [Codec] carries each of them to a snapshot or from one, so that
// the two ways cannot disagree. What is read is bounded by the bytes that are
// there, so a malformed snapshot gives an error and never a large allocation.
package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
)

// number is an element type of a stored slice.
type number interface {
	~uint8 | ~int8 | ~uint16 | ~uint32 | ~int32 | ~uint64 | ~int64 | ~float32 | ~float64
}

// Codec carries fields to a snapshot or from one. After the first error it
// carries nothing, and what is read is zero.
type Codec struct {
	b       []byte // what is written, or what is left to read
	reading bool
	err     error
	spared  int // bytes of arrays, which [Size] does not write
	sparing bool
}

// codecs are codecs at rest: a snapshot into memory that is there allocates
// nothing.
var codecs = sync.Pool{New: func() any { return new(Codec) }}

// Append appends the fields to b.
func Append(b []byte, fields func(*Codec)) ([]byte, error) {
	c := codecs.Get().(*Codec)
	defer codecs.Put(c)
	*c = Codec{b: b}
	fields(c)
	b, err := c.b, c.err
	*c = Codec{}
	return b, err
}

// Size is how many bytes Append would append.
func Size(fields func(*Codec)) int {
	c := &Codec{sparing: true}
	fields(c)
	return len(c.b) + c.spared
}

// Restore reads the fields from b, which they must fill.
func Restore(b []byte, fields func(*Codec)) error {
	c := &Codec{b: b, reading: true}
	fields(c)
	if c.err == nil && len(c.b) != 0 {
		return fmt.Errorf("state: %d bytes left over", len(c.b))
	}
	return c.err
}

// errShort means that a snapshot ended before its last value.
var errShort = errors.New("state: snapshot is too short")

// Reading reports whether values come from the snapshot.
func (c *Codec) Reading() bool { return c.reading }

// Failed reports whether an error has occurred.
func (c *Codec) Failed() bool { return c.err != nil }

// Demand refuses the snapshot that is read unless ok; why says what is wrong.
func (c *Codec) Demand(ok bool, why string) {
	if c.reading && !ok && c.err == nil {
		c.err = errors.New("state: " + why)
	}
}

// Uint64 carries one value.
func (c *Codec) Uint64(v *uint64) {
	if !c.reading {
		c.b = binary.LittleEndian.AppendUint64(c.b, *v)
		return
	}
	*v = 0
	if b := c.take(8); b != nil {
		*v = binary.LittleEndian.Uint64(b)
	}
}

// take takes the next n bytes of the snapshot, or returns nil.
func (c *Codec) take(n int) []byte {
	if c.err == nil && n > len(c.b) {
		c.err = errShort
	}
	if c.err != nil {
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

// Integer carries one value of another integer type, in 8 bytes.
func Integer[T ~int | ~int8 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32](c *Codec, v *T) {
	u := uint64(int64(*v))
	c.Uint64(&u)
	if *v = T(u); uint64(int64(*v)) != u {
		c.Demand(false, fmt.Sprintf("%d does not fit its field", int64(u)))
	}
}

// Bool carries one truth value, in 8 bytes.
func (c *Codec) Bool(v *bool) {
	u := uint64(0)
	if *v {
		u = 1
	}
	c.Uint64(&u)
	*v = u == 1
}

// Float64 carries one float.
func (c *Codec) Float64(v *float64) {
	u := math.Float64bits(*v)
	c.Uint64(&u)
	*v = math.Float64frombits(u)
}

// Float32 carries one float of single precision, in 8 bytes.
func (c *Codec) Float32(v *float32) {
	f := float64(*v)
	c.Float64(&f)
	*v = float32(f)
}

// Fixed carries a value that the program or the configuration fixes, such as a
// version or a size.
func (c *Codec) Fixed(want uint64) {
	got := want
	if c.Uint64(&got); c.err == nil && got != want {
		c.err = fmt.Errorf("state: %d where the configuration has %d", got, want)
	}
}

// Length carries a length or an index that is at most most. It returns 0 after
// an error.
func (c *Codec) Length(n, most int) int {
	u := uint64(n)
	c.Uint64(&u)
	if c.err == nil && c.reading && u > uint64(most) {
		c.err = fmt.Errorf("state: %d where at most %d can be", int64(u), most)
	}
	if c.err != nil {
		return 0
	}
	return int(u)
}

// Array carries a slice whose length the configuration fixes.
func Array[T number](c *Codec, s []T) {
	n := length[T](c, len(s))
	if c.err == nil && n != len(s) {
		c.err = fmt.Errorf("state: %d values where the configuration has %d", n, len(s))
	}
	elements(c, s)
}

// Slice carries a slice of any length; one that is read reuses the memory of *s.
func Slice[T number](c *Codec, s *[]T) {
	n := length[T](c, len(*s))
	if c.reading {
		if cap(*s) < n {
			*s = make([]T, n)
		}
		*s = (*s)[:n]
	}
	elements(c, *s)
}

// length carries a slice's length and checks it against the bytes that are left.
func length[T number](c *Codec, n int) int {
	if c.reading {
		return c.Length(0, len(c.b)/binary.Size(*new(T)))
	}
	return c.Length(n, n)
}

func elements[T number](c *Codec, s []T) {
	if c.err != nil {
		return
	}
	if c.sparing {
		c.spared += binary.Size(s)
		return
	}
	if !c.reading {
		b, err := binary.Append(c.b, binary.LittleEndian, s)
		c.b, c.err = b, err
		return
	}
	n, err := binary.Decode(c.b, binary.LittleEndian, s)
	if err != nil {
		c.err = errShort
		return
	}
	c.b = c.b[n:]
}

// List carries a length and then every element by item, which carries at least
// one field: so the bytes that are there bound what is read.
func List[T any](c *Codec, s *[]T, item func(*T)) {
	n := uint64(len(*s))
	c.Uint64(&n)
	if !c.reading {
		for i := range *s {
			item(&(*s)[i])
		}
		return
	}
	*s = (*s)[:0]
	for ; n > 0 && c.err == nil; n-- {
		var v T
		if item(&v); c.err == nil {
			*s = append(*s, v)
		}
	}
}

// Bytes carries a length and raw bytes. What is read aliases the snapshot.
func (c *Codec) Bytes(v *[]byte) {
	if !c.reading {
		c.b = append(binary.LittleEndian.AppendUint64(c.b, uint64(len(*v))), *v...)
		return
	}
	*v = c.take(c.Length(0, len(c.b)))
}

// String carries a length and the bytes of a text.
func (c *Codec) String(v *string) {
	if !c.reading {
		c.b = append(binary.LittleEndian.AppendUint64(c.b, uint64(len(*v))), *v...)
		return
	}
	var b []byte
	c.Bytes(&b)
	*v = string(b)
}

// Stateful is a component within another one, as in package pipeline.
type Stateful interface {
	AppendState(b []byte) ([]byte, error)
	RestoreState(b []byte) error
}

// Nested carries the state of a component behind its length. Errors name it.
func (c *Codec) Nested(name string, s Stateful) {
	if c.reading {
		var b []byte
		if c.Bytes(&b); c.err == nil {
			c.err = wrap(name, s.RestoreState(b))
		}
		return
	}
	at := len(c.b)
	c.b = binary.LittleEndian.AppendUint64(c.b, 0)
	if c.Last(name, s); c.err == nil {
		binary.LittleEndian.PutUint64(c.b[at:], uint64(len(c.b)-at-8))
	}
}

// Last carries the state of a component that fills the rest of the snapshot.
func (c *Codec) Last(name string, s Stateful) {
	switch {
	case c.err != nil:
	case c.reading:
		c.err = wrap(name, s.RestoreState(c.take(len(c.b))))
	default:
		c.b, c.err = s.AppendState(c.b)
		c.err = wrap(name, c.err)
	}
}

func wrap(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("state of the %s: %w", name, err)
}
