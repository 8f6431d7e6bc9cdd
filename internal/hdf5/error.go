package hdf5

import (
	"errors"
	"fmt"
)

// The kinds of failure, for errors.Is.
var (
	errFormat      = errors.New("malformed")       // the file breaks the format
	ErrUnsupported = errors.New("not supported")   // a feature that this package refuses, named
	errLimit       = errors.New("above the limit") // more memory, depth or size than a file may ask for
	ErrNotFound    = errors.New("not found")       // no member or attribute of that name
	ErrType        = errors.New("wrong type")      // the values are not of the type asked for
)

// errAllowance means that reading has used up what the file's size allows.
var errAllowance = overLimit("reading takes more than four times the file's size plus 16 MiB")

// Error reports what failed and where. Its Err is, or wraps, one of the kinds.
type Error struct {
	Path   string // the object in the file, "/" for the file as a whole
	Offset int64  // byte offset in the file of the structure at fault
	Err    error
}

// Error reads "hdf5: /node/weight at byte 4096: malformed: ...".
func (e *Error) Error() string {
	return fmt.Sprintf("hdf5: %s at byte %d: %v", e.Path, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errFormat, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

func overLimit(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errLimit, fmt.Sprintf(format, args...))
}
