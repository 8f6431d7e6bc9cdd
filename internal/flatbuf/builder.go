package flatbuf

import "encoding/binary"

// Builder builds a FlatBuffer from front to back: a table is put down with its
// fields zero, then what its fields refer to behind it. Once B has grown,
// nothing is allocated.
type Builder struct {
	B     []byte
	start int // of the buffer in B
}

// Begin starts a buffer behind what B holds, and returns the root table, whose
// vtable is given. It must be referred to by nothing else.
func (w *Builder) Begin(vtable ...uint16) (root int) {
	w.start = len(w.B)
	w.B = append(w.B, 0, 0, 0, 0)
	root = w.Table(vtable...)
	w.Refer(w.start, root)
	return root
}

// Table appends a vtable (its size, the table's size, the places of the
// fields) and a table of zeros, and returns the table's place in B. It stands 4
// bytes before a multiple of 8, so that 64-bit fields at 4, 12, ... are aligned.
func (w *Builder) Table(vtable ...uint16) int {
	w.Align(2)
	at := len(w.B)
	for _, v := range vtable {
		w.B = binary.LittleEndian.AppendUint16(w.B, v)
	}
	for (len(w.B)-w.start)%8 != 4 {
		w.B = append(w.B, 0)
	}
	pos := len(w.B)
	w.zeros(int(vtable[1]))
	w.SetU32(pos, uint32(pos-at))
	return pos
}

// Vector appends a vector of n elements of size bytes, zero, at a multiple of
// 8 bytes, and returns the place of its length in B.
func (w *Builder) Vector(n, size int) int {
	for (len(w.B)-w.start)%8 != 4 {
		w.B = append(w.B, 0)
	}
	pos := len(w.B)
	w.B = binary.LittleEndian.AppendUint32(w.B, uint32(n))
	w.zeros(n * size)
	return pos
}

// String appends a string and returns its place in B.
func (w *Builder) String(s string) int {
	w.Align(4)
	pos := len(w.B)
	w.B = binary.LittleEndian.AppendUint32(w.B, uint32(len(s)))
	w.B = append(append(w.B, s...), 0)
	return pos
}

// Align appends zeros up to a multiple of n bytes in the buffer.
func (w *Builder) Align(n int) {
	for (len(w.B)-w.start)%n != 0 {
		w.B = append(w.B, 0)
	}
}

// Refer sets the offset in B at a place to what stands at another, behind it.
func (w *Builder) Refer(at, to int) { w.SetU32(at, uint32(to-at)) }

// SetU32 sets the number at a place in B.
func (w *Builder) SetU32(at int, v uint32) { binary.LittleEndian.PutUint32(w.B[at:], v) }

// SetI64 sets the number at a place in B.
func (w *Builder) SetI64(at int, v int64) { binary.LittleEndian.PutUint64(w.B[at:], uint64(v)) }

func (w *Builder) zeros(n int) {
	for range n {
		w.B = append(w.B, 0)
	}
}
