package jsonl

import (
	"bytes"
	"context"
	"io"

	"ganglion/internal/outfile"
)

// file writes a regular file that ends with a whole line at all times that
// the process can see.
type file struct {
	f    outfile.File
	size int64 // up to the last whole line
}

// newFile goes on writing f behind its first size bytes.
func newFile(f outfile.File, size int64) (*file, error) {
	if err := f.Truncate(size); err != nil {
		return nil, err
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return nil, err
	}
	return &file{f, size}, nil
}

func (o *file) write(_ context.Context, p []byte) (int, error) {
	n, err := o.f.Write(p)
	if err != nil {
		n = bytes.LastIndexByte(p[:n], '\n') + 1
		o.cutBack(o.size + int64(n))
	}
	o.size += int64(n)
	return n, err
}

// cutBack removes a broken line. If even that fails the disk is worse off than
// the line, and the error of the write tells.
func (o *file) cutBack(size int64) {
	_ = o.f.Truncate(size)
	_, _ = o.f.Seek(size, io.SeekStart)
}

func (o *file) close(context.Context) error { return o.f.Close() }
