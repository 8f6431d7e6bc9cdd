package recording

import (
	"errors"
	"fmt"
	"io"
	"os"

	"ganglion/internal/outfile"
	"ganglion/sources/format"
)

// Create creates a recording, which takes the place of an existing one when it is
// closed, and not if it could not be written; "-" is standard output. An empty format takes the one that the file's name asks for. Of the
// info, the size and the header fields matter.
func Create(path, kind string, info format.Info) (*format.Writer, error) {
	f, err := writableFor(path)
	if kind != "" {
		f, err = byName(kind)
	}
	if err == nil && !f.Writable() {
		err = fmt.Errorf("format %s can be read only", f.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", path, err)
	}
	if path == "-" {
		return NewWriter(struct{ io.Writer }{os.Stdout}, "standard output", f.Name, info)
	}
	file, err := outfile.NewDraft(path)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	dst := io.Writer(file)
	if !file.Regular() {
		dst = struct{ io.Writer }{file} // such as a pipe, which only takes bytes at its end
	}
	w, err := NewWriter(dst, path, f.Name, info)
	if err != nil {
		return nil, errors.Join(err, file.Discard())
	}
	w.Closes(file)
	return w, nil
}

// NewWriter writes a recording of a named format to a stream, see
// [format.NewWriter].
func NewWriter(dst io.Writer, name, kind string, info format.Info) (*format.Writer, error) {
	f, err := byName(kind)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", name, err)
	}
	return format.NewWriter(dst, name, f, info)
}
