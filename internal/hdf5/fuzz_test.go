package hdf5

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzOpen reads everything in a file: no panic, no hang, errors that say
// where, memory within the stated bounds.
func FuzzOpen(f *testing.F) {
	f.Add(small())
	f.Add(modernSample())
	w := NewWriter(0)
	w.Root().Attr("s", Strings([]int{2}, []string{"a", "b"}))
	w.Root().Group("g").Put("b", Bools([]int{2}, []bool{true, false}))
	var b bytes.Buffer
	_, _ = w.WriteTo(&b)
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<20 {
			return
		}
		var err error
		var file *File
		cost := allocated(func() {
			if file, err = Open(bytes.NewReader(b), int64(len(b))); err == nil {
				err = touch(file.Root())
			}
		})
		var located *Error
		if err != nil && (!errors.As(err, &located) || located.Path == "" || located.Offset < 0 || located.Offset > int64(len(b))) {
			t.Errorf("error without a place: %v", err)
		}
		limit := uint64(4*len(b) + slack)
		if file != nil {
			limit += maxInflated - file.inflatable
		}
		if cost > limit {
			t.Errorf("%d bytes allocated for a file of %d, limit %d", cost, len(b), limit)
		}
	})
}
