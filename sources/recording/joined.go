package recording

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"

	"ganglion/sources/format"
)

// Recordings with a Prophesee header are joined by writing one file behind the
// other, as `cat a.raw b.raw` does. The header of the second one would be taken
// for events; a partReader finds it and ends the stream before it, so that what follows
// is opened as a recording of its own.
//
// A header is at least joinedLeast bytes of text, so that of every 16 bytes 8
// are looked at. Only where these are text is there a second look.

// joinable are the formats whose header is looked for.
var joinable = []string{"evt3", "evt2", "evt21", "evt4", "dat"}

const (
	joinedLeast = 23
	joinedRead  = 32 << 10
)

// partReader reads a stream up to the next header in it.
type partReader struct {
	src   io.Reader
	clear []byte // read, and before any header
	held  []byte // read; may be the beginning of a header
	err   error  // of src
	found bool   // held is a header
}

// Read returns io.EOF before a header.
func (j *partReader) Read(p []byte) (int, error) {
	for {
		switch {
		case len(j.clear) > 0:
			n := copy(p, j.clear)
			j.clear = j.clear[n:]
			return n, nil
		case j.found:
			return 0, io.EOF
		case j.err != nil && len(j.held) == 0:
			return 0, j.err
		case len(j.held) == 0 && len(p) >= format.ProbeLength:
			var n int
			n, j.err = j.src.Read(p)
			k := j.scan(p[:n])
			j.held = append(j.held[:0], p[k:n]...)
			if k > 0 {
				return k, nil
			}
			if n == 0 && j.err == nil {
				return 0, nil
			}
		default:
			buf := slices.Grow(bytes.Clone(j.held), joinedRead)
			n := 0
			if j.err == nil {
				n, j.err = j.src.Read(buf[len(buf):cap(buf)])
			}
			buf = buf[:len(buf)+n]
			k := j.scan(buf)
			j.clear, j.held = buf[:k], buf[k:]
		}
	}
}

// rest is all that follows the header that ended the stream, with it.
func (j *partReader) rest() io.Reader {
	src := j.src
	if j.err != nil {
		src = failed{j.err}
	}
	return io.MultiReader(bytes.NewReader(j.held), src)
}

// failed gives an error.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// scan returns how many bytes of b come before any header. What follows them
// is one (found), or may be the beginning of one.
func (j *partReader) scan(b []byte) int {
	const high, low9, step = 0x8080808080808080, 0x0909090909090909, 16
	for i := 0; i+8 <= len(b); i += step {
		w := binary.LittleEndian.Uint64(b[i:])
		if (w|(w-low9))&high != 0 { // a byte above 0x7F, or below a tab
			continue
		}
		from, to := textAround(b, i)
		if at := j.headerIn(b, from, to); at >= 0 {
			return at
		}
		i = max(i, (to-step)&^(step-1))
	}
	from, _ := textAround(b, len(b))
	if at := j.headerIn(b, from, len(b)); at >= 0 {
		return at
	}
	return len(b)
}

// textAround is the run of text that b[at] stands in, or b[:at] ends with.
func textAround(b []byte, at int) (from, to int) {
	isText := func(c byte) bool { return c >= ' ' && c != 0x7F || c == '\n' || c == '\r' || c == '\t' }
	for from = at; from > max(0, at-format.ProbeLength) && isText(b[from-1]); {
		from--
	}
	for to = at; to < min(len(b), at+format.ProbeLength) && isText(b[to]); {
		to++
	}
	return from, to
}

// headerIn returns where in a run of text a header begins, or could begin were
// more of it known; else -1.
func (j *partReader) headerIn(b []byte, from, to int) int {
	for at := from; at < to; at++ {
		k := bytes.IndexByte(b[at:to], '%')
		if k < 0 {
			return -1
		}
		at += k
		head := b[at:min(len(b), at+format.ProbeLength)]
		open := to+2 > len(b) && len(head) < format.ProbeLength && j.err == nil
		if !beginsHeader(head) {
			continue
		}
		if open {
			return at
		}
		f, err := detect(format.Probe{Head: head})
		if err == nil && slices.Contains(joinable, f.Name) && len(head) >= joinedLeast/2 {
			j.found = true
			return at
		}
	}
	return -1
}

// beginsHeader reports whether b begins as a header's first line does, as far
// as it goes: "% " and a key.
func beginsHeader(b []byte) bool {
	if len(b) < 2 {
		return true
	}
	if b[1] != ' ' {
		return false
	}
	key := b[2:]
	end := bytes.IndexAny(key, " \r\n")
	if end < 0 {
		end = len(key)
	}
	for _, c := range key[:end] {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return end > 0 || len(key) == 0
}
