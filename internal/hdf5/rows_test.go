package hdf5

import (
	"bytes"
	"errors"
	"testing"
)

// compareRows reads every dataset below a group by bands as well and as a
// whole: the same bytes, but for what was never written.
func compareRows(t *testing.T, g *Group) {
	t.Helper()
	for _, name := range g.Names() {
		sub, d, err := g.Member(name)
		switch {
		case err != nil:
			t.Error(err)
		case sub != nil:
			compareRows(t, sub)
		default:
			compareBands(t, d)
		}
	}
}

func compareBands(t *testing.T, d *Dataset) {
	t.Helper()
	r, err := d.Rows()
	if err == nil && !d.Null {
		err = d.load()
	}
	if err != nil {
		t.Error(err)
		return
	}
	if r.Len()*r.size != d.Len()*d.Type.Size {
		t.Errorf("%s: %d rows of %d bytes for the shape %v", d.Path, r.Len(), r.size, d.Shape)
		return
	}
	for row := 0; row < r.Len(); {
		b := r.Band(row)
		if b.First != row || b.Len <= 0 {
			t.Errorf("%s: row %d is in the %d rows from %d on", d.Path, row, b.Len, b.First)
			return
		}
		want := d.raw[row*r.size:][:b.Len*r.size]
		switch {
		case errors.Is(b.Err, ErrUnwritten):
			if fill := d.layout.fill; fill == nil && bytes.Count(want, []byte{0}) < len(want) {
				t.Errorf("%s: %d rows from %d on are taken for unwritten", d.Path, b.Len, row)
			}
		case b.Err != nil:
			t.Error(b.Err)
		case !bytes.Equal(b.Values, want):
			t.Errorf("%s: %d rows from %d on differ", d.Path, b.Len, row)
		}
		row += b.Len
	}
}
