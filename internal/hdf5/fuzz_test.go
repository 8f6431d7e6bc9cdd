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

// FuzzRows reads every dataset of a file by bands: they follow each other to
// the end, whatever is damaged, in bounded memory.
func FuzzRows(f *testing.F) {
	f.Add(small())
	f.Add(modernSample())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		if file, err := Open(bytes.NewReader(b), int64(len(b))); err == nil {
			datasets := 0
			eachDataset(file.Root(), func(d *Dataset) bool {
				followBands(t, d, len(b))
				datasets++
				return datasets < 20
			})
		}
	})
}

// eachDataset calls visit for every dataset below a group until it returns false.
func eachDataset(g *Group, visit func(d *Dataset) bool) bool {
	for _, name := range g.Names() {
		sub, d, err := g.Member(name)
		if err == nil && (sub != nil && !eachDataset(sub, visit) || d != nil && !visit(d)) {
			return false
		}
	}
	return true
}

func followBands(t *testing.T, d *Dataset, size int) {
	var r *Rows
	bands := 0
	cost := allocated(func() {
		var err error
		if r, err = d.Rows(); err != nil {
			return
		}
		for row := 0; row < r.Len() && bands < 100; bands++ {
			b := r.Band(row)
			if b.Len <= 0 || b.First > row || b.First+b.Len <= row || (b.Err == nil) != (b.Values != nil) || b.Err == nil &&
				len(b.Values) != b.Len*r.size {
				t.Fatalf("row %d: %d rows from %d on, %d bytes, %v", row, b.Len, b.First, len(b.Values), b.Err)
			}
			row = b.First + b.Len
		}
	})
	// A stretch, what it is unpacked to on the way, and what the library for zlib takes.
	if limit := uint64(4*size+slack) + 6*max(freeExpansion, deflateRatio*uint64(size)); cost > limit {
		t.Errorf("%s: %d bytes allocated for %d bands of a file of %d", d.Path, cost, bands, size)
	}
}
