package natsconn

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// The pace of a [Probe]: a link that is dead is known within the sum.
const (
	probeEvery = 400 * time.Millisecond
	probeWait  = 1200 * time.Millisecond
)

// Probe asks again and again whether the server at the other end of a
// connection answers, so that a link that swallows everything is known long
// before the client gives it up.
type Probe struct {
	nc   *nats.Conn
	done chan struct{}
	over sync.WaitGroup // the probing goroutine, which ends with done

	mu  sync.Mutex // guards err
	err error
}

// NewProbe begins to ask.
func NewProbe(nc *nats.Conn) *Probe {
	p := &Probe{nc: nc, done: make(chan struct{})}
	p.over.Go(p.ask)
	return p
}

func (p *Probe) ask() {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-p.done:
			return
		}
		before := p.nc.Stats().InMsgs
		err := p.connected()
		if err == nil {
			if flush := p.nc.FlushTimeout(probeWait); flush != nil && p.nc.Stats().InMsgs == before {
				err = fmt.Errorf("the server does not answer: %w", flush)
			}
		}
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
	}
}

// Health is what is wrong with the connection now, or nil.
func (p *Probe) Health() error {
	if err := p.connected(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// connected is why there is no connection, nil where there is one.
func (p *Probe) connected() error {
	if p.nc.IsConnected() {
		return nil
	}
	if why := p.nc.LastError(); why != nil {
		return fmt.Errorf("is not connected: %w", why)
	}
	return errors.New("is not connected")
}

// Close ends the asking.
func (p *Probe) Close() {
	close(p.done)
	p.over.Wait()
}
