package table

import (
	"fmt"
	"io"

	"ganglion/internal/matfile"
	"ganglion/sources/format"
)

// widestMatrix is how many columns a matrix of events may have.
const widestMatrix = 8

// matMatrices finds matrices that are events without names: (events, columns),
// or (columns, events). The columns are the ones given, or those that the
// values tell.
func matMatrices(f *matfile.File, given string) (tables []matTable, err error) {
	var doubt error
	for i := range f.Arrays {
		t, ok := matMatrix(&f.Arrays[i])
		if !ok {
			continue
		}
		parts, err := t.open()
		if err == nil {
			_, err = findColumns(given, parts, true)
		}
		if err == nil {
			tables = append(tables, t)
		} else if doubt == nil {
			doubt = fmt.Errorf("matrix %.40s of %d rows and %d columns: %w", t.name, f.Arrays[i].Rows, f.Arrays[i].Columns, err)
		}
	}
	if len(tables) == 0 {
		return nil, doubt
	}
	return tables, nil
}

// matMatrix is a matrix of events, if its shape is that of one.
func matMatrix(a *matfile.Array) (t matTable, ok bool) {
	t = matTable{name: a.Name, rows: a.Rows, plain: true}
	columns := int(min(a.Columns, widestMatrix+1))
	apart := a.Rows > 1 && columns >= 4 && columns <= widestMatrix
	if !apart {
		if a.Rows < 4 || a.Rows > widestMatrix || a.Columns <= widestMatrix {
			return t, false
		}
		t.rows, columns = a.Columns, int(a.Rows)
	}
	t.open = func() ([]numpyPart, error) {
		var parts []numpyPart
		var in *format.Input
		for c := range columns {
			p := numpyPart{field: matField(fmt.Sprintf("column %d", c+1), a), in: in, stride: a.Size}
			if apart || in == nil {
				first := int64(0)
				if apart {
					first = int64(c) * a.Rows
				}
				r, err := a.Open(first)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", a.Name, err)
				}
				if apart {
					r = io.LimitReader(r, a.Rows*int64(a.Size))
				}
				in = format.NewInputOf(r, 4<<10)
				p.in = in
			}
			if !apart {
				p.stride, p.field.at = columns*a.Size, c*a.Size
			}
			parts = append(parts, p)
		}
		return parts, nil
	}
	return t, true
}
