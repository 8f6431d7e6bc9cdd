package arrow

import "encoding/binary"

// flat reads a FlatBuffers buffer that nobody vouches for. An access outside
// the bytes returns zero and marks the buffer as bad; nothing is allocated and
// nothing is followed twice. (Go's FlatBuffers runtime has no verifier, and
// Arrow's Go reader allocates whatever a damaged length says.)
//
// The form, all little-endian: a buffer starts with the offset of its root
// table. A table starts with the signed distance back to its vtable, which is
// {its own size, the table's size, the offset of each field or 0}, uint16 each.
// Strings, vectors and tables in a field are a forward offset away; vectors
// start with their length.
type flat struct {
	b   []byte
	bad bool
}

// at returns n bytes at pos, or zeros.
func (f *flat) at(pos, n int) []byte {
	if pos < 0 || pos > len(f.b)-n {
		f.bad = true
		return make([]byte, 8)[:n]
	}
	return f.b[pos : pos+n]
}

func (f *flat) u8(pos int) uint8   { return f.at(pos, 1)[0] }
func (f *flat) u16(pos int) uint16 { return binary.LittleEndian.Uint16(f.at(pos, 2)) }
func (f *flat) u32(pos int) uint32 { return binary.LittleEndian.Uint32(f.at(pos, 4)) }
func (f *flat) i64(pos int) int64  { return int64(binary.LittleEndian.Uint64(f.at(pos, 8))) }

// follow returns the place that the offset at pos points to.
func (f *flat) follow(pos int) int { return pos + int(f.u32(pos)) }

// table is a table within a buffer. The zero table has no fields.
type table struct {
	f           *flat
	pos, vtable int
}

func (f *flat) root() table { return f.table(f.follow(0)) }

func (f *flat) table(pos int) table {
	return table{f, pos, pos - int(int32(f.u32(pos)))}
}

// field returns the place of field i, or false when the table leaves it out.
func (t table) field(i int) (pos int, present bool) {
	slot := 4 + 2*i
	if t.f == nil || t.f.bad || slot+2 > int(t.f.u16(t.vtable)) {
		return 0, false
	}
	offset := int(t.f.u16(t.vtable + slot))
	return t.pos + offset, offset != 0
}

func (t table) u8(i int) uint8 {
	if pos, ok := t.field(i); ok {
		return t.f.u8(pos)
	}
	return 0
}

func (t table) u16(i int) uint16 {
	if pos, ok := t.field(i); ok {
		return t.f.u16(pos)
	}
	return 0
}

func (t table) u32(i int) uint32 {
	if pos, ok := t.field(i); ok {
		return t.f.u32(pos)
	}
	return 0
}

func (t table) i64(i int) int64 {
	if pos, ok := t.field(i); ok {
		return t.f.i64(pos)
	}
	return 0
}

// table returns the table in field i, or the zero table.
func (t table) table(i int) table {
	if pos, ok := t.field(i); ok {
		return t.f.table(t.f.follow(pos))
	}
	return table{}
}

// vector returns the place and length of the vector in field i, whose elements
// of size bytes all lie within the buffer.
func (t table) vector(i, size int) (pos, n int) {
	pos, ok := t.field(i)
	if !ok {
		return 0, 0
	}
	pos = t.f.follow(pos)
	n = int(t.f.u32(pos))
	pos += 4
	if t.f.bad || n < 0 || n > (len(t.f.b)-pos)/size {
		t.f.bad = true
		return 0, 0
	}
	return pos, n
}

// text returns the string in field i.
func (t table) text(i int) []byte {
	pos, n := t.vector(i, 1)
	return t.f.slice(pos, n)
}

// slice returns bytes that vector has found to lie within the buffer.
func (f *flat) slice(pos, n int) []byte {
	if f == nil {
		return nil
	}
	return f.b[pos : pos+n]
}
