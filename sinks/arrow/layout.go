package arrow

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
)

// slot is one column of a file that is being read.
type slot struct {
	name    string
	column  *pipeline.Field // what it fills, nil for a column that is none of ours
	buffers int             // validity, then values, or offsets and values
	width   int             // of a value, bytes; 0 for strings
}

// layoutOf finds our columns in a schema. They may come in any order and
// beside flat columns of other kinds, but all of them must be there, except those
// that older files lack.
func layoutOf(fields []arrowipc.Field) ([]slot, error) {
	slots := make([]slot, 0, len(fields))
	missing := map[string]*pipeline.Field{}
	for i := range columns {
		missing[columns[i].Name] = &columns[i]
	}
	for _, f := range fields {
		s := slot{name: f.Name, buffers: f.Buffers}
		if c := missing[s.name]; c != nil {
			want := datatype(c)
			if !holds(f, want) {
				return nil, fmt.Errorf("schema: column %q is not %s", s.name, want)
			}
			s.column = c
			if w, ok := want.(arrow.FixedWidthDataType); ok {
				s.width = w.Bytes()
			}
			delete(missing, s.name)
		}
		slots = append(slots, s)
	}
	for i := range columns {
		if missing[columns[i].Name] != nil && !columns[i].Added {
			return nil, fmt.Errorf("schema: column %q is missing", columns[i].Name)
		}
	}
	return slots, nil
}

// ours reports whether a layout is that of the files that this version writes.
func ours(layout []slot) bool {
	if len(layout) != len(columns) {
		return false
	}
	for i := range layout {
		if layout[i].column != &columns[i] {
			return false
		}
	}
	return true
}

// holds reports whether a field has one of the types that our columns use.
func holds(f arrowipc.Field, want arrow.DataType) bool {
	switch want.ID() {
	case arrow.STRING:
		return f.String()
	case arrow.FLOAT32:
		return f.Float32()
	case arrow.TIMESTAMP:
		return f.Microseconds()
	}
	bits, signed, ok := f.Int()
	return ok && bits == want.(arrow.FixedWidthDataType).BitWidth() && signed == (want.ID() == arrow.INT64)
}
