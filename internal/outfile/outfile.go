package outfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// File is what a sink needs of a regular file. *os.File is one; tests give
// one that fails.
type File interface {
	io.Writer
	io.Seeker
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// ErrTaken means that another writer holds the file.
var ErrTaken = errors.New("another writer holds this file; put {name} in the path to give each pipeline its own")

// Path puts the pipeline's name in place of {name}.
func Path(template, name string) string {
	return strings.ReplaceAll(template, "{name}", name)
}

// Create opens a file for writing, empty and locked. Missing parent folders
// are created. The lock ends when the file is closed.
func Create(path string) (*os.File, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	if !Regular(f) {
		return f, nil
	}
	if err := f.Truncate(0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Open is Create for a file whose content stays.
func Open(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	// Behind what somebody has truncated, writing resumes at the new end.
	flags := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		flags = os.O_WRONLY | syscall.O_NONBLOCK // a pipe without a reader is an error, not a wait
	}
	f, err := os.OpenFile(path, flags, 0o644)
	if errors.Is(err, syscall.ENXIO) {
		return nil, fmt.Errorf("%s: nobody reads from this pipe: %w", path, err)
	}
	if err != nil {
		return nil, err
	}
	if !Regular(f) {
		return f, nil
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Regular reports whether f is a plain file, which can be cut and sought in.
func Regular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// Check reports why a file could not be made at a path, without making it: a
// folder is there, or a file stands where a folder must.
func Check(path string) error {
	if path == "-" {
		return nil
	}
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return fmt.Errorf("%s is a folder", path)
		}
		return nil
	}
	if err := CheckFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// CheckWritable makes a folder where it is missing, and reports why no file can be made
// in it.
func CheckWritable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".ganglion-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// CheckFolder reports why a folder could not be made, without making it.
func CheckFolder(dir string) error {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		switch {
		case err == nil && info.IsDir():
			return nil
		case err == nil:
			return fmt.Errorf("%s is not a folder", dir)
		case errors.Is(err, syscall.ENOTDIR):
		case !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir):
			return err
		}
	}
}
