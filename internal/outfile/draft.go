package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Draft is a file that is written at length, under a name of its own beside the
// one that it is given when it is complete: under that name a file is whole, or
// what it was. What is not a regular file, such as a pipe or a device, is written as
// it is. A draft is used from one goroutine.
type Draft struct {
	f    *os.File
	path string // what it will be, links followed
	name string // as the caller wrote it, for errors
	as   bool   // what is there is written as it is
	err  error  // the first failure
	done bool
}

// NewDraft begins the draft of a file. What is there stays until the draft is closed.
func NewDraft(path string) (*Draft, error) {
	d := &Draft{path: real(path), name: path}
	info, err := os.Stat(d.path)
	switch {
	case err == nil && info.IsDir():
		return nil, &fs.PathError{Op: "create", Path: path, Err: errors.New("is a folder")}
	case err == nil && !info.Mode().IsRegular():
		d.as = true
		d.f, err = os.OpenFile(d.path, os.O_WRONLY, 0)
	case err == nil && info.Mode().Perm()&0o222 == 0:
		return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrPermission}
	default:
		d.f, err = os.CreateTemp(filepath.Dir(d.path), filepath.Base(d.path)+".*")
	}
	if err != nil {
		return nil, d.fail(err)
	}
	return d, nil
}

// Regular reports whether the draft is of a file, which can be written to at any
// offset.
func (d *Draft) Regular() bool { return !d.as }

// Write appends to the draft.
func (d *Draft) Write(b []byte) (int, error) {
	n, err := d.f.Write(b)
	return n, d.fail(err)
}

// WriteAt overwrites a part of the draft.
func (d *Draft) WriteAt(b []byte, at int64) (int, error) {
	n, err := d.f.WriteAt(b, at)
	return n, d.fail(err)
}

// fail remembers the first failure, by the name that the caller knows.
func (d *Draft) fail(err error) error {
	if err == nil {
		return nil
	}
	if at := new(fs.PathError); errors.As(err, &at) {
		err = &fs.PathError{Op: at.Op, Path: d.name, Err: at.Err}
	}
	if d.f != nil && !d.as {
		err = fmt.Errorf("%w; nothing of it is kept", err)
	}
	if d.err == nil {
		d.err = err
	}
	return err
}

// Close gives the draft its name. One that could not be written is removed, and
// the error is what was the matter. It may be called twice.
func (d *Draft) Close() error {
	if d.done {
		return d.err
	}
	if d.err != nil && !d.as {
		return errors.Join(d.err, d.Discard())
	}
	d.done = true
	if d.as {
		return d.fail(d.f.Close())
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(d.path); err == nil {
		mode = info.Mode().Perm()
	}
	err := errors.Join(d.f.Chmod(mode), d.f.Close())
	if err == nil {
		err = os.Rename(d.f.Name(), d.path)
	}
	if err != nil {
		return d.fail(errors.Join(err, os.Remove(d.f.Name())))
	}
	return nil
}

// Discard ends the draft and leaves what was there. After Close it does nothing.
func (d *Draft) Discard() error {
	if d.done {
		return nil
	}
	d.done = true
	err := d.f.Close()
	if !d.as {
		err = errors.Join(err, os.Remove(d.f.Name()))
	}
	return err
}
