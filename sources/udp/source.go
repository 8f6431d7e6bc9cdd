package udp

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"ganglion/internal/listen"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/live"
)

// source receives a stream of events, see the package's documentation.
type source struct {
	cfg    config
	now    func() time.Time
	listen func(ctx context.Context, address string) (net.PacketConn, error)

	queue   *queue
	closed  bool
	decoder decoder
	windows *live.Windows
}

// socketRoom is what is asked for from the operating system, bytes.
const socketRoom = 4 << 20

// newSource returns a source that listens from Open on.
func newSource(c config, env component.Env) *source {
	addresses, _ := c.addresses() // Validate has seen to it
	return &source{cfg: c, now: env.Now, listen: listenUDP, decoder: decoder{height: c.Height, chip: addresses, sequence: c.Sequence}}
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
	s.windows = live.NewWindows(s.cfg.Window, s.cfg.Width, s.cfg.Height, &s.decoder.damage)
	return s.info(), nil
}

// Read fills the batch with the next window that holds events.
func (s *source) Read(ctx context.Context, b *pipeline.Batch) error {
	for !s.windows.Cut(b) {
		select {
		case p, ok := <-s.queue.full:
			if !ok && s.windows.Empty() {
				return s.stopped()
			}
			if !ok {
				s.windows.Hurry() // deliver what has come
				continue
			}
			s.take(p)
			s.queue.free <- p
		case <-s.windows.Waited():
			s.windows.Hurry()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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
	s.windows.Append(s.decoder.at, func(dst []pipeline.Event) []pipeline.Event {
		return s.decoder.events(s.cfg.Protocol, dst, p.b, p.arrived.UnixMicro())
	})
	s.decoder.at += int64(len(p.b))
}

// Damage is what has been met and dropped so far.
func (s *source) Damage() []pipeline.Damage {
	d := s.decoder.damage.List()
	if s.queue == nil {
		return d
	}
	if n := s.queue.dropped.Load(); n > 0 {
		last := s.windows.Last()
		d = append(d[:len(d):len(d)], pipeline.Damage{Offset: s.decoder.at, Kind: "queue_full", Count: n, FirstUS: last, LastUS: last})
	}
	return d
}

// Close stops receiving.
func (s *source) Close() error {
	if s.queue == nil || s.closed {
		return nil
	}
	s.closed = true
	s.windows.Stop()
	return s.queue.close()
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
