package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"math"
)

// number is a numeric type that can be written.
type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// Values are an array to be written: a shape (none for a scalar) and as many
// values, row-major.
type Values struct {
	typ    Type
	shape  []int
	n      int
	encode func(b []byte) []byte // appends the values, little-endian
	texts  []string
	attrs  []member
	chunks *Chunks // written by the caller; nil for other arrays
}

// With returns the values with an attribute of the dataset that they become.
func (v Values) With(name string, a Values) Values {
	v.attrs = append(v.attrs[:len(v.attrs):len(v.attrs)], member{name: name, value: a})
	return v
}

// Numbers are an array of numbers. The slice must not change before WriteTo.
func Numbers[T number](shape []int, v []T) Values {
	class := Int
	var zero T
	switch any(zero).(type) {
	case float32, float64:
		class = Float
	case uint8, uint16, uint32, uint64:
		class = Uint
	}
	return Values{typ: Type{Class: class, Size: binary.Size(zero)}, shape: shape, n: len(v), encode: func(b []byte) []byte {
		b, _ = binary.Append(b, binary.LittleEndian, v) // Number has only fixed-size types
		return b
	}}
}

// Bools are an array of h5py's bools.
func Bools(shape []int, v []bool) Values {
	return Values{typ: Type{Class: Bool, Size: 1}, shape: shape, n: len(v), encode: func(b []byte) []byte {
		b, _ = binary.Append(b, binary.LittleEndian, v)
		return b
	}}
}

// Strings are an array of variable-length UTF-8 strings.
func Strings(shape []int, v []string) Values {
	return Values{typ: Type{Class: Text, Size: 16}, shape: shape, n: len(v), texts: v}
}

// check compares the shape with the number of values.
func (v Values) check(path string) error {
	n := 1
	for _, d := range v.shape {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return fmt.Errorf("hdf5: %s: shape %v", path, v.shape)
		}
		n *= d
	}
	if n != v.n || len(v.shape) > maxRank {
		return fmt.Errorf("hdf5: %s: %d values for the shape %v", path, v.n, v.shape)
	}
	if v.chunks == nil && uint64(v.n)*uint64(v.typ.Size) > maxInflated {
		return fmt.Errorf("hdf5: %s: %d bytes, at most %d", path, v.n*v.typ.Size, maxInflated)
	}
	for _, s := range v.texts {
		if bytes.IndexByte([]byte(s), 0) >= 0 {
			return fmt.Errorf("hdf5: %s: string %q holds a NUL", path, s)
		}
	}
	return nil
}

// spaceMessage is a dataspace message of version 1 (IV.A.2.b).
func (v Values) spaceMessage() []byte {
	b := []byte{1, byte(len(v.shape)), 0, 0, 0, 0, 0, 0}
	for _, d := range v.shape {
		b = u64(b, uint64(d))
	}
	return b
}

// typeMessage is a datatype message of version 1 (IV.A.2.d).
func (t *Type) typeMessage() []byte {
	bits := uint16(8 * t.Size)
	integer := func(signed byte) []byte {
		return u16(u32([]byte{0x10, signed, 0, 0}, uint32(t.Size)), 0, bits)
	}
	switch t.Class {
	case Int:
		return integer(1 << 3)
	case Uint:
		return integer(0)
	case Float:
		b := u16(u32([]byte{0x11, 0x20, byte(bits - 1), 0}, uint32(t.Size)), 0, bits)
		if t.Size == 4 {
			return u32(append(b, 23, 8, 0, 23), 127)
		}
		return u32(append(b, 52, 11, 0, 52), 1023)
	case Bool:
		b := append(u32([]byte{0x18, 2, 0, 0}, 1), integer(1<<3)...)
		return append(b, "FALSE\x00\x00\x00TRUE\x00\x00\x00\x00\x00\x01"...)
	}
	if t.Class == Compound {
		return t.compoundMessage()
	}
	b := u32([]byte{0x19, 1, 1, 0}, 16) // string, NUL-terminated, UTF-8
	return append(b, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0)
}

