package udp

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// maxDatagram is the longest datagram that UDP knows, bytes.
const maxDatagram = 64 << 10

// packet is one datagram.
type packet struct {
	b       []byte
	arrived int64 // Unix time, µs, of a clock that nobody sets
}

// queue receives datagrams. Packets go round: from free to the goroutine that
// receives, on to full, and from the reader back to free. There are as many as
// ever waited at once, at most as the queue is long and one more.
type queue struct {
	conn     net.PacketConn
	protocol string
	oldest   bool // drop the oldest datagram, not the newest
	now      func() time.Time

	full, free chan *packet
	dropped    atomic.Uint64 // events
	done       sync.WaitGroup
	err        error // what ended receiving; set before full is closed
}

func newQueue(conn net.PacketConn, c config, now func() time.Time) *queue {
	q := &queue{
		conn: conn, protocol: c.Protocol, oldest: c.Policy == dropOldest, now: now,
		full: make(chan *packet, c.Queue), free: make(chan *packet, c.Queue+1),
	}
	q.done.Go(q.receive) // ends when the connection is closed
	return q
}

// receive puts datagrams into the queue until the connection ends.
func (q *queue) receive() {
	defer close(q.full)
	began := q.now() // what passed since then is measured apart from the wall clock
	scratch := make([]byte, maxDatagram)
	for {
		n, _, err := q.conn.ReadFrom(scratch)
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				q.err = err
			}
			return
		}
		if p := q.place(scratch[:n]); p != nil {
			p.b = append(p.b[:0], scratch[:n]...)
			p.arrived = began.UnixMicro() + q.now().Sub(began).Microseconds()
			q.full <- p
		}
	}
}

// place finds a packet for a datagram, or nil when that is to be dropped.
func (q *queue) place(datagram []byte) *packet {
	// A place in full is free as long as not all of its packets are there:
	// only this goroutine adds to it.
	if len(q.full) == cap(q.full) {
		if !q.oldest {
			q.dropped.Add(uint64(count(q.protocol, datagram)))
			return nil
		}
		select {
		case p := <-q.full:
			q.dropped.Add(uint64(count(q.protocol, p.b)))
			return p
		default: // the reader was faster
		}
	}
	select {
	case p := <-q.free:
		return p
	default: // the reader has one, and all others are in full, which has room
		return new(packet)
	}
}

// close ends receiving and waits for it.
func (q *queue) close() error {
	err := q.conn.Close()
	q.done.Wait()
	return err
}
