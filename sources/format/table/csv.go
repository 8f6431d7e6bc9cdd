package table

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// CSV and text: one event a line, four columns or more in any order, set apart
// by commas, semicolons, bars, blanks or tabs, with or without quotes or brackets,
// thousands set apart by commas within quotes (csv_groups.go),
// in UTF-8, Latin-1 or UTF-16, with or without a byte order mark. Known habits:
// RPG/UZH "t x y p" with t in seconds, Metavision "x,y,p,t", faery "t,x,y,on" with
// a line of names, pandas with its index, numpy.savetxt with exponents. Lines that
// begin with #, % or //, or have neither letters nor digits, are comments; a first
// line of two numbers is the sensor's width and height (E2VID). Which column is
// which: csv_columns.go.
//
// Polarity: csv_polarity.go. Times that are dates or clocks: csv_clock.go. Addresses are whole numbers, 151.00 among them. A
// line that does not parse is skipped and counted as malformed_line; a file in
// which none does is an error. The format does not state the sensor's size
// otherwise.
func CSV() format.Format {
	return format.Format{
		Name:       "csv",
		Summary:    "text with one event a line, any column order",
		Extensions: []string{".csv", ".txt"},
		Sniff:      sniffCSV,
		Open:       openCSV,
		Create:     func(s *format.Sink) (format.Encoder, error) { return newCSVEncoder(s), nil },
	}
}

// csvMaxLine bounds a line, in bytes.
const csvMaxLine = 4096

// sniffCSV looks whether the head is text from which the columns can be told.
func sniffCSV(p format.Probe) format.Claim {
	head := utf8Head(p.Head)
	pre, err := readPreamble(head, len(p.Head) < format.ProbeLength, "")
	if err != nil || pre.lines == 0 && !pre.named {
		return format.Claim{}
	}
	if pre.lines > 0 && pre.events == 0 {
		return format.Claim{Weight: format.Possible, Why: "a line of names, behind which no line is an event"}
	}
	if !format.IsText(head, len(p.Head) == format.ProbeLength) {
		return format.Claim{Weight: format.Possible, Why: "lines of numbers beside other bytes"} // a few damaged lines, or chance
	}
	return format.Claim{Weight: format.Likely, Why: "text with columns t, x, y and p"}
}

func openCSV(s *format.Stream) (format.Decoder, error) {
	if err := decodeUTF16(s); err != nil {
		return nil, err
	}
	head, last, err := s.In.Window(format.ProbeLength)
	if err != nil {
		return nil, err
	}
	p, err := readPreamble(head, last, s.Columns)
	if err != nil {
		return nil, err
	}
	s.Size(p.width, p.height)
	s.Info.Header = format.Header{{Key: "columns", Value: p.columns.String()}}
	if p.doubt != "" {
		s.Info.Notes = append(s.Info.Notes, p.doubt)
	}
	s.In.Advance(p.length)
	return &csvDecoder{s: s, columns: p.columns}, nil
}

type csvDecoder struct {
	s       *format.Stream
	columns csvColumns
	skip    bool   // within a line that is too long
	events  bool   // there was one
	bad     string // the first line that is not an event, until there was one
}

func (d *csvDecoder) Decode(b *format.Block, src []byte, at int64, last bool) (int, error) {
	end := bytes.LastIndexByte(src, '\n') + 1
	if last {
		end = len(src)
	}
	if end == 0 {
		return d.endless(src, at), nil
	}
	lines := src[:end]
	width, height := format.Limit(d.s.Info.Width), format.Limit(d.s.Info.Height)
	i := 0
	for i < len(lines) && !b.Full() {
		var e pipeline.Event
		n, ok := d.columns.parse(lines[i:], &e)
		switch {
		case !ok || d.skip:
			n = d.odd(lines[i:], at+int64(i))
		case uint32(e.X) >= width || uint32(e.Y) >= height:
			d.s.Outside(uint32(e.X), uint32(e.Y), at+int64(i), e.T)
			fallthrough
		default:
			b.Events = append(b.Events, e)
		}
		i += n
	}
	d.events = d.events || len(b.Events) > 0
	return i, nil
}

// End is an error when there were lines and none was an event.
func (d *csvDecoder) End(int64) error {
	if d.events || d.bad == "" {
		return nil
	}
	return fmt.Errorf("no line is an event with the columns %s; the first is %.60q", d.columns.String(), d.bad)
}

