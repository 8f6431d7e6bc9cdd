package jsonl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// place is where a run continues in a file.
type place struct {
	size int64  // bytes that stay
	skip uint64 // detections of the run before this number are in the file
	move bool   // the file holds another run's detections and is to be set aside

	run   string // of what it holds, and the number of its first detection
	first uint64
}

// find looks through the end of a file for the place where a run continues. A
// run that resumes removes what lies behind its checkpoint; any other keeps
// all whole lines, and repeats none of its own.
func (s *sink) find(ctx context.Context, f *os.File, m pipeline.StreamMeta) (place, error) {
	info, err := f.Stat()
	if err != nil {
		return place{}, err
	}
	if s.onExist == outfile.OnReplace && !m.Resumed {
		return place{}, nil
	}
	b, err := newBackward(f, info.Size(), s.form)
	if err == nil {
		err = b.dropTorn()
	}
	if err != nil {
		return place{}, err
	}
	p := place{size: b.end}
	var last line
	last, err = b.line()
	for ; err == nil; last, err = b.line() {
		stop := last.run != m.Run && pipeline.OfRun(last.run, m.Run)
		if !stop && (last.run != m.Run || last.seq < m.NextSeq || !m.Resumed) {
			break
		}
		if b.end = last.begin; m.Resumed {
			p.size = b.end
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		last = line{}
	case err != nil:
		return place{}, err
	case !m.Resumed && s.onExist == outfile.OnRefuse:
		return place{}, outfile.ErrExists
	}
	return s.settle(ctx, p, last, b, m)
}

// settle decides what the last line before the place means for the run.
func (s *sink) settle(ctx context.Context, p place, last line, b backward, m pipeline.StreamMeta) (place, error) {
	first, err := b.first()
	if err != nil {
		return place{}, err
	}
	if p.run, p.first = first.run, first.seq; p.size <= b.begin {
		p.size = 0 // nothing but a head, which is written again
	}
	whole := first.run != m.Run || first.seq == 0 // of this run the file holds all from its first detection on
	switch {
	case m.Resumed:
		if m.NextSeq > 0 && (last.end == 0 || last.run != m.Run || last.seq != m.NextSeq-1) {
			s.log.WarnContext(ctx, "the file misses detections from before the checkpoint", "path", s.path, "kept_bytes", p.size, "next_seq",
				m.NextSeq)
		}
	case last.end > 0 && last.run == m.Run && whole:
		p.skip = last.seq + 1
		s.log.InfoContext(ctx, "the file holds detections of this run already; they stay and are not written again", "path", s.path, "detections",
			p.skip)
	case p.size > 0 && s.onExist != outfile.OnAppend:
		p.move = true
	}
	return p, nil
}

// window is how much is read to find a line, bytes: many times a record.
const window = 64 << 10

// line is a record of a file.
type line struct {
	begin, end int64 // offsets, the end behind the newline
	run        string
	seq        uint64
}

// backward reads the lines of a file from its end to its beginning.
type backward struct {
	r     io.ReaderAt
	form  form
	begin int64 // of the first line
	end   int64 // of the line that comes next
	buf   []byte
}

// newBackward looks for the head, which a file with lines must have.
func newBackward(r io.ReaderAt, size int64, f form) (backward, error) {
	b := backward{r: r, form: f, end: size, buf: make([]byte, window)}
	if f.head == "" || size == 0 {
		return b, nil
	}
	head := make([]byte, min(size, int64(len(f.head))))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return b, err
	}
	if !strings.HasPrefix(f.head, string(head)) {
		return b, notDetection(0)
	}
	if b.begin = int64(len(head)); len(head) < len(f.head) {
		b.begin, b.end = 0, 0 // a kill has cut it off
	}
	return b, nil
}

// read fills the buffer with what lies before an offset.
func (b *backward) read(end int64) ([]byte, error) {
	begin := max(0, end-window)
	n, err := b.r.ReadAt(b.buf[:end-begin], begin)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b.buf[:n], err
}

// dropTorn leaves out a last line that a kill has cut off.
func (b *backward) dropTorn() error {
	text, err := b.read(b.end)
	if err != nil {
		return err
	}
	n := len(text) - 1 - bytes.LastIndexByte(text, '\n')
	torn := text[len(text)-n:]
	if n == window || !bytes.HasPrefix(torn, []byte(b.form.torn)[:min(len(b.form.torn), n)]) {
		return notDetection(b.end - int64(n))
	}
	b.end -= int64(n)
	return nil
}

// line returns the last line before the end, which it leaves where it is, or
// io.EOF where there is none.
func (b *backward) line() (line, error) {
	if b.end <= b.begin {
		return line{}, io.EOF
	}
	text, err := b.read(b.end)
	if err != nil {
		return line{}, err
	}
	body := text[:len(text)-1] // without its newline
	at := bytes.LastIndexByte(body, '\n') + 1
	begin := b.end - int64(len(text)-at)
	if at == 0 && begin > 0 {
		return line{}, notDetection(begin)
	}
	return b.parse(body[at:], begin)
}

// first returns the first line of the file.
func (b *backward) first() (line, error) {
	text, err := b.read(min(b.end, window))
	if err != nil || int64(len(text)) <= b.begin {
		return line{}, err
	}
	text = text[b.begin:]
	at := bytes.IndexByte(text, '\n')
	if at < 0 {
		return line{}, notDetection(0)
	}
	return b.parse(text[:at], b.begin)
}

func (b *backward) parse(text []byte, begin int64) (line, error) {
	run, seq, ok := b.form.parse(text)
	if !ok {
		return line{}, notDetection(begin)
	}
	return line{begin: begin, end: begin + int64(len(text)) + 1, run: run, seq: seq}, nil
}

func notDetection(at int64) error {
	return fmt.Errorf("the line at byte %d is not a detection: the file %w", at, outfile.ErrForeign)
}
