package matfile_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"ganglion/internal/matfile"
	"ganglion/sources/format/formattest"
)

func names(f *matfile.File) (all []string) {
	for _, a := range f.Arrays {
		all = append(all, a.Name)
	}
	return all
}

func TestArraysAreFoundInStructuresAndPacking(t *testing.T) {
	t.Parallel()
	m := formattest.MATFile{Order: binary.BigEndian}
	inner := m.Struct("", []string{"a", "b"}, m.Array("", 4, []float64{1, 2, 3}), m.Array("", 9, []float64{0.5}))
	numbers := m.Matrix("", 3, 2, []float64{1, 2, 3, -4})
	data := m.File(m.Array("first", 2, []float64{7}), m.Packed(m.Struct("s", []string{"in", "n"}, inner, numbers)))
	f, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil || f.Err != nil {
		t.Fatal(err, f.Err)
	}
	want := []string{"first", "s.in.a", "s.in.b", "s.n"}
	if got := names(f); len(got) != len(want) {
		t.Fatalf("found %q", got)
	}
	for i, content := range []string{
		"\x07", "\x00\x01\x00\x02\x00\x03", "\x3f\xe0\x00\x00\x00\x00\x00\x00", "\x00\x01\x00\x02\x00\x03\xff\xfc",
	} {
		a := &f.Arrays[i]
		r, err := a.Open(0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil || string(b) != content || a.Name != want[i] || !a.Big || int64(len(b)) != a.Rows*a.Columns*int64(a.Size) {
			t.Errorf("%s: %v, %x, want %x", a.Name, err, b, content)
		}
		if r, err = a.Open(1); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(r); err != nil || string(rest) != content[a.Size:] {
			t.Errorf("%s from its second value on: %v, %x, want %x", a.Name, err, rest, content[a.Size:])
		}
	}
}

// Cut at any byte, what comes before is found, and it is told that there is more.
func TestACutFileHasTheArraysBeforeTheCut(t *testing.T) {
	t.Parallel()
	m := formattest.MATFile{Order: binary.LittleEndian}
	data := m.File(m.Array("a", 2, make([]float64, 20)), m.Packed(m.Array("b", 4, make([]float64, 30))), m.Array("c", 9, make([]float64, 5)))
	before := 0
	for n := range data {
		f, err := matfile.Open(bytes.NewReader(data[:n]), int64(n))
		if err != nil {
			if n >= 128 {
				t.Fatalf("first %d bytes: %v", n, err)
			}
			continue
		}
		if len(f.Arrays) < before || len(f.Arrays) > 3 {
			t.Errorf("first %d bytes: %q after %d", n, names(f), before)
		}
		before = len(f.Arrays)
	}
	if before != 3 {
		t.Errorf("%d arrays", before)
	}
}

func TestOnlyMATLAB5Begins(t *testing.T) {
	t.Parallel()
	head := func(text, end string) []byte {
		b := bytes.Repeat([]byte{' '}, 128)
		copy(b, text)
		copy(b[126:], end)
		return b
	}
	for _, c := range []struct {
		head    []byte
		big, ok bool
	}{
		{head("MATLAB 5.0 MAT-file", "IM"), false, true}, {head("MATLAB 5.0 MAT-file", "MI"), true, true},
		{head("MATLAB 5.0 MAT-file", "??"), false, false}, {head("MATLAB 7.3 MAT-file", "IM"), false, false},
		{head("MATLAB 5.0 MAT-file", "IM")[:127], false, false}, {nil, false, false},
	} {
		if big, ok := matfile.Begins(c.head); big != c.big || ok != c.ok {
			t.Errorf("%q: big-endian %t, MATLAB 5 %t", c.head, big, ok)
		}
	}
}

// TestAStructureWithDamagedNamesIsNoArray has field names that are longer than
// all of them together.
func TestAStructureWithDamagedNamesIsNoArray(t *testing.T) {
	t.Parallel()
	m := formattest.MATFile{Order: binary.LittleEndian}
	s := m.Struct("s", []string{"a", "b"}, m.Array("", 4, []float64{1}), m.Array("", 9, []float64{2}))
	data := m.File(m.Array("first", 2, []float64{7}), s)
	width := bytes.Index(data, []byte{5, 0, 4, 0, 32, 0, 0, 0}) // a short element: 4 bytes of int32, the width of a name
	if width < 0 {
		t.Fatal("the width of a name is not where it was")
	}
	data[width+5] = 1
	f, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil || f.Err == nil || len(f.Arrays) != 1 {
		t.Errorf("%v, %v, arrays %q", err, f.Err, names(f))
	}
}
