package table

import (
	"strings"

	"ganglion/pipeline"
)

// Spreadsheets write "1,234,567.5": groups of three digits, within quotes because
// commas stand between the columns, too.

// longestGrouped bounds such a number, bytes.
const longestGrouped = 40

// groupsEnd finds the end, before the quote, of a number at src[n:] with groups,
// and reports whether it is one.
func groupsEnd[T []byte | string](src T, n int) (end int, ok bool) {
	digits, groups := 0, 0
	for end = n; end < len(src) && end-n < longestGrouped; end++ {
		switch c := src[end]; {
		case c-'0' <= 9:
			digits++
		case end == n && (c == '-' || c == '+'):
		case c == ',' && (digits == 3 || groups == 0 && digits > 0 && digits < 3):
			digits, groups = 0, groups+1
		case c == '"':
			return end, groups > 0 && digits == 3
		case c == '.' && groups > 0 && digits == 3:
			for end++; end < len(src) && src[end]-'0' <= 9; end++ {
			}
			return end, end < len(src) && src[end] == '"'
		default:
			return end, false
		}
	}
	return end, false
}

// grouped reads such a number for a column.
func (c *csvColumns) grouped(number []byte, role csvRole, e *pipeline.Event) (ok bool) {
	var plain [longestGrouped * 2]byte
	n := 0
	for _, b := range number[:min(len(number), len(plain))] {
		if b != ',' {
			plain[n] = b
			n++
		}
	}
	end := n
	switch role {
	case roleX:
		e.X, end, ok = c.address(plain[:n], 0)
	case roleY:
		e.Y, end, ok = c.address(plain[:n], 0)
	case roleT:
		e.T, end, ok = c.time(plain[:n], 0)
	case roleP:
		e.P, end, ok = c.polarity(plain[:n], 0)
	default:
		ok = true
	}
	return ok && end == n
}

// ungroup takes the commas out of such numbers in a line.
func ungroup(line string) string {
	if !strings.Contains(line, `"`) {
		return line
	}
	var b strings.Builder
	for at := 0; at < len(line); at++ {
		b.WriteByte(line[at])
		if line[at] != '"' {
			continue
		}
		if end, ok := groupsEnd(line, at+1); ok {
			b.WriteString(strings.ReplaceAll(line[at+1:end], ",", ""))
			at = end - 1
		}
	}
	return b.String()
}
