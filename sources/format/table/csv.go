package table

import (
	"bytes"
	"errors"
	"math"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// CSV and text: one event a line, four columns or more in any order, set apart
// by commas, semicolons, blanks or tabs. Known habits: RPG/UZH "t x y p" with
// t in seconds, Metavision "x,y,p,t", faery "t,x,y,on" with a line of names.
// Lines that begin with # or % are comments; a first line of two numbers is
// the sensor's width and height (E2VID). Which column is which: csv_columns.go.
//
// Polarity is 1 or true for ON and 0, -1 or false for OFF. A line that does
// not parse is skipped and counted as malformed_line. The format does not
// state the sensor's size otherwise.
func CSV() format.Format {
	return format.Format{
		Name:       "csv",
		Summary:    "text with one event a line, any column order",
		Extensions: []string{".csv", ".txt"},
		Sniff:      sniffCSV,
		Open:       openCSV,
		Create:     func(s *format.Sink) (format.Encoder, error) { return &csvEncoder{s: s}, nil },
	}
}

// csvMaxLine bounds a line, in bytes.
const csvMaxLine = 4096

// sniffCSV looks whether the head is text from which the columns can be told.
func sniffCSV(p format.Probe) format.Claim {
	pre, err := readPreamble(p.Head, len(p.Head) < format.ProbeLength, "")
	if err != nil || pre.lines == 0 && !pre.named {
		return format.Claim{}
	}
	if !format.IsText(p.Head, len(p.Head) == format.ProbeLength) {
		return format.Claim{Weight: format.Possible, Why: "lines of numbers beside other bytes"} // a few damaged lines, or chance
	}
	return format.Claim{Weight: format.Likely, Why: "text with columns t, x, y and p"}
}

func openCSV(s *format.Stream) (format.Decoder, error) {
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
	s.In.Advance(p.length)
	return &csvDecoder{s: s, columns: p.columns}, nil
}

type csvDecoder struct {
	s       *format.Stream
	columns csvColumns
	skip    bool // within a line that is too long
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
	return i, nil
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
	if len(line) > 0 && line[0] != '#' && line[0] != '%' && !d.skip {
		d.s.Damage.Add("malformed_line", at, 0, 1)
	}
	d.skip = false
	return n
}

// parse reads the line at the front of src and returns its length with the
// line end; false when it is no event.
func (c *csvColumns) parse(src []byte, e *pipeline.Event) (n int, ok bool) {
	for col := 0; ; col++ {
		for n < len(src) && csvBlank[src[n]] {
			n++
		}
		if n == len(src) || src[n] == '\n' {
			return min(n+1, len(src)), col >= c.count
		}
		good := true
		switch c.roles[min(col, len(c.roles)-1)] {
		case roleX:
			e.X, n, good = csvAddress(src, n)
		case roleY:
			e.Y, n, good = csvAddress(src, n)
		case roleT:
			e.T, n, good = csvTime(src, n, c.digits)
		case roleP:
			e.P, n, good = csvPolarity(src, n)
		default:
			for n < len(src) && !csvBlank[src[n]] && src[n] != '\n' {
				n++
			}
		}
		if !good || n < len(src) && !csvBlank[src[n]] && src[n] != '\n' {
			return n, false
		}
	}
}

// csvBlank says which bytes stand between columns.
var csvBlank = [256]bool{' ': true, '\t': true, ',': true, ';': true, '\r': true}

// csvAddress reads a column or row at src[n:]; a fraction of zeros is allowed.
func csvAddress(src []byte, n int) (uint16, int, bool) {
	v, first := uint32(0), n
	for n < len(src) && src[n]-'0' <= 9 && v <= math.MaxUint16 {
		v = v*10 + uint32(src[n]-'0')
		n++
	}
	ok := n > first && v <= math.MaxUint16
	if n < len(src) && src[n] == '.' {
		for n++; n < len(src) && src[n] == '0'; n++ {
		}
	}
	return uint16(v), n, ok
}

// csvTime reads a time at src[n:] whose unit is 10^digits µs, rounded to whole
// microseconds.
func csvTime(src []byte, n, digits int) (int64, int, bool) {
	negative := n < len(src) && src[n] == '-'
	if negative {
		n++
	}
	const most = math.MaxInt64/10 - 1
	v, first := int64(0), n
	for n < len(src) && src[n]-'0' <= 9 && v <= most {
		v = v*10 + int64(src[n]-'0')
		n++
	}
	ok := n > first
	if n < len(src) && src[n] == '.' {
		n++
		for n < len(src) && src[n]-'0' <= 9 {
			if digits > 0 && v <= most {
				v = v*10 + int64(src[n]-'0')
				digits--
			} else if digits == 0 {
				v += int64(src[n]-'0') / 5
				digits--
			}
			n++
		}
	}
	for ; digits > 0; digits-- {
		ok = ok && v <= most
		v *= 10
	}
	if negative {
		v = -v
	}
	return v, n, ok
}

// csvPolarity reads a polarity at src[n:].
func csvPolarity(src []byte, n int) (uint8, int, bool) {
	first := n
	for n < len(src) && !csvBlank[src[n]] && src[n] != '\n' {
		n++
	}
	switch string(src[first:n]) {
	case "1", "+1", "true", "True", "1.0":
		return pipeline.On, n, true
	case "0", "-1", "false", "False", "0.0", "-1.0":
		return pipeline.Off, n, true
	}
	return 0, n, false
}

// errColumns says that it cannot be told which column is which.
var errColumns = errors.New("no line of columns t, x, y and p found; name the columns, such as t[s],x,y,p")
