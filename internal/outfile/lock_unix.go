//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package outfile

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// onlyOne reports whether files can be locked here.
const onlyOne = true

// lock takes the file for this open file description alone. It waits for a moment only:
// a program that this process is about to start holds all that is open here until it has
// begun, and with it the lock of a file that was closed meanwhile.
func lock(f *os.File) error {
	for tries := 1; ; tries++ {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil // a file system without locks is written unlocked
		}
		if tries == lockTries {
			return ErrTaken
		}
		time.Sleep(lockPause)
	}
}

const (
	lockTries = 20
	lockPause = 5 * time.Millisecond
)
