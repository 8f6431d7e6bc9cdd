package tcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"time"

	"ganglion/internal/listen"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/live"
	"ganglion/sources/recording"
)

// Source receives events over connections, see the package's documentation.
type Source struct {
	cfg     Config
	queue   *queue
	windows *live.Windows
	gyro    recording.Gyro
	damage  pipeline.DamageReport // of windows and gyro
	info    pipeline.StreamInfo
	closed  bool
}

// New returns a source that connects from Open on.
func New(c Config, _ component.Env) *Source { return &Source{cfg: c} }

// Open waits for the first connection, and for what it says of the camera.
func (s *Source) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	s.queue = newQueue(s.cfg)
	if err := s.queue.listen(ctx); err != nil {
		return pipeline.StreamInfo{}, fmt.Errorf("tcp: %w", err)
	}
	s.queue.start()
	var late <-chan time.Time
	if s.cfg.Wait > 0 {
		timer := time.NewTimer(s.cfg.Wait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-s.queue.known:
	case <-late:
		return pipeline.StreamInfo{}, fmt.Errorf("tcp %s: no stream within %v: %w", s.where(), s.cfg.Wait, s.queue.why())
	case <-ctx.Done():
		return pipeline.StreamInfo{}, ctx.Err()
	}
	info := s.queue.info
	if info.Width <= 0 || info.Height <= 0 {
		return pipeline.StreamInfo{}, fmt.Errorf("tcp %s: %s %w", s.where(), info.Format, errSize)
	}
	s.windows = live.NewWindows(s.cfg.Window, info.Width, info.Height, &s.damage)
	s.info = pipeline.StreamInfo{
		Modality: pipeline.EventStream, Format: "tcp-" + info.Format, Live: true, Width: info.Width, Height: info.Height,
	}
	return s.info, nil
}

// where is the address, for messages.
func (s *Source) where() string {
	if s.cfg.Listen != "" {
		return s.cfg.Listen
	}
	return s.cfg.Address
}

// Read fills the batch with the next window that holds events.
func (s *Source) Read(ctx context.Context, b *pipeline.Batch) error {
	for !s.windows.Cut(b) {
		select {
		case p, ok := <-s.queue.full:
			if !ok && s.windows.Empty() {
				return io.EOF
			}
			if !ok {
				s.windows.Hurry()
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
	b.Gyro = s.gyro.Deliver(b.Gyro, b.End)
	return ctx.Err()
}

// take takes in a packet.
func (s *Source) take(p *packet) {
	before := s.windows.Last()
	if !s.windows.Begun() {
		before = math.MinInt64 / 2
	}
	s.windows.Append(p.offset, func(dst []pipeline.Event) []pipeline.Event { return append(dst, p.block.Events...) })
	if n := s.gyro.Take(p.rates); n > 0 {
		s.damage.Add("gyro_full", p.offset, before, uint64(n))
	}
	if !s.windows.Begun() {
		s.gyro.Forget()
		return
	}
	if n := s.gyro.Settle(-s.windows.Shift(), before, s.windows.Last(), math.MinInt64, math.MaxInt64); n > 0 {
		s.damage.Add("gyro_time", p.offset, before, uint64(n))
	}
}

// Damage is what has been met and dropped so far.
func (s *Source) Damage() []pipeline.Damage {
	if s.queue == nil {
		return nil
	}
	return s.queue.report(s.damage.List())
}

// Dropped implements [pipeline.Bounded]: events that found no place in the queue.
func (s *Source) Dropped() uint64 {
	if s.queue == nil {
		return 0
	}
	return s.queue.dropped()
}

// Health implements [pipeline.Healthy]: a sender is connected.
func (s *Source) Health() error {
	if err := s.queue.health(); err != nil {
		return fmt.Errorf("tcp %s: nobody is connected: %w", s.where(), err)
	}
	return nil
}

// Close ends the connection.
func (s *Source) Close() error {
	if s.queue == nil || s.closed {
		return nil
	}
	s.closed = true
	if s.windows != nil {
		s.windows.Stop()
	}
	return s.queue.close()
}

// listenTCP binds an address.
func listenTCP(ctx context.Context, address string) (net.Listener, error) {
	address, err := listen.Address(address)
	if err != nil {
		return nil, err
	}
	var c net.ListenConfig
	return c.Listen(ctx, "tcp", address)
}

var (
	_ pipeline.Source  = (*Source)(nil)
	_ pipeline.Damaged = (*Source)(nil)
	_ pipeline.Bounded = (*Source)(nil)
	_ pipeline.Healthy = (*Source)(nil)

	errNone = errors.New("nobody was there")
)
