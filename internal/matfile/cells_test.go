package matfile_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"

	"ganglion/internal/matfile"
	"ganglion/sources/format/formattest"
)

// part is an element of a little-endian file, filled up to 8 bytes.
func part(kind uint32, content []byte) []byte {
	b := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, kind), uint32(len(content)))
	return append(append(b, content...), make([]byte, -len(content)&7)...)
}

// variable is one of a class with two axes.
func variable(name string, class, rows, columns uint32, parts ...[]byte) []byte {
	words := func(v ...uint32) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return b
	}
	b := slices.Concat(part(6, words(class, 0)), part(5, words(rows, columns)), part(1, []byte(name)))
	return part(14, append(b, bytes.Join(parts, nil)...))
}

func TestArraysAreFoundInCellsObjectsAndListsOfStructures(t *testing.T) {
	t.Parallel()
	m := formattest.MATFile{Order: binary.LittleEndian}
	number := m.Array("", 4, []float64{1, 2, 3})
	nothing := part(14, nil)
	field := append(part(5, []byte{8, 0, 0, 0}), part(1, []byte("a\x00\x00\x00\x00\x00\x00\x00"))...)
	data := m.File(
		variable("c", 1, 1, 3, number, nothing, number),
		variable("s", 2, 1, 2, field, number, number),
		variable("o", 3, 1, 1, part(1, []byte("inline")), field, number),
		variable("empty", 2, 1, 1, part(5, []byte{8, 0, 0, 0}), part(1, nil)),
		variable("text", 4, 1, 2, part(16, []byte("hi"))),
		m.Array("last", 2, []float64{7}),
	)
	f, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil || f.Err != nil {
		t.Fatal(err, f.Err)
	}
	want := []string{"c{1}", "c{3}", "s(1).a", "s(2).a", "o.a", "last"}
	if got := names(f); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if _, err := matfile.Open(strings.NewReader(strings.Repeat("x", 200)), 200); err == nil || err.Error() != "is not a MATLAB 5 or 4 file" {
		t.Errorf("error %v", err)
	}
}

// What is damaged in one variable costs that one.
func TestADamagedVariableCostsItself(t *testing.T) {
	t.Parallel()
	m := formattest.MATFile{Order: binary.LittleEndian}
	axes := part(5, bytes.Repeat([]byte{1, 0, 0, 0}, 5000))
	for name, bad := range map[string][]byte{
		"flags that are short": part(14, slices.Concat(part(6, []byte{6, 0}), part(5, make([]byte, 8)), part(1, nil))),
		"too many axes":        part(14, slices.Concat(part(6, make([]byte, 8)), axes, part(1, nil))),
		"a name without end": part(14, slices.Concat(part(6, make([]byte, 8)), part(5, make([]byte, 8)),
			[]byte("\x01\x00\x00\x00\xff\xff\xff\x7f"))),
	} {
		data := m.File(m.Array("first", 2, []float64{7}), bad, m.Array("last", 2, []float64{7}))
		f, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil || !slices.Equal(names(f), []string{"first", "last"}) {
			t.Errorf("%s: found %q (%v, %v)", name, names(f), err, f.Err)
		}
	}
}

// The axes say how many values there are, whatever is stored.
func TestAnArrayHasNoMoreValuesThanItsAxes(t *testing.T) {
	t.Parallel()
	m := formattest.MATFile{Order: binary.LittleEndian}
	for _, c := range []struct{ rows, columns, bytes uint32 }{
		{0, 0, 0}, {0, 4, 0}, {1, 2, 2}, {2, 2, 4}, {3, 2, 4}, {1 << 31, 1, 0}, {1<<31 - 1, 1<<31 - 1, 0}, {1<<31 - 1, 1 << 9, 4},
	} {
		data := m.File(variable("x", 9, c.rows, c.columns, part(2, []byte{1, 2, 3, 4})))
		f, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil || f.Err != nil || len(f.Arrays) != 1 {
			t.Fatal(err, f.Err, names(f))
		}
		r, err := f.Arrays[0].Open(0)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || len(b) != int(c.bytes) {
			t.Errorf("%d x %d: %d bytes (%v), want %d", c.rows, c.columns, len(b), err, c.bytes)
		}
	}
}
