package natsconn

import (
	"context"
	"net"
	"sync"
	"time"
)

// dialer looks names up itself and ties the first connection to a context: when
// that ends, so does the wait for a silent server. Later connections know only
// the timeout.
type dialer struct {
	timeout time.Duration

	// Guarded by mu.
	mu      sync.Mutex
	ctx     context.Context // of Open; nil once open
	stop    func() bool     // ends the watch over the connection that Open made
	failure error           // of the last Dial for Open
}

// Dial implements [nats.CustomDialer].
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := net.Dialer{Timeout: d.timeout}
	if d.ctx == nil {
		return n.Dial(network, address)
	}
	conn, err := n.DialContext(d.ctx, network, address)
	if d.failure = err; err != nil {
		return nil, err
	}
	d.unwatch()
	d.stop = context.AfterFunc(d.ctx, func() { conn.Close() })
	return conn, nil
}

// opened ends the hold of Open's context.
func (d *dialer) opened() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unwatch()
	d.ctx = nil
}

func (d *dialer) unwatch() {
	if d.stop != nil {
		d.stop()
	}
}
