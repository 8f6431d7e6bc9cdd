package jsonl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
)

// keep is how many bytes of a file stay when detection next is the next to
// come: its whole lines up to the one before. A file that ends earlier is kept
// too, and the gap is logged.
func (s *sink) keep(ctx context.Context, f *os.File, next uint64) (int64, error) {
	if next == 0 {
		return 0, nil
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	// Lines ascend by Seq. The search finds the first offset from which on no
	// line is to stay; the last line that stays begins right before it.
	l := lines{r: f, size: info.Size(), buf: make([]byte, window)}
	first := sort.Search(int(l.size), func(at int) bool {
		line, ok := l.from(int64(at))
		return !ok || line.seq >= next
	})
	last, ok := l.from(int64(max(0, first-1)))
	switch {
	case l.err != nil:
		return 0, fmt.Errorf("resume: %w", l.err)
	case first == 0 || !ok:
		last = line{}
	}
	if last.end == 0 || last.seq != next-1 {
		s.log.WarnContext(ctx, "the file misses detections from before the checkpoint", "path", s.path, "kept_bytes", last.end, "next_seq", next)
	}
	return last.end, nil
}

// window is how much is read to find a line, bytes: many times a record.
const window = 64 << 10

// lines finds lines of detections in a file.
type lines struct {
	r    io.ReaderAt
	size int64
	buf  []byte // of window bytes
	err  error  // the first
}

type line struct {
	end int64 // offset behind its newline
	seq uint64
}

// from returns the first whole line that begins at or behind an offset.
func (l *lines) from(at int64) (line, bool) {
	begin := max(0, at-1)
	n, err := l.r.ReadAt(l.buf[:min(window, l.size-begin)], begin)
	if err != nil && !errors.Is(err, io.EOF) {
		l.fail(err)
		return line{}, false
	}
	b := l.buf[:n]
	if at > 0 { // the newline that ends the line before
		i := bytes.IndexByte(b, '\n') + 1
		if i == 0 {
			return l.missing(begin, n)
		}
		begin, b = begin+int64(i), b[i:]
	}
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return l.missing(begin, n)
	}
	var record struct {
		Seq *uint64 `json:"seq"`
	}
	if err := json.Unmarshal(b[:i], &record); err != nil || record.Seq == nil {
		l.fail(fmt.Errorf("the line at byte %d is not a detection", begin))
		return line{}, false
	}
	return line{begin + int64(i) + 1, *record.Seq}, true
}

// missing is what from returns when n bytes read do not hold a whole line.
func (l *lines) missing(begin int64, n int) (line, bool) {
	if n == window {
		l.fail(fmt.Errorf("the line at byte %d is not a detection: it is too long", begin))
	}
	return line{}, false
}

func (l *lines) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}
