package audio

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"
)

// handle is an open input whose reads end with a context.
type handle interface {
	io.ReadCloser
	bind(ctx context.Context) // reads from now on end with ctx
	size() int64              // bytes, 0 when unknown
	live() bool
	report(in *input) // where damage is counted from now on
}

func openHandle(ctx context.Context, c *Config, log *slog.Logger) (handle, error) {
	switch address, ok := strings.CutPrefix(c.Path, udpScheme); {
	case ok:
		return listen(address, c.Raw.frame())
	case isNATS(c.Path):
		return openSubject(ctx, c, log)
	case strings.HasPrefix(c.Path, pulseScheme):
		return openRecorder(ctx, c)
	}
	if c.Path == stdin {
		f, err := openStdin()
		return &fileHandle{File: f}, err
	}
	f, err := os.Open(c.Path)
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err != nil || st.IsDir() {
		f.Close()
		return nil, fmt.Errorf("is not a file with sound (%v)", st.Mode().Type())
	}
	return &fileHandle{File: f}, nil
}

// deadline lets a context end blocked reads.
type deadline struct {
	ctx  context.Context
	stop func() bool
}

// bind arms the deadline anew where the context is another one.
func (d *deadline) bind(ctx context.Context, r interface{ SetReadDeadline(time.Time) error }) {
	if d.ctx == ctx {
		return
	}
	d.release()
	d.ctx = ctx
	_ = r.SetReadDeadline(time.Time{}) // files on disk have no deadlines, and never block for long
	d.stop = context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Unix(1, 0)) })
}

func (d *deadline) release() {
	if d.stop != nil {
		d.stop()
	}
	d.ctx, d.stop = nil, nil
}

type fileHandle struct {
	*os.File
	deadline deadline
}

func (f *fileHandle) bind(ctx context.Context) { f.deadline.bind(ctx, f.File) }
func (f *fileHandle) live() bool               { return false }
func (f *fileHandle) report(*input)            {}

func (f *fileHandle) size() int64 {
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		return st.Size()
	}
	return 0
}

func (f *fileHandle) Close() error {
	f.deadline.release()
	return f.File.Close()
}

// datagrams is raw sound that comes by UDP, in the order of arrival. Each
// datagram holds whole frames; what is left over at its end is dropped, lest
// one cut datagram shift the channels of all that follow.
type datagrams struct {
	net.PacketConn
	in       *input // for the report
	frame    int    // bytes
	buf      []byte
	pos, end int
	deadline deadline
}

func listen(address string, frame int) (*datagrams, error) {
	c, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err
	}
	return &datagrams{PacketConn: c, frame: frame, buf: make([]byte, inputBlock)}, nil
}

// Read returns the rest of a datagram, or waits for the next.
func (u *datagrams) Read(p []byte) (int, error) {
	for u.pos == u.end {
		n, _, err := u.ReadFrom(u.buf)
		if err != nil {
			return 0, err
		}
		u.pos, u.end = 0, n/u.frame*u.frame
		if u.end != n {
			u.in.damaged("ragged_datagram", u.in.off, 1)
		}
	}
	n := copy(p, u.buf[u.pos:u.end])
	u.pos += n
	return n, nil
}

func (u *datagrams) bind(ctx context.Context) { u.deadline.bind(ctx, u.PacketConn) }
func (u *datagrams) live() bool               { return true }
func (u *datagrams) size() int64              { return 0 }
func (u *datagrams) report(in *input)         { u.in = in }

func (u *datagrams) Close() error {
	u.deadline.release()
	return u.PacketConn.Close()
}
