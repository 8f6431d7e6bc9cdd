package flatbuf

import (
	"encoding/binary"
	"math"
)

// Buffer is the bytes of one FlatBuffer. It is used from one goroutine.
type Buffer struct {
	b   []byte
	bad bool
}

// New returns a reader of b, which it keeps.
func New(b []byte) *Buffer { return &Buffer{b: b} }

// Reset makes it a reader of b.
func (f *Buffer) Reset(b []byte) { f.b, f.bad = b, false }

// Bad reports whether any access so far fell outside the bytes.
func (f *Buffer) Bad() bool { return f.bad }

// Identifier is the name of the type behind the root offset, if there is one.
func (f *Buffer) Identifier() [4]byte {
	if !f.within(4, 4) {
		return [4]byte{}
	}
	return [4]byte(f.b[4:])
}

// Root returns the root table.
func (f *Buffer) Root() Table { return f.Table(f.Follow(0)) }

// Table returns the table at pos.
func (f *Buffer) Table(pos int) Table {
	return Table{f, pos, pos - int(int32(f.U32(pos)))}
}

// Follow returns the place that the offset at pos points to.
func (f *Buffer) Follow(pos int) int { return pos + int(f.U32(pos)) }

// within reports whether n bytes at pos exist, and marks the buffer if not.
func (f *Buffer) within(pos, n int) bool {
	ok := pos >= 0 && pos <= len(f.b)-n
	f.bad = f.bad || !ok
	return ok
}

// u8 is the byte at pos.
func (f *Buffer) u8(pos int) uint8 {
	if !f.within(pos, 1) {
		return 0
	}
	return f.b[pos]
}

// u16 is the number at pos.
func (f *Buffer) u16(pos int) uint16 {
	if !f.within(pos, 2) {
		return 0
	}
	return binary.LittleEndian.Uint16(f.b[pos:])
}

// U32 is the number at pos.
func (f *Buffer) U32(pos int) uint32 {
	if !f.within(pos, 4) {
		return 0
	}
	return binary.LittleEndian.Uint32(f.b[pos:])
}

// I64 is the number at pos.
func (f *Buffer) I64(pos int) int64 {
	if !f.within(pos, 8) {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(f.b[pos:]))
}

// bytes returns n bytes at pos, or nil.
func (f *Buffer) bytes(pos, n int) []byte {
	if n < 0 || !f.within(pos, n) {
		f.bad = true
		return nil
	}
	return f.b[pos : pos+n : pos+n]
}

// All returns the whole buffer.
func (f *Buffer) All() []byte { return f.b }

// Table is a table within a buffer. The zero table has no fields, and the
// fields that a table leaves out are zero.
type Table struct {
	f           *Buffer
	pos, vtable int
}

// Pos is the table's place in its buffer.
func (t Table) Pos() int { return t.pos }

// Buffer is the buffer that the table lies in, nil for the zero table.
func (t Table) Buffer() *Buffer { return t.f }

// Field returns the place of field i, or false when the table leaves it out.
func (t Table) Field(i int) (pos int, present bool) {
	slot := 4 + 2*i
	if t.f == nil || t.f.bad || slot+2 > int(t.f.u16(t.vtable)) {
		return 0, false
	}
	offset := int(t.f.u16(t.vtable + slot))
	return t.pos + offset, offset != 0
}

// U8 is the number in field i.
func (t Table) U8(i int) uint8 {
	if pos, ok := t.Field(i); ok {
		return t.f.u8(pos)
	}
	return 0
}

// U16 is the number in field i.
func (t Table) U16(i int) uint16 {
	if pos, ok := t.Field(i); ok {
		return t.f.u16(pos)
	}
	return 0
}

// U32 is the number in field i.
func (t Table) U32(i int) uint32 {
	if pos, ok := t.Field(i); ok {
		return t.f.U32(pos)
	}
	return 0
}

// I64 is the number in field i.
func (t Table) I64(i int) int64 {
	if pos, ok := t.Field(i); ok {
		return t.f.I64(pos)
	}
	return 0
}

// F32 is the number in field i.
func (t Table) F32(i int) float32 { return math.Float32frombits(t.U32(i)) }

// Table returns the table in field i, or the zero table.
func (t Table) Table(i int) Table {
	if pos, ok := t.Field(i); ok {
		return t.f.Table(t.f.Follow(pos))
	}
	return Table{}
}

// Vector returns the place and length of the vector in field i, whose elements
// of size bytes all lie within the buffer.
func (t Table) Vector(i, size int) (pos, n int) {
	pos, ok := t.Field(i)
	if !ok {
		return 0, 0
	}
	pos = t.f.Follow(pos)
	n = int(t.f.U32(pos))
	pos += 4
	if t.f.bad || n < 0 || n > (len(t.f.b)-pos)/size {
		t.f.bad = true
		return 0, 0
	}
	return pos, n
}

// Bytes returns the string or vector of bytes in field i.
func (t Table) Bytes(i int) []byte {
	pos, n := t.Vector(i, 1)
	if n == 0 {
		return nil
	}
	return t.f.bytes(pos, n)
}