// endless deals with text that has no line end: more is read, up to a bound.
func (d *csvDecoder) endless(src []byte, at int64) int {
	if len(src) < csvMaxLine {
		return 0
	}
	if !d.skip {
		d.s.Damage.Add("malformed_line", at, 0, 1)
	}
	d.skip = true
	return len(src)
}

// odd passes over a line that holds no event and returns its length.
func (d *csvDecoder) odd(lines []byte, at int64) int {
	n := bytes.IndexByte(lines, '\n') + 1
	if n == 0 {
		n = len(lines)
	}
	line := bytes.TrimSpace(lines[:n])
	if len(line) > 0 && !isComment(line) && !d.skip {
		d.s.Damage.Add("malformed_line", at, 0, 1)
		if d.bad == "" && !d.events {
			d.bad = string(line[:min(len(line), 80)])
		}
	}
	d.skip = false
	return n
}

// isComment reports whether a line without blanks before it is one, or a rule
// between the lines of a table.
func isComment[T []byte | string](line T) bool {
	if line[0] == '#' || line[0] == '%' || line[0] == '/' && len(line) > 1 && line[1] == '/' {
		return true
	}
	for i := range len(line) {
		if c := line[i]; c-'0' <= 9 || c|0x20-'a' < 26 || c >= 0x80 {
			return false
		}
	}
	return true
}

// parse reads the line at the front of src and returns its length with the
// line end; false when it is not an event.
func (c *csvColumns) parse(src []byte, e *pipeline.Event) (n int, ok bool) {
	blank := c.blank
	for col := 0; ; col++ {
		for n < len(src) && blank[src[n]] {
			n++
		}
		if n == len(src) || src[n] == '\n' {
			return min(n+1, len(src)), col >= c.count
		}
		good, role := true, c.roles[min(col, len(c.roles)-1)]
		if n > 0 && src[n-1] == '"' {
			if end, groups := groupsEnd(src, n); groups {
				if good = c.grouped(src[n:end], role, e); !good {
					return n, false
				}
				n = end
				continue
			}
		}
		switch role {
		case roleX:
			e.X, n, good = c.address(src, n)
		case roleY:
			e.Y, n, good = c.address(src, n)
		case roleT:
			e.T, n, good = c.time(src, n)
		case roleP:
			e.P, n, good = c.polarity(src, n)
		default:
			for n < len(src) && !blank[src[n]] && src[n] != '\n' {
				n++
			}
		}
		if !good || n < len(src) && !blank[src[n]] && src[n] != '\n' {
			return n, false
		}
	}
}

// csvBlank reports which bytes stand between columns, csvBlankComma which do where
// commas are decimal points.
var csvBlank, csvBlankComma = blanks(" \t,;|\r\"'[]()"), blanks(" \t;|\r\"'[]()")

func blanks(s string) *[256]bool {
	var t [256]bool
	for i := range len(s) {
		t[s[i]] = true
	}
	return &t
}

// address reads a column or row at src[n:].
func (c *csvColumns) address(src []byte, n int) (uint16, int, bool) {
	v, first := uint32(0), n
	for n < len(src) && src[n]-'0' <= 9 && v <= math.MaxUint16 {
		v = v*10 + uint32(src[n]-'0')
		n++
	}
	if n > first && (n == len(src) || c.blank[src[n]] || src[n] == '\n') {
		return uint16(v), n, v <= math.MaxUint16
	}
	w, n, exact, ok := csvNumber(src, first, 0, c.point())
	return uint16(w), n, ok && exact && w >= 0 && w <= math.MaxUint16
}

// time reads a time at src[n:] and rounds it to whole microseconds.
func (c *csvColumns) time(src []byte, n int) (int64, int, bool) {
	v, first := int64(0), n
	for n < len(src) && src[n]-'0' <= 9 && v < csvMost/10 {
		v = v*10 + int64(src[n]-'0')
		n++
	}
	if n > first && (n == len(src) || c.blank[src[n]] || src[n] == '\n') {
		if n+1 < len(src) && src[n+1] == 'd' {
			return csvDays(src, n, v)
		}
		if c.digits == 0 {
			return v, n, true
		}
	} else if n > first && (src[n] == ':' || src[n] == '-') {
		return csvClock(src, first)
	}
	v, n, _, ok := csvNumber(src, first, c.digits, c.point())
	return v, n, ok
}

// point is what stands before the fraction of a number.
func (c *csvColumns) point() byte {
	if c.blank == csvBlankComma {
		return ','
	}
	return '.'
}

// errColumns reports that it cannot be told which column is which.
var errColumns = errors.New("no line of columns t, x, y and p found; name the columns, such as t[s],x,y,p")
