package outfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Hold takes a file as the sign that a folder, or a part of it, belongs to one
// process. The operating system lets go of it when the process ends, however it
// ends, so that no hold is stale; the file stays. Where there are no locks of
// files, [onlyOne] is false and nothing is held.
type Hold struct{ f *os.File }

// NewHold takes the file, which it makes where it is missing, without waiting:
// [heldError] tells that another process, or this one, holds it already.
func NewHold(path string) (*Hold, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return hold(path, os.O_CREATE)
}

func hold(path string, flags int) (*Hold, error) {
	f, err := os.OpenFile(path, os.O_RDWR|flags, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		holder := readHolder(f)
		return nil, errors.Join(heldError{path, holder}, f.Close())
	}
	// Whoever held it may have removed it meanwhile.
	mine, err := f.Stat()
	if err == nil {
		var there os.FileInfo
		if there, err = os.Stat(path); err == nil && !os.SameFile(mine, there) {
			err = heldError{path, 0}
		}
	}
	if err == nil {
		err = errors.Join(f.Truncate(0), writeHolder(f))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Hold{f}, nil
}

// Release lets go of the file; nil holds nothing.
func (h *Hold) Release() error {
	if h == nil {
		return nil
	}
	return h.f.Close()
}

// heldError tells that a process holds a file.
type heldError struct {
	Path    string
	Process int // 0 where it is unknown
}

func (e heldError) Error() string {
	who := "another process"
	if e.Process > 0 {
		who = fmt.Sprintf("process %d", e.Process)
	}
	if e.Process == os.Getpid() {
		who = "this process"
	}
	return fmt.Sprintf("%s is held by %s", e.Path, who)
}

func writeHolder(f *os.File) error {
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readHolder is the process that a file names, 0 where it names none.
func readHolder(f *os.File) int {
	b := make([]byte, 16)
	n, _ := f.ReadAt(b, 0)
	process, _ := strconv.Atoi(strings.TrimSpace(string(b[:n]))) // what is not a number is 0
	return process
}

// holdName is the file in a temporary folder that its process holds.
const holdName = "held"

// Temporary is a folder of this process for as long as it lives.
type Temporary struct {
	Dir  string
	hold *Hold
}

// NewTemporary makes a temporary folder whose name begins with a prefix, and
// removes those of the prefix whose process is gone.
func NewTemporary(prefix string) (*Temporary, error) {
	sweep(prefix)
	for {
		dir, err := os.MkdirTemp("", prefix)
		if err != nil {
			return nil, err
		}
		h, err := NewHold(filepath.Join(dir, holdName))
		if err == nil {
			return &Temporary{dir, h}, nil
		}
		if _, swept := errors.AsType[heldError](err); !swept {
			return nil, errors.Join(err, os.RemoveAll(dir))
		} // another process took it for left behind before it was held
	}
}

// sweep removes the temporary folders that nobody holds. It passes over what it
// may not remove, such as another user's.
func sweep(prefix string) {
	if !onlyOne {
		return
	}
	found, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*", holdName)) // the pattern is sound
	for _, path := range found {
		if h, err := hold(path, 0); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
			_ = h.Release()
		}
	}
}

// Remove removes the folder.
func (t *Temporary) Remove() error {
	return errors.Join(os.RemoveAll(t.Dir), t.hold.Release())
}