// compoundMessage is the same for records.
func (t *Type) compoundMessage() []byte {
	b := u32(u16([]byte{0x16}, uint16(len(t.Members)), 0)[:4], uint32(t.Size))
	for _, m := range t.Members {
		b = append(b, pad8(append([]byte(m.Name), 0))...)
		b = u32(b, uint32(m.Offset), 0, 0, 0, 0, 0, 0, 0) // no dimensions
		b = append(b, m.Type.typeMessage()...)
	}
	return b
}

// raw is the values as stored; strings take their references off the heap.
func (p *printer) raw(v Values) []byte {
	if v.typ.Class != Text {
		return v.encode(make([]byte, 0, v.n*v.typ.Size))
	}
	var b []byte
	for range v.texts {
		b = append(b, p.refs[0]...)
		p.refs = p.refs[1:]
	}
	return b
}

// dataset writes the values and their object header.
func (p *printer) dataset(path string, v Values) (uint64, error) {
	h := header{}
	h.add(msgDataspace, v.spaceMessage())
	h.add(msgDatatype, v.typ.typeMessage())
	if v.chunks != nil {
		p.chunked(v.chunks, &h)
		err := p.attributes(path, v.attrs, &h)
		return p.place(h.bytes()), err
	}
	raw := p.raw(v)
	packed, err := p.deflate(path, v, raw)
	if err != nil {
		return 0, err
	}
	if packed == nil {
		addr := undefined
		if len(raw) > 0 {
			addr = p.place(raw)
		}
		h.add(msgFill, []byte{2, 2, 2, 1, 0, 0, 0, 0}) // allocated late, zeros
		h.add(msgLayout, u64(u64([]byte{3, layoutContiguous}, addr), uint64(len(raw))))
		err := p.attributes(path, v.attrs, &h)
		return p.place(h.bytes()), err
	}
	tree := p.place(chunkNode(v, len(packed), p.place(packed)))
	h.add(msgFill, []byte{2, 3, 2, 1, 0, 0, 0, 0}) // allocated chunk by chunk
	filters := u16([]byte{1, 1, 0, 0, 0, 0, 0, 0}, filterDeflate, 8, 1, 1)
	filters = append(filters, "deflate\x00"...)
	h.add(msgFilters, u32(filters, uint32(p.level), 0))
	layout := u64([]byte{3, layoutChunked, byte(len(v.shape) + 1)}, tree)
	for _, d := range v.shape {
		layout = u32(layout, uint32(d))
	}
	h.add(msgLayout, u32(layout, uint32(v.typ.Size)))
	err = p.attributes(path, v.attrs, &h)
	return p.place(h.bytes()), err
}

// deflate packs the values as one chunk, or returns nil where that would not
// make the file smaller.
func (p *printer) deflate(path string, v Values, raw []byte) ([]byte, error) {
	cost := len(chunkNode(v, 0, 0)) + 64
	if p.level == 0 || v.typ.Class == Text || len(v.shape) == 0 || len(raw) <= cost {
		return nil, nil
	}
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, p.level)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %s: %w", path, err)
	}
	if _, err := z.Write(raw); err != nil {
		return nil, fmt.Errorf("hdf5: %s: %w", path, err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("hdf5: %s: %w", path, err)
	}
	if b.Len()+cost >= len(raw) {
		return nil, nil
	}
	return b.Bytes(), nil
}

// chunkNode is a version 1 B-tree with the one chunk that is the whole array
// (III.A.1), as large as the library expects a node to be.
func chunkNode(v Values, size int, addr uint64) []byte {
	const k = 32 // the library's default
	key := 8 + 8*(len(v.shape)+1)
	b := append([]byte("TREE"), 1, 0, 1, 0)
	b = u64(b, undefined, undefined)
	b = u32(b, uint32(size), 0)
	b = append(b, make([]byte, key-8)...)
	b = u64(b, addr)
	b = u32(b, 0, 0)
	for _, d := range v.shape { // the key behind the last chunk
		b = u64(b, uint64(d))
	}
	b = u64(b, uint64(v.typ.Size))
	return append(b, make([]byte, 24+(2*k+1)*key+2*k*8-len(b))...)
}
