package audio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"

	"math"
	"strconv"
)

// csvDecoder reads text: a line for each frame, with a number for each channel
// between commas, semicolons, tabs or spaces. The first line with numbers says
// how many channels there are; names before it, empty lines and what follows a #
// are left out. A line that is not of this form repeats the frame before it, so
// that what follows keeps its time.
type csvDecoder struct {
	in    *input
	l     layout
	gain  float32
	frame []float32 // the last one
	ready bool      // it is the first, and not delivered yet
	line  []byte
	err   error // what ended the stream
}

// maxLine bounds a line, bytes.
const maxLine = 1 << 16

func newCSV(in *input, c RawConfig) (decoder, error) {
	d := &csvDecoder{in: in, l: layout{format: "csv", rate: c.Rate}, gain: c.gain()}
	if d.gain == 0 {
		d.gain = 1
	}
	for skipped := 0; ; skipped++ {
		line, err := d.next()
		if err != nil {
			return nil, fmt.Errorf("csv: no numbers before byte %d: %w", in.off, unexpected(err))
		}
		if d.frame = appendNumbers(d.frame[:0], line); len(d.frame) > 0 {
			break
		}
		if skipped == maxHead {
			return nil, fmt.Errorf("csv: no numbers in the first %d lines", maxHead)
		}
	}
	d.l.channels, d.ready = len(d.frame), true
	return d, d.l.check()
}

// maxHead is how many lines may come before the first numbers.
const maxHead = 100

func (d *csvDecoder) layout() layout { return d.l }

// next is the next line that holds something, without its comment. A line that
// is too long comes cut, which spoils it.
func (d *csvDecoder) next() ([]byte, error) {
	for d.err == nil {
		d.line = d.line[:0]
		for {
			part, err := d.in.r.ReadSlice('\n')
			d.in.off += int64(len(part))
			if len(d.line)+len(part) <= maxLine {
				d.line = append(d.line, part...)
			} else {
				d.line = append(d.line[:0], "too long"...)
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			d.err = err
			break
		}
		line, _, _ := bytes.Cut(d.line, []byte{'#'})
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
	return nil, d.err
}

func (d *csvDecoder) decode(dst []float32) (int, error) {
	n := 0
	if d.ready {
		d.ready = false
		n = d.deliver(dst, 0)
	}
	for n+d.l.channels <= len(dst) {
		if n > 0 && d.in.r.Buffered() == 0 {
			return n, nil // rather than wait for more
		}
		at := d.in.off
		line, err := d.next()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		if !d.parse(line) {
			d.in.damagedIn("bad_line", at, n/d.l.channels, 1)
		}
		n += d.deliver(dst[n:], n/d.l.channels)
	}
	return n, nil
}

// parse replaces the frame by a line's, or leaves it.
func (d *csvDecoder) parse(line []byte) bool {
	before := len(d.frame)
	d.frame = appendNumbers(d.frame, line)
	ok := len(d.frame) == before+d.l.channels
	if ok {
		copy(d.frame, d.frame[before:])
	}
	d.frame = d.frame[:before]
	return ok
}

// deliver writes the frame, which is so many behind the next of the stream, in
// shares of full scale.
func (d *csvDecoder) deliver(dst []float32, frames int) int {
	n := copy(dst, d.frame)
	for i := range dst[:n] {
		dst[i] *= d.gain
		if kind := tame(&dst[i]); kind != "" {
			d.in.damagedIn(kind, d.in.off, frames, 1)
		}
	}
	return n
}

// appendNumbers appends the numbers of a line, or nothing where one is none or
// they are too many.
func appendNumbers(dst []float32, line []byte) []float32 {
	begin := len(dst)
	for len(line) > 0 {
		end := bytes.IndexAny(line, ",; \t")
		field := line
		if end >= 0 {
			field, line = line[:end], afterSeparator(line[end:])
		} else {
			line = nil
		}
		v, err := strconv.ParseFloat(string(field), 32)
		if len(field) == 0 || err != nil && !errors.Is(err, strconv.ErrRange) || len(dst)-begin == maxChannels {
			return dst[:begin]
		}
		if math.IsInf(v, 0) {
			v = math.NaN()
		}
		dst = append(dst, float32(v))
	}
	return dst
}

// afterSeparator leaves out blanks and one comma or semicolon.
func afterSeparator(line []byte) []byte {
	line = bytes.TrimLeft(line, " \t")
	if len(line) > 0 && (line[0] == ',' || line[0] == ';') {
		line = bytes.TrimLeft(line[1:], " \t")
	}
	return line
}
