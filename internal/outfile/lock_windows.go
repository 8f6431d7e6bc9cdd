package outfile

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// onlyOne reports whether files can be locked here.
const onlyOne = true

// lock takes the file for this handle alone: a byte far behind its content, so
// that others can read it. It does not wait.
func lock(f *os.File) error {
	at := windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrTaken
	}
	return nil // a file system without locks is written unlocked
}
