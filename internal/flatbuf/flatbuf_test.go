package flatbuf

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

// sample is a table with u8 7, no field, i64 -2, f32 1.5, a table with the
// string "abc", and a vector of three u16.
func sample() []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 24)
	b = append(b, "NAME"...)
	for _, v := range []uint16{16, 36, 32, 0, 8, 16, 20, 24} { // vtable at 8
		b = le.AppendUint16(b, v)
	}
	b = le.AppendUint32(b, 16) // table at 24
	b = le.AppendUint32(b, 0)
	b = le.AppendUint64(b, math.MaxUint64-1)
	b = le.AppendUint32(b, math.Float32bits(1.5))
	b = le.AppendUint32(b, 28) // at 44, to the table at 72
	b = le.AppendUint32(b, 12) // at 48, to the vector at 60
	b = le.AppendUint32(b, 0)
	b = append(b, 7, 0, 0, 0)                                           // at 56
	b = append(le.AppendUint32(b, 3), 1, 0, 2, 0, 3, 0)                 // at 60
	b = append(b, 6, 0)                                                 // at 70: a vtable of 6, 8, 4 would overlap
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)                               // 72
	le.PutUint32(b[72:], uint32(0xFFFFFFF8))                            // the vtable stands behind it, at 80
	le.PutUint32(b[76:], 12)                                            // string at 88
	b = append(b, 6, 0, 8, 0, 4, 0, 0, 0, 3, 0, 0, 0, 'a', 'b', 'c', 0) // 80, 88
	return b
}

func TestFieldsAreFound(t *testing.T) {
	t.Parallel()
	f := New(sample())
	r := f.Root()
	if id := f.Identifier(); string(id[:]) != "NAME" {
		t.Errorf("identifier %q", id)
	}
	if got := r.U8(0); got != 7 {
		t.Errorf("u8 %d", got)
	}
	if got := r.I64(2); got != -2 {
		t.Errorf("i64 %d", got)
	}
	if got := r.F32(3); got != 1.5 {
		t.Errorf("f32 %v", got)
	}
	if got := r.Table(4).Bytes(0); string(got) != "abc" {
		t.Errorf("string %q", got)
	}
	pos, n := r.Vector(5, 2)
	if n != 3 || f.u16(pos+4) != 3 {
		t.Errorf("vector of %d at %d", n, pos)
	}
	if f.Bad() {
		t.Error("a sound buffer is bad")
	}
}

func TestAbsentFieldsAreZero(t *testing.T) {
	t.Parallel()
	f := New(sample())
	r := f.Root()
	for _, table := range []Table{r.Table(1), {}} {
		if table.Buffer() != nil || table.U8(0)|uint8(table.U16(0))|uint8(table.U32(0)) != 0 || table.I64(0) != 0 || table.Bytes(0) != nil {
			t.Error("a table that is not there has fields")
		}
	}
	if r.I64(1) != 0 || r.U32(99) != 0 || f.Bad() {
		t.Error("a field that is not there is something")
	}
}

// walk touches everything and returns what it read, so that nothing is
// optimised away.
func walk(f *Buffer) int {
	sum, r := 0, f.Root()
	for i := range 8 {
		sum += int(r.U8(i)) + int(r.U16(i)) + int(r.U32(i)) + int(r.I64(i)) + len(r.Bytes(i)) + len(r.Table(i).Bytes(0))
		pos, n := r.Vector(i, 4)
		for k := range min(n, 8) {
			sum += int(f.Table(f.Follow(pos + 4*k)).I64(0))
		}
	}
	return sum
}

func TestATruncatedBufferIsBadOrReadsWithinItsBytes(t *testing.T) {
	t.Parallel()
	b := sample()
	for n := range b {
		walk(New(bytes.Clone(b[:n])))
		f := New(bytes.Clone(b[:n]))
		if f.Root().Table(4).Bytes(0); !f.Bad() && n < 91 {
			t.Errorf("%d of %d bytes: not noticed", n, len(b))
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	b := sample()
	f := New(nil)
	if n := testing.AllocsPerRun(10, func() { f.Reset(b); walk(f) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzWalk(f *testing.F) {
	f.Add(sample())
	f.Fuzz(func(t *testing.T, b []byte) { walk(New(b)) })
}

func TestWhatIsBuiltIsRead(t *testing.T) {
	w := Builder{B: []byte("before ")}
	build := func() {
		w.B = w.B[:7]
		root := w.Begin(12, 24, 20, 4, 12, 16)
		w.B[root+20] = 7
		w.SetI64(root+4, -2)
		w.Refer(root+12, w.String("abc"))
		v := w.Vector(2, 4)
		w.Refer(root+16, v)
		for i := range 2 {
			e := w.Table(6, 12, 4)
			w.Refer(v+4+4*i, e)
			w.SetI64(e+4, int64(i)+100)
		}
	}
	build()
	f := New(w.B[7:])
	r := f.Root()
	if r.U8(0) != 7 || r.I64(1) != -2 || string(r.Bytes(2)) != "abc" {
		t.Errorf("%d, %d, %q", r.U8(0), r.I64(1), r.Bytes(2))
	}
	pos, n := r.Vector(3, 4)
	for i := range n {
		e := f.Table(f.Follow(pos + 4*i))
		if at, _ := e.Field(0); e.I64(0) != int64(i)+100 || at%8 != 0 {
			t.Errorf("element %d is %d at %d", i, e.I64(0), at)
		}
	}
	if n != 2 || f.Bad() {
		t.Errorf("%d elements, bad %v", n, f.Bad())
	}
	if n := testing.AllocsPerRun(10, build); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
