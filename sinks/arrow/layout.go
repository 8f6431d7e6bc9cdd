package arrow

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// slot is one column of a file that is being read.
type slot struct {
	name    string
	column  *column // what it fills, nil for a column that is none of ours
	buffers int     // validity, then values, or offsets and values
	width   int     // of a value, bytes; 0 for strings
}

// Types of a field (Type of Arrow's Schema.fbs).
const (
	typeInt         = 2
	typeFloat       = 3
	typeBinary      = 4
	typeUtf8        = 5
	typeBool        = 6
	typeInterval    = 11
	typeFixedBinary = 15
	typeDuration    = 18
	typeLargeBinary = 19
	typeLargeUtf8   = 20
)

// layoutOf reads a schema. Columns may come in any order and beside flat
// columns of other kinds, but all of ours must be there.
func layoutOf(m message) ([]slot, error) {
	fail := func(format string, args ...any) ([]slot, error) {
		return nil, &FormatError{m.offset, fmt.Sprintf("schema: "+format, args...)}
	}
	if m.header.u16(0) != 0 {
		return fail("big-endian")
	}
	pos, n := m.header.vector(1, 4)
	slots := make([]slot, 0, min(n, 2*len(columns)))
	missing := map[string]*column{}
	for i := range columns {
		missing[columns[i].name] = &columns[i]
	}
	for i := range n {
		field := m.header.f.table(m.header.f.follow(pos + 4*i))
		s := slot{name: string(field.text(0)), buffers: buffersOf(field)}
		if s.buffers == 0 {
			return fail("column %q is nested, a dictionary or a view", s.name)
		}
		if c := missing[s.name]; c != nil {
			if !holds(field, c.datatype) {
				return fail("column %q is not %s", s.name, c.datatype)
			}
			s.column = c
			if w, ok := c.datatype.(arrow.FixedWidthDataType); ok {
				s.width = w.Bytes()
			}
			delete(missing, s.name)
		}
		slots = append(slots, s)
	}
	if m.header.f.bad {
		return fail("damaged metadata")
	}
	for i := range columns {
		if missing[columns[i].name] != nil {
			return fail("column %q is missing", columns[i].name)
		}
	}
	return slots, nil
}

// buffersOf returns how many buffers a column of a flat type has, 0 for all
// other types.
func buffersOf(field table) int {
	if dictionary, ok := field.field(4); ok && dictionary != 0 {
		return 0
	}
	switch t := field.u8(2); {
	case t == typeBinary || t == typeUtf8 || t == typeLargeBinary || t == typeLargeUtf8:
		return 3
	case t >= typeInt && t <= typeInterval || t == typeFixedBinary || t == typeDuration:
		return 2
	}
	return 0
}

// holds says whether a field has one of the types that our columns use.
func holds(field table, want arrow.DataType) bool {
	kind, detail := field.u8(2), field.table(3)
	switch want.ID() {
	case arrow.STRING:
		return kind == typeUtf8
	case arrow.FLOAT32:
		return kind == typeFloat && detail.u16(0) == 1 // single precision
	}
	integer := want.(arrow.FixedWidthDataType)
	signed := want.ID() == arrow.INT64
	return kind == typeInt && int(detail.u32(0)) == integer.BitWidth() && (detail.u8(1) != 0) == signed
}
