package listen

import (
	"net"
	"syscall"
)

// Overrun counts the datagrams that the operating system dropped at a socket
// because they were not read in time. It is used from one goroutine.
type Overrun struct {
	raw   syscall.RawConn // nil where nothing counts
	last  uint32          // what the system counted when it was asked last, modulo 1<<32
	total uint64
}

// NewOverrun begins to count what a connection drops. Connections that are not
// sockets, and systems that do not tell, drop nothing that is known of.
func NewOverrun(conn net.PacketConn) *Overrun {
	o := new(Overrun)
	if c, ok := conn.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			o.raw = raw
		}
	}
	if _, known := socketDrops(o.raw); !known {
		o.raw = nil
	}
	return o
}

// Known reports whether the system tells what it drops: Linux does, others do
// not.
func (o *Overrun) Known() bool { return o.raw != nil }

// Total is how many datagrams were dropped so far; after the connection is closed
// it stays what it was.
func (o *Overrun) Total() uint64 {
	if n, known := socketDrops(o.raw); known {
		o.total += uint64(n - o.last) // which wraps around as the system's count does
		o.last = n
	}
	return o.total
}
