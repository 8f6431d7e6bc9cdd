package udp

import (
	"context"
	"fmt"
	"io"
	"net"
	"sort"
	"time"

	"ganglion/internal/listen"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// source receives a stream of events, see the package's documentation.
type source struct {
	cfg    config
	now    func() time.Time
	listen func(ctx context.Context, address string) (net.PacketConn, error)

	queue   *queue
	closed  bool
	decoder decoder
	timer   *time.Timer // fires when the first pending event has waited enough
	due     bool        // it has fired

	pending []pipeline.Event // not yet delivered, times ascending
	shift   int64            // what restarts of the sender add to its times, µs
	last    int64            // time of the last event, µs
	begun   bool             // an event has come
	end     int64            // of the last batch, sensor time, µs
	seq     uint64
}

const (
	// maxPending bounds the events of one batch, 16 MiB of them.
	maxPending = 1 << 20
	// restart is how far back a time means that the sender began again, µs.
	restart = 1_000_000
	// socketRoom is what is asked for from the operating system, bytes.
	socketRoom = 4 << 20
)

// newSource returns a source that listens from Open on.
func newSource(c config, env component.Env) *source {
	return &source{cfg: c, now: env.Now, listen: listenUDP, decoder: decoder{height: c.Height}}
}

func listenUDP(ctx context.Context, address string) (net.PacketConn, error) {
	address, err := listen.Address(address)
	if err != nil {
		return nil, err
	}
	var c net.ListenConfig
	return c.ListenPacket(ctx, "udp", address)
}

// Open starts to receive.
func (s *source) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	conn, err := s.listen(ctx, s.cfg.Listen)
	if err != nil {
		return pipeline.StreamInfo{}, fmt.Errorf("udp: %w", err)
	}
	if c, ok := conn.(*net.UDPConn); ok {
		// Less room than asked for loses datagrams earlier, which is not an error.
		_ = c.SetReadBuffer(socketRoom)
	}
	s.queue = newQueue(conn, s.cfg, s.now)
	s.timer = time.NewTimer(time.Hour)
	s.timer.Stop()
	return s.info(), nil
}

// Read fills the batch with the next window that holds events.
func (s *source) Read(ctx context.Context, b *pipeline.Batch) error {
	for !s.cut(b) {
		select {
		case p, ok := <-s.queue.full:
			if !ok && len(s.pending) == 0 {
				return s.stopped()
			}
			if s.due = s.due || !ok; !ok {
				continue // deliver what has come
			}
			s.take(p)
			s.queue.free <- p
		case <-s.timer.C:
			s.due = true
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	b.Seq = s.seq
	s.seq++
	return ctx.Err()
}

// stopped is why nothing is received any more.
func (s *source) stopped() error {
	if s.queue.err != nil {
		return fmt.Errorf("udp %s: %w", s.cfg.Listen, s.queue.err)
	}
	return io.EOF
}

// take puts the events of a datagram in order and on the sensor.
func (s *source) take(p *packet) {
	first := len(s.pending)
	events := s.decoder.events(s.cfg.Protocol, s.pending, p.b, p.arrived.UnixMicro())
	n := first
	for _, e := range events[first:] {
		if int(e.X) >= s.cfg.Width || int(e.Y) >= s.cfg.Height {
			s.outside(e)
			continue
		}
		e.T = s.order(e.T)
		events[n] = e
		n++
	}
	s.pending = events[:n]
	s.decoder.at += int64(len(p.b))
	if first == 0 && n > 0 {
		s.wait()
	}
}

func (s *source) outside(e pipeline.Event) {
	if int(e.X) >= s.cfg.Width {
		s.decoder.damage.Add("out_of_range_x", s.decoder.at, e.T, 1)
	}
	if int(e.Y) >= s.cfg.Height {
		s.decoder.damage.Add("out_of_range_y", s.decoder.at, e.T, 1)
	}
}

// order makes the times of events ascend.
func (s *source) order(t int64) int64 {
	t += s.shift
	least := max(s.last, s.end)
	if !s.begun {
		s.begun, least = true, t
	}
	if t < least {
		if least-t > restart {
			s.decoder.damage.Add("time_restart", s.decoder.at, t, 1)
			s.shift += least - t
		} else {
			s.decoder.damage.Add("time_backwards", s.decoder.at, t, 1)
		}
		t = least
	}
	s.last = t
	return t
}

// cut moves the events of the first window to the batch, if it is complete or
// has waited enough.
func (s *source) cut(b *pipeline.Batch) bool {
	if len(s.pending) == 0 {
		return false
	}
	window := s.cfg.Window.Microseconds()
	start := floor(s.pending[0].T, window)
	b.Start, b.End = start, start+window
	if s.seq > 0 {
		b.Start = max(start, s.end)
	}
	n := sort.Search(len(s.pending), func(i int) bool { return s.pending[i].T >= b.End })
	if n == len(s.pending) {
		if !s.due && n < maxPending {
			return false
		}
		b.End = s.last + 1 // more of the window may come
	}
	b.Events = append(b.Events, s.pending[:n]...)
	s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	s.end = b.End
	s.wait()
	return true
}

// wait sets the timer for the first pending event.
func (s *source) wait() {
	s.due = false
	if len(s.pending) == 0 {
		s.timer.Stop()
		return
	}
	s.timer.Reset(s.cfg.Window)
}

// Damage is what has been met and dropped so far.
func (s *source) Damage() []pipeline.Damage {
	d := s.decoder.damage.List()
	if s.queue == nil {
		return d
	}
	if n := s.queue.dropped.Load(); n > 0 {
		d = append(d[:len(d):len(d)], pipeline.Damage{Offset: s.decoder.at, Kind: "queue_full", Count: n, FirstUS: s.last, LastUS: s.last})
	}
	return d
}

// Close stops receiving.
func (s *source) Close() error {
	if s.queue == nil || s.closed {
		return nil
	}
	s.closed = true
	s.timer.Stop()
	return s.queue.close()
}

// floor is the largest multiple of step that is not above t.
func floor(t, step int64) int64 {
	r := t % step
	if r < 0 {
		r += step
	}
	return t - r
}

var (
	_ pipeline.Source  = (*source)(nil)
	_ pipeline.Damaged = (*source)(nil)
)

// Peek implements [pipeline.Peeked].
func (s *source) Peek(context.Context) (pipeline.StreamInfo, bool, error) { return s.info(), true, nil }

func (s *source) info() pipeline.StreamInfo {
	return pipeline.StreamInfo{
		Modality: pipeline.EventStream, Format: "udp-" + s.cfg.Protocol, Live: true, Width: s.cfg.Width, Height: s.cfg.Height,
	}
}
