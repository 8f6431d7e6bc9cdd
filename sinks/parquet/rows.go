package parquet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
)

// beside is what a file's name ends with while it is written, for its rows as JSON
// lines: they are there after a kill, and the file is made of them.
const beside = ".rows"

// rowHead is what a row begins with.
const rowHead = `{"stream":`

// mostLine bounds a line that is read, bytes: many times a record.
const mostLine = 1 << 20

// rowsFile is a file that ends with a whole line at all times that the process can see.
type rowsFile interface {
	outfile.File
	io.ReaderAt
}

// rows are the rows of one file.
type rows struct {
	f    rowsFile
	path string
	size int64 // of whole lines
	n    int   // lines
	buf  []byte
}

// openRows opens the rows of a file, locked; what is there stays.
func openRows(path string) (*rows, error) {
	f, err := outfile.Open(path + beside)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &rows{f: f, path: path + beside, size: info.Size()}, nil
}

// createRows begins the rows of a file.
func createRows(path string) (*rows, error) {
	f, err := outfile.Create(path + beside)
	if err != nil {
		return nil, err
	}
	return &rows{f: f, path: path + beside}, nil
}

// append writes detections and returns how many are whole in the file.
func (r *rows) append(ds []pipeline.Detection) (int, error) {
	r.buf = r.buf[:0]
	for i := range ds {
		r.buf = append(ds[i].AppendJSON(r.buf), '\n')
	}
	n, err := r.f.Write(r.buf)
	if err != nil {
		n = bytes.LastIndexByte(r.buf[:n], '\n') + 1
		_ = r.f.Truncate(r.size + int64(n)) // else the next reader finds a torn line, and stops there
	}
	whole := bytes.Count(r.buf[:n], []byte{'\n'})
	r.size, r.n = r.size+int64(n), r.n+whole
	return whole, err
}

// each reads the rows and makes the file end behind the last that keep wanted.
func (r *rows) each(keep func(*pipeline.Detection) (bool, error)) error {
	if err := r.read(keep); err != nil {
		return err
	}
	return r.f.Truncate(r.size)
}

// read hands on the rows from the first to the last whole one, as long as keep wants
// them, and forgets those behind. What is not a detection, such as what a loss of power
// left, ends them as well.
func (r *rows) read(keep func(*pipeline.Detection) (bool, error)) error {
	head := make([]byte, min(r.size, int64(len(rowHead))))
	if _, err := r.f.ReadAt(head, 0); err != nil || string(head) != rowHead[:len(head)] {
		return errors.Join(fmt.Errorf("%s %w", r.path, outfile.ErrForeign), err)
	}
	lines := bufio.NewReaderSize(io.NewSectionReader(r.f, 0, r.size), mostLine)
	r.size, r.n = 0, 0
	for {
		line, err := lines.ReadSlice('\n')
		var d pipeline.Detection
		if err != nil || json.Unmarshal(line, &d) != nil {
			return nil
		}
		if more, err := keep(&d); err != nil || !more {
			return err
		}
		r.size, r.n = r.size+int64(len(line)), r.n+1
	}
}

// first is the first row; nil where there is none.
func (r *rows) first() (d *pipeline.Detection, err error) {
	all := *r
	err = all.read(func(f *pipeline.Detection) (bool, error) {
		d = f
		return false, nil
	})
	return d, err
}

// state is what became of the file.
func (r *rows) state() outfile.State {
	f, ok := r.f.(*os.File)
	if !ok {
		return outfile.Intact
	}
	return outfile.Look(f, r.path, r.size)
}

// again continues with what is left of the rows: in the file where it was cut, in a
// new one at its path where it went away.
func (r *rows) again(how outfile.State) error {
	all := func(*pipeline.Detection) (bool, error) { return true, nil }
	if how == outfile.Cut {
		end, err := r.f.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		r.size = min(r.size, end)
		return r.each(all)
	}
	f, err := outfile.Create(r.path)
	if err != nil {
		return err
	}
	old := *r
	err = old.each(all)
	if err == nil {
		_, err = io.Copy(f, io.NewSectionReader(old.f, 0, old.size))
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	r.f, r.size, r.n = f, old.size, old.n
	return old.f.Close()
}

// end removes the rows: their file is whole, or not wanted.
func (r *rows) end() error { return errors.Join(r.f.Close(), outfile.Remove(r.path)) }
