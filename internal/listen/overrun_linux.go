package listen

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socketMemory are the figures of SO_MEMINFO (socket(7), linux/sock_diag.h), of
// which socketDropped is the number of packets that were dropped (sk_drops).
type socketMemory [9]uint32

const socketDropped = 8

// socketDrops is how many datagrams the socket has dropped.
func socketDrops(raw syscall.RawConn) (n uint32, known bool) {
	if raw == nil {
		return 0, false
	}
	var m socketMemory
	size := uint32(unsafe.Sizeof(m))
	var failed syscall.Errno
	err := raw.Control(func(fd uintptr) {
		_, _, failed = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&m)), uintptr(unsafe.Pointer(&size)), 0)
	})
	return m[socketDropped], err == nil && failed == 0 && size == uint32(unsafe.Sizeof(m))
}
