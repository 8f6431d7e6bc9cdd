package table

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// boxesFile are labels as Prophesee's data sets have them: records of 40 bytes.
func boxesFile(n int) []byte {
	var b []byte
	for i := range n {
		b = binary.LittleEndian.AppendUint64(b, uint64(100+i))
		for _, v := range [...]uint32{0x3F800000, 0x40000000, 0x40400000, 0x40800000} { // 1, 2, 3, 4
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		b = append(b, 1)
		b = binary.LittleEndian.AppendUint32(b, 0x3F000000)
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
	}
	return npyFile("{'descr': [('ts', '<u8'), ('x', '<f4'), ('y', '<f4'), ('w', '<f4'), ('h', '<f4'), ('class_id', 'u1'), "+
		"('confidence', '<f4'), ('track_id', '<u4')], 'fortran_order': False, 'shape': (3,), }", b...)
}

func TestLabelsThatAreCutAreThoseBeforeTheCutOrAnError(t *testing.T) {
	t.Parallel()
	whole, err := ReadBoxes(bytes.NewReader(boxesFile(3)))
	want := Box{T: 101, X: 1, Y: 2, W: 3, H: 4, Class: 1, Track: 1, Confidence: .5}
	if err != nil || len(whole) != 3 || whole[1] != want {
		t.Fatalf("%v, error %v", whole, err)
	}
	data := boxesFile(3)
	for n := range data {
		got, err := ReadBoxes(bytes.NewReader(data[:n]))
		if err == nil && !slices.Equal(got, whole[:min(len(got), len(whole))]) {
			t.Fatalf("first %d bytes: %v", n, got)
		}
		if err == nil && len(got) == len(whole) {
			t.Fatalf("first %d bytes of %d: all labels, and no error", n, len(data))
		}
	}
}

// FuzzBoxes feeds bytes as labels: reading ends, with no more labels than bytes.
func FuzzBoxes(f *testing.F) {
	f.Add(boxesFile(0))
	f.Add(boxesFile(3))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := ReadBoxes(bytes.NewReader(data)); err == nil && len(got) > len(data) {
			t.Fatalf("%d labels of %d bytes", len(got), len(data))
		}
	})
}
