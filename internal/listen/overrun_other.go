//go:build !linux

package listen

import "syscall"

// socketDrops is not known here.
func socketDrops(syscall.RawConn) (n uint32, known bool) { return 0, false }
