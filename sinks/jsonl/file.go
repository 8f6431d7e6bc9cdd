package jsonl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// file writes a regular file that ends with a whole line at all times that
// the process can see, and begins it again when it goes away.
type file struct {
	f    outfile.File
	path string // empty: nobody looks after the file
	head string // what it begins with
	log  *slog.Logger

	size  int64  // up to the last whole line
	lines uint64 // that this process wrote to the file

	sound      int64 // size when the file was last seen where it belongs
	soundLines uint64
	lost       uint64 // lines that went with the file since the last check
}

// newFile continues writing f behind its first size bytes.
func newFile(f outfile.File, path, head string, size int64, log *slog.Logger) (*file, error) {
	o := &file{f: f, path: path, head: head, log: log}
	return o, o.goOn(f, size)
}

func (o *file) goOn(f outfile.File, size int64) error {
	if err := f.Truncate(size); err != nil {
		return err
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return err
	}
	if size == 0 && o.head != "" {
		if _, err := io.WriteString(f, o.head); err != nil {
			return err
		}
		size = int64(len(o.head))
	}
	o.f, o.size, o.sound, o.lines, o.soundLines = f, size, size, 0, 0
	return nil
}

func (o *file) write(_ context.Context, p []byte) (int, error) {
	n, err := o.f.Write(p)
	if err != nil {
		n = bytes.LastIndexByte(p[:n], '\n') + 1
		o.cutBack(o.size + int64(n))
	}
	o.size += int64(n)
	o.lines += uint64(bytes.Count(p[:n], []byte{'\n'}))
	return n, err
}

// cutBack removes a broken line. If even that fails the disk is worse off than
// the line, and the error of the write tells.
func (o *file) cutBack(size int64) {
	_ = o.f.Truncate(size)
	_, _ = o.f.Seek(size, io.SeekStart)
}

// check looks after the file and tells of lines that went with it.
func (o *file) check() error {
	err := o.look()
	if lost := o.lost; lost > 0 {
		o.lost = 0
		return &pipeline.LostError{Lost: int(lost), Err: errors.Join(fmt.Errorf("%s: %w", o.path, outfile.ErrGone), err)}
	}
	return err
}

// look finds out whether the file is where it belongs, and as long as it was.
func (o *file) look() error {
	f, ok := o.f.(*os.File)
	if !ok || o.path == "" {
		return nil
	}
	state := outfile.Look(f, o.path, o.size)
	switch state {
	case outfile.Intact:
		o.sound, o.soundLines = o.size, o.lines
		return nil
	case outfile.Cut:
		return o.afterCut(f)
	}
	o.log.Warn("the output "+state.String()+" while it was written; a new file begins", "path", o.path, "lines", o.lines)
	return o.reopen(state == outfile.Removed)
}

// reopen begins a new file at the path. The lines that were written to a
// removed one since it was last seen are put there again; those before went
// with it.
func (o *file) reopen(removed bool) error {
	f, err := outfile.Open(o.path)
	if err != nil {
		return err
	}
	st, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	old, from, to, late := o.f, o.sound, o.size, o.lines-o.soundLines
	lost := o.soundLines
	if err := o.goOn(f, st.Size()); err != nil {
		return errors.Join(err, f.Close())
	}
	if removed {
		o.lost += lost
		n, err := io.Copy(f, io.NewSectionReader(old.(*os.File), from, to-from))
		if err != nil {
			o.cutBack(o.size)
			o.lost += late
			return errors.Join(err, old.Close())
		}
		o.size, o.lines = o.size+n, late
	}
	return old.Close()
}

// afterCut continues behind what somebody left of the file.
func (o *file) afterCut(f *os.File) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	left, whole, err := wholeLines(f, st.Size())
	if err != nil {
		return err
	}
	if o.head != "" && left > 0 {
		left-- // the head is a line and no detection
	}
	before := o.lines
	o.log.Warn("the output was truncated while it was written; it continues with what is left", "path", o.path, "lines", before, "left_bytes",
		whole)
	o.lost += before - min(before, left)
	if err := o.goOn(f, whole); err != nil {
		return err
	}
	o.lines, o.soundLines = min(before, left), min(before, left)
	return nil
}

// wholeLines counts the lines of the first size bytes of a file and where the
// last one ends.
func wholeLines(r io.ReaderAt, size int64) (lines uint64, end int64, err error) {
	buf := make([]byte, window)
	for at := int64(0); at < size; {
		n, err := r.ReadAt(buf[:min(window, size-at)], at)
		if n == 0 && err != nil {
			return lines, end, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			lines, end = lines+uint64(bytes.Count(buf[:n], []byte{'\n'})), at+int64(i)+1
		}
		at += int64(n)
	}
	return lines, end, nil
}

func (o *file) close(context.Context) error {
	err := o.check()
	if closed := o.f.Close(); closed != nil {
		return errors.Join(err, closed)
	}
	return err
}

// Precheck implements [pipeline.Prechecked].
func (s *sink) Precheck() error { return outfile.Check(s.path) }
