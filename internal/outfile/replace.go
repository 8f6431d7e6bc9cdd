package outfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts what write writes into a file, whole or not at all: after an
// error, or a kill, the file is what it was, and once it is another one that
// survives a loss of power. What is not a regular file, such as a pipe, is written as
// it is.
func Replace(path string, write func(io.Writer) error) error {
	d, err := NewDraft(path)
	if err != nil {
		return err
	}
	if err = write(d); err == nil && !d.as {
		err = d.fail(d.f.Sync())
	}
	if err != nil {
		return errors.Join(err, d.Discard())
	}
	if err := d.Close(); err != nil || d.as {
		return err
	}
	return syncFolder(d.path)
}

// Settle gives a complete draft its name, in the same folder, once its content
// survives a loss of power.
func Settle(draft, path string) error {
	f, err := os.Open(draft)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncFolder(path)
}

// Remove removes a file that may be gone already.
func Remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder lets the name of a file survive a loss of power. Systems that cannot
// sync a folder say so, which is not an error here.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
