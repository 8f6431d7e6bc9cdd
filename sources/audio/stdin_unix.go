//go:build unix

package audio

import (
	"os"
	"syscall"
)

// openStdin returns standard input as a file of its own, in a form whose reads
// can be ended: a pipe must not block for that. Closing it leaves the process's
// standard input open.
func openStdin() (*os.File, error) {
	fd, err := syscall.Dup(int(os.Stdin.Fd()))
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	if st, err := os.Stdin.Stat(); err == nil && st.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0 {
		if err := syscall.SetNonblock(fd, true); err != nil {
			return nil, os.NewSyscallError("setnonblock", err)
		}
	}
	return os.NewFile(uintptr(fd), "standard input"), nil
}
