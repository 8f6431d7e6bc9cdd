package udp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
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
	log    *slog.Logger
	listen func(ctx context.Context, address string) (net.PacketConn, error)

	queue   *queue
	overrun *listen.Overrun
	closed  bool
	decoder decoder
	windows *live.Windows
	damage  []pipeline.Damage // as it was told last
}

// socketRoom is what is asked for from the operating system, bytes.
const socketRoom = 4 << 20

// newSource returns a source that listens from Open on.
func newSource(c config, env component.Env) *source {
	addresses, _ := c.addresses() // Validate has seen to it
	return &source{cfg: c, now: env.Now, log: env.Log, listen: listenUDP,
		decoder: decoder{height: c.Height, chip: addresses, sequence: c.Sequence}}
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
	if s.overrun = listen.NewOverrun(conn); !s.overrun.Known() {
		s.log.Info("udp: what this system drops at its socket is not known here", "address", s.cfg.Listen)
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
		return s.decoder.events(s.cfg.Protocol, dst, p.b, p.arrived)
	})
	s.decoder.at += int64(len(p.b))
}

// Damage is what has been met and dropped so far. The slice is reused.
func (s *source) Damage() []pipeline.Damage {
	if s.queue == nil {
		return nil
	}
	s.damage = append(s.damage[:0], s.decoder.damage.List()...)
	for _, lost := range []pipeline.Damage{
		{Kind: "queue_full", Count: s.Dropped()}, {Kind: pipeline.SocketOverrun, Count: s.overrun.Total()},
	} {
		if lost.Count > 0 {
			lost.Offset, lost.FirstUS, lost.LastUS = s.decoder.at, s.windows.Last(), s.windows.Last()
			s.damage = append(s.damage, lost)
		}
	}
	return s.damage
}

// Dropped implements [pipeline.Bounded]: events that found no place in the queue.
func (s *source) Dropped() uint64 {
	if s.queue == nil {
		return 0
	}
	return s.queue.dropped.Load()
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
	_ pipeline.Bounded = (*source)(nil)
)

// Peek implements [pipeline.Peeked].
func (s *source) Peek(context.Context) (pipeline.StreamInfo, bool, error) { return s.info(), true, nil }

func (s *source) info() pipeline.StreamInfo {
	return pipeline.StreamInfo{
		Modality: pipeline.EventStream, Format: "udp-" + s.cfg.Protocol, Live: true, Width: s.cfg.Width, Height: s.cfg.Height,
	}
}
