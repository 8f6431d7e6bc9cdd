package tensor

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// npyHeader is the length of the header of a NumPy file, with room for any number
// of slices, bytes.
const npyHeader = 192

// NPY writes a NumPy array. The number of slices stands at the beginning of the
// file, where it is filled in by Close.
type NPY struct {
	file  io.WriteCloser
	at    io.WriterAt
	kind  string
	shape []int // behind the first axis
	n     int64
	err   error
}

// NewNPY writes to a file. One that cannot be written to at its beginning again is
// refused.
func NewNPY(file io.WriteCloser, c Config, width, height int) (*NPY, error) {
	at, ok := file.(io.WriterAt)
	if !ok {
		return nil, errors.New("an array needs a file, because its number of slices stands at its beginning")
	}
	axes, _ := c.planes()
	w := &NPY{file: file, at: at, kind: map[int]string{2: "<i2", 4: "<f4"}[c.size()], shape: append(axes, height, width)}
	_, w.err = file.Write(w.header())
	return w, w.err
}

func (w *NPY) header() []byte {
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d,", w.kind, w.n)
	for _, n := range w.shape {
		dict += fmt.Sprintf(" %d,", n)
	}
	dict += "), }"
	const before = 10
	b := append([]byte("\x93NUMPY\x01\x00"), byte(npyHeader-before), 0)
	b = append(b, dict...)
	return append(append(b, strings.Repeat(" ", npyHeader-1-len(b))...), '\n')
}

// Append writes a slice.
func (w *NPY) Append(array []byte, _ Slice) error {
	if w.err == nil {
		w.n++
		_, w.err = w.file.Write(array)
	}
	return w.err
}

// Close fills in the number of slices.
func (w *NPY) Close() error {
	if w.err == nil {
		_, w.err = w.at.WriteAt(w.header(), 0)
	}
	err := errors.Join(w.err, w.file.Close())
	w.err = err
	return err
}
