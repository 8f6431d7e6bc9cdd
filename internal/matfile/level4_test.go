package matfile_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"ganglion/internal/matfile"
)

// variable4 is one of MATLAB 4, of values as they are stored.
func variable4(order binary.AppendByteOrder, kind, rows, columns, imaginary uint32, name string, values []byte) (b []byte) {
	if order == binary.AppendByteOrder(binary.BigEndian) {
		kind += 1000
	}
	for _, v := range []uint32{kind, rows, columns, imaginary, uint32(len(name) + 1)} {
		b = order.AppendUint32(b, v)
	}
	return append(append(append(b, name...), 0), values...)
}

// sample4 has an array of every type, a text and one with imaginary parts.
func sample4(order binary.AppendByteOrder) []byte {
	var b []byte
	for p, size := range []uint32{8, 4, 4, 2, 2, 1} {
		b = append(b, variable4(order, uint32(p)*10, 3, 2, 0, string(rune('a'+p)), bytes.Repeat([]byte{byte(p + 1)}, int(6*size)))...)
	}
	b = append(b, variable4(order, 51, 1, 4, 0, "note", []byte("text"))...)
	b = append(b, variable4(order, 20, 1, 1, 1, "both", make([]byte, 8))...)
	return append(b, variable4(order, 50, 1, 3, 0, "Last_1", []byte{7, 8, 9})...)
}

func TestArraysOfMATLAB4AreFound(t *testing.T) {
	t.Parallel()
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		data := sample4(order)
		f, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil || f.Err != nil {
			t.Fatal(err, f.Err)
		}
		if got := names(f); !slices.Equal(got, []string{"a", "b", "c", "d", "e", "f", "both", "Last_1"}) {
			t.Fatalf("found %q", got)
		}
		for i, want := range []struct {
			kind byte
			size int
		}{{'f', 8}, {'f', 4}, {'i', 4}, {'i', 2}, {'u', 2}, {'u', 1}} {
			a := &f.Arrays[i]
			r, err := a.Open(1)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(b, bytes.Repeat([]byte{byte(i + 1)}, 5*want.size)) || a.Kind != want.kind || a.Size != want.size ||
				a.Rows != 3 || a.Columns != 2 || a.Big != (order == binary.AppendByteOrder(binary.BigEndian)) {
				t.Errorf("%+v: %v, %x", a, err, b)
			}
		}
	}
}

func TestACutFileOfMATLAB4HasTheArraysBeforeTheCut(t *testing.T) {
	t.Parallel()
	data := sample4(binary.LittleEndian)
	before := 0
	for n := 22; n < len(data); n++ {
		f, err := matfile.Open(bytes.NewReader(data[:n]), int64(n))
		if err != nil || len(f.Arrays) < before {
			t.Fatalf("first %d bytes: %v, %q after %d", n, err, names(f), before)
		}
		before = len(f.Arrays)
		for i := range f.Arrays {
			r, err := f.Arrays[i].Open(0)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(r); err != nil || int64(len(b)) > f.Arrays[i].Rows*f.Arrays[i].Columns*int64(f.Arrays[i].Size) {
				t.Fatalf("first %d bytes: %s has %d bytes: %v", n, f.Arrays[i].Name, len(b), err)
			}
		}
	}
	if before != 8 {
		t.Errorf("%d arrays", before)
	}
}

func TestOnlyVariablesOfMATLAB4Begin(t *testing.T) {
	t.Parallel()
	le := binary.LittleEndian
	good := func(kind, imaginary uint32, name string) []byte {
		return variable4(le, kind, 1, 1, imaginary, name, []byte{1})
	}
	for what, c := range map[string]struct {
		head []byte
		ok   bool
	}{
		"bytes": {good(50, 0, "x"), true}, "big-endian doubles": {variable4(binary.BigEndian, 0, 2, 1<<20, 0, "events", nil), true},
		"zeros": {make([]byte, 200), false}, "nothing": {nil, false}, "a type too many": {good(60, 0, "x"), false},
		"a kind too many": {good(53, 0, "x"), false}, "imaginary parts of another kind": {good(50, 2, "x"), false},
		"a name with a space": {good(50, 0, "a b"), false}, "a name that begins with a digit": {good(50, 0, "1x"), false},
		"no name": {good(50, 0, ""), false}, "a long name": {good(50, 0, strings.Repeat("x", 64)), false},
		"rows below zero": {variable4(le, 50, math.MaxUint32, 1, 0, "x", nil), false}, "cut": {good(50, 0, "x")[:21], false},
		"a VAX": {variable4(le, 2050, 1, 1, 0, "x", nil), false},
	} {
		if ok := matfile.Begins4(c.head); ok != c.ok {
			t.Errorf("%s: %t, want %t", what, ok, c.ok)
		}
	}
}

// A size that no file has is no more than what is there.
func TestAnArrayOfMATLAB4IsNoLongerThanItsFile(t *testing.T) {
	t.Parallel()
	data := variable4(binary.LittleEndian, 0, math.MaxInt32, math.MaxInt32, 1, "x", make([]byte, 40))
	f, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil || f.Err == nil || !strings.Contains(f.Err.Error(), "x breaks off") || len(f.Arrays) != 1 {
		t.Fatal(err, f)
	}
	r, err := f.Arrays[0].Open(0)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || len(b) != 40 {
		t.Errorf("%d bytes: %v", len(b), err)
	}
}
