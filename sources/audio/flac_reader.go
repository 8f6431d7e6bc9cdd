package audio

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// frameReader lets a frame be read, and if it turns out to be broken, its bytes
// be searched for the next one.
type frameReader struct {
	in     *input
	buf    []byte // read, and not known to be sound or broken yet
	pos    int    // how many of them the frame has taken
	failed error  // what ended the input, other than its end
}

var errLongFrame = errors.New("flac: a frame is too long")

// offset is that of the next byte of the stream.
func (r *frameReader) offset() int64 { return r.in.off - int64(len(r.buf)-r.pos) }

// Read gives the frame its bytes. The library reads byte by byte.
func (r *frameReader) Read(p []byte) (int, error) {
	if r.pos == len(r.buf) {
		if len(r.buf)+len(p) > maxFrame {
			return 0, errLongFrame
		}
		at := len(r.buf)
		r.buf = append(r.buf, p...) // room for as many; Read overwrites them
		n, err := r.in.Read(r.buf[at:])
		r.buf = r.buf[:at+n]
		if err != nil && !errors.Is(err, io.EOF) {
			r.failed = err
		}
		if n == 0 {
			return 0, err
		}
	}
	n := copy(p, r.buf[r.pos:])
	r.pos += n
	return n, nil
}

// keep marks what was read as done with.
func (r *frameReader) keep() {
	r.buf = r.buf[:copy(r.buf, r.buf[r.pos:])]
	r.pos = 0
}

// empty reports that the failed frame had no bytes: the stream is over.
func (r *frameReader) empty() bool { return len(r.buf) == 0 }

// resync drops the first byte and all up to the next possible sync code
// (0xFF, 0xF8 or 0xF9). It returns how many were dropped.
func (r *frameReader) resync() int {
	at := 1
	for at < len(r.buf) {
		i := bytes.IndexByte(r.buf[at:], 0xff)
		if i < 0 {
			at = len(r.buf)
			break
		}
		at += i
		if at+1 == len(r.buf) || r.buf[at+1]&0xfe == 0xf8 {
			break
		}
		at++
	}
	r.buf = r.buf[:copy(r.buf, r.buf[at:])]
	r.pos = 0
	return at
}

// FilterLog keeps the FLAC library's request for test files, one line for every
// frame at 24 or 176.4 kHz, out of what goes to w. All else passes. The library
// writes to the standard logger, which belongs to the program: one that reads
// such files calls
//
//	log.SetOutput(audio.FilterLog(log.Writer()))
func FilterLog(w io.Writer) io.Writer { return flacFilter{w} }

type flacFilter struct{ w io.Writer }

func (f flacFilter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "frame.Frame.parseHeader: The flac library") {
		return len(p), nil
	}
	return f.w.Write(p)
}
