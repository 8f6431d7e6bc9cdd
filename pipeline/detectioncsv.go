package pipeline

import (
	"strconv"
	"strings"
)

// AppendCSVHead appends the names of the fields, with commas between them.
func AppendCSVHead(b []byte) []byte {
	for i := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, fields[i].Name...)
	}
	return b
}

// AppendCSV appends the detection as a line of a table (RFC 4180) without its end, in
// the order of [Fields]. What is unknown, or not a field of the record, is empty. A
// line end within a text becomes a space, so that a record is always one line.
func (d *Detection) AppendCSV(b []byte) []byte {
	for i := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		if !fields[i].Null(d) {
			b = fields[i].appendCell(b, d)
		}
	}
	return b
}

func (f *Field) appendCell(b []byte, d *Detection) []byte {
	switch {
	case f.float != nil:
		return strconv.AppendFloat(b, float64(*f.float(d)), 'g', -1, 32)
	case f.text != nil:
		return appendQuoted(b, *f.text(d))
	}
	return f.appendInteger(b, d)
}

// appendQuoted quotes what would not be one cell else.
func appendQuoted(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") && (s == "" || s[0] != ' ') {
		return append(b, s...)
	}
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"':
			b = append(b, '"', '"')
		case '\r', '\n':
			b = append(b, ' ')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
