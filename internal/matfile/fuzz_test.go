package matfile_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"ganglion/internal/matfile"
	"ganglion/sources/format/formattest"
)

// FuzzOpen opens bytes of any content, and reads the arrays: both end, and an
// array has no more bytes than it says.
func FuzzOpen(f *testing.F) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		m := formattest.MATFile{Order: order}
		f.Add(m.File(m.Array("x", 2, []float64{7, 8}), m.Struct("s", []string{"a"}, m.Array("", 9, []float64{2}))))
	}
	f.Add(sample4(binary.LittleEndian))
	f.Add(sample4(binary.BigEndian))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := matfile.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for i := range file.Arrays {
			a := &file.Arrays[i]
			r, err := a.Open(0)
			if err != nil {
				continue
			}
			const most = 1 << 20
			n, _ := io.Copy(io.Discard, io.LimitReader(r, most))
			if n > a.Rows*a.Columns*int64(a.Size) {
				t.Fatalf("%q: %d bytes of %d x %d values of %d", a.Name, n, a.Rows, a.Columns, a.Size)
			}
		}
	})
}
