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
		r, err := a.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil || string(b) != content || a.Name != want[i] || !a.Big || int64(len(b)) != a.Rows*a.Columns*int64(a.Size) {
			t.Errorf("%s: %v, %x, want %x", a.Name, err, b, content)
		}
	}
}

// Cut at any byte, what comes before is found, and it is told that there is more.
func TestACutFileHasTheArraysBeforeTheCut(t *testing.T) {
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
