package audio

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"ganglion/internal/listen"
)

// datagrams is raw sound that comes by UDP, in the order of arrival. Each
// datagram holds whole frames; what is left over at its end is dropped, lest
// one cut datagram shift the channels of all that follow.
type datagrams struct {
	*feed
	conn net.PacketConn
	done sync.WaitGroup
}

// maxDatagram is the longest datagram that UDP knows, bytes; kernelBuffer what
// the kernel is asked to hold while the receiving goroutine waits for its turn.
const (
	maxDatagram  = 64 << 10
	kernelBuffer = 4 << 20
)

// receiveAt listens at an address, which is loopback without a host.
func receiveAt(configured string, c *Config, env surroundings) (*datagrams, error) {
	address, err := listen.Address(configured)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err
	}
	if u, ok := conn.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(kernelBuffer) // the kernel grants what it allows
	}
	overrun := listen.NewOverrun(conn)
	if !overrun.Known() {
		env.log.Info("what this system drops at its socket is not known here", "address", configured)
	}
	d := &datagrams{feed: newFeed(c, env), conn: conn}
	d.ragged, d.overrun = "ragged_datagram", overrun.Total
	d.done.Go(d.receive) // ends when the connection is closed
	return d, nil
}

func (d *datagrams) receive() {
	buf := make([]byte, maxDatagram)
	for {
		n, _, err := d.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			d.end(fmt.Errorf("receive: %w", err))
			return
		}
		if _, err := d.Write(buf[:n]); err != nil {
			return // it was closed
		}
	}
}

// Close ends receiving.
func (d *datagrams) Close() error {
	d.end(io.ErrClosedPipe)
	err := d.conn.Close()
	d.done.Wait()
	return err
}
