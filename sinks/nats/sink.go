package nats

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/natsconn"
	"ganglion/sinks/nats/embedded"
)

// Sink publishes detections as messages. It belongs to one goroutine.
type Sink struct {
	cfg      Config
	env      component.Env
	messages *messages
	pace     pace

	refusals *refusals
	probe    *natsconn.Probe
	server   *embedded.Server // nil for an external one
	nc       *nats.Conn
	pub      publisher
}

// New builds the sink; [pipeline.Sink.Open] connects.
func New(cfg Config, env component.Env) (*Sink, error) {
	subjects, err := newSubjects(cfg.Subject, env.Name)
	if err != nil {
		return nil, err
	}
	return &Sink{cfg: cfg, env: env, messages: newMessages(subjects, cfg.InFlight),
		pace: newPace(int64(cfg.InFlightBytes), cfg.deadline())}, nil
}

// Precheck implements [pipeline.Prechecked].
func (s *Sink) Precheck() error {
	if err := s.cfg.Access.Check(); err != nil {
		return err
	}
	j, subject := s.cfg.JetStream, expand(s.cfg.Subject, s.env.Name, "*")
	if j.Stream != "" && j.Create && len(j.Subjects) > 0 &&
		!slices.ContainsFunc(j.Subjects, func(p string) bool { return covers(p, subject) }) {
		return fmt.Errorf("jetstream.subjects: stream %q does not take %s", j.Stream, subject)
	}
	return nil
}

func (s *Sink) Open(ctx context.Context, _ pipeline.StreamMeta) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	if limit := s.nc.MaxPayload(); limit < largestRecord {
		return fmt.Errorf("%s: the server takes messages of %d bytes at most, a detection may have %d", redacted(s.cfg.URL), limit, largestRecord)
	}
	s.probe = natsconn.NewProbe(s.nc)
	l := newLink(s.nc, s.refusals)
	if s.cfg.JetStream.Stream == "" {
		s.pub = newCore(l)
		return nil
	}
	pub, err := openStream(ctx, l, s.cfg, s.env.Name, s.env.Log)
	if err != nil {
		return fmt.Errorf("%s: %w", redacted(s.cfg.URL), err)
	}
	s.pub = pub
	return nil
}

func (s *Sink) connect(ctx context.Context) (err error) {
	if s.cfg.URL != Embedded {
		s.refusals = &refusals{reports: natsconn.NewReports(s.env.Log)}
		until := time.Now().Add(s.cfg.Wait)
		for {
			s.nc, err = natsconn.Connect(ctx, natsconn.Server{
				URL: s.cfg.URL, Name: s.env.Name, Access: s.cfg.Access, Timeout: s.cfg.ConnectTimeout, Log: s.env.Log,
			}, nats.ErrorHandler(s.refusals.note))
			if err == nil || time.Now().After(until) || sleep.For(ctx, startPause) != nil {
				return err
			}
		}
	}
	access, err := embedded.AccessOf(s.cfg.Access)
	if err != nil {
		return err
	}
	s.server, err = embedded.Acquire(embedded.Options{
		Listen: s.cfg.Listen, Access: access, JetStream: s.cfg.JetStream.Stream != "", StoreDir: s.cfg.Store, Log: s.env.Log,
	})
	if err != nil {
		return err
	}
	s.refusals = &refusals{reports: natsconn.NewReports(s.env.Log)}
	s.nc, err = natsconn.Loopback(s.server.URL(), s.env.Name, s.cfg.Access, s.env.Log)
	return err
}

// Write publishes the detections and waits until the server has confirmed
// them, across reconnects as long as the configured timeout allows.
func (s *Sink) Write(ctx context.Context, d []pipeline.Detection) error {
	written, at := 0, 0
	var refused []int
	for at < len(d) {
		n, never, took, err := s.part(ctx, d[at:])
		for _, i := range never {
			refused = append(refused, at+i)
		}
		written, at = written+n, at+took
		if err != nil {
			s.messages.renew()
			return &pipeline.PartialWriteError{Written: written, Refused: refused, Err: fmt.Errorf("%s: %w", redacted(s.cfg.URL), err)}
		}
	}
	if len(refused) > 0 {
		return &pipeline.PartialWriteError{Written: written, Refused: refused, Err: fmt.Errorf("%s: %w: %w", redacted(s.cfg.URL), errRefused,
			s.refusals.why())}
	}
	return nil
}

// errRefused tells of detections that the server will not take.
var errRefused = errors.New("the server refuses detections")

// part publishes as many of the detections as may be on their way at one time.
func (s *Sink) part(ctx context.Context, d []pipeline.Detection) (written int, refused []int, took int, err error) {
	if deadline := s.cfg.deadline(); deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, deadline, fmt.Errorf("not confirmed within %v", deadline))
		defer cancel()
	}
	msgs, cannot := s.messages.build(ctx, d[:min(len(d), s.cfg.InFlight)], s.pace.room)
	began := time.Now()
	written, refused, err = s.pub.publish(ctx, msgs)
	if err == nil {
		s.pace.confirmed(time.Since(began))
	} else {
		s.pace.failed()
	}
	return written, refused, len(msgs), errors.Join(err, cannot)
}

// startPause is the time between two tries to reach a server that is not there
// yet.
const startPause = 250 * time.Millisecond

// largestRecord bounds a detection as a message, headers included, as long as
// its label is no longer than a line: what a stream must take.
const largestRecord = 2048

// Duplicates implements [pipeline.Deduplicating].
func (s *Sink) Duplicates() uint64 {
	if pub, ok := s.pub.(*stream); ok {
		return pub.duplicates
	}
	return 0
}

// Health implements [pipeline.Healthy].
func (s *Sink) Health() error { return s.probe.Health() }

// Link implements [pipeline.Linked].
func (s *Sink) Link() pipeline.Link {
	return pipeline.Link{Connected: s.nc.IsConnected(), Reconnects: s.nc.Stats().Reconnects}
}

// Destination implements [pipeline.Messenger].
func (s *Sink) Destination() (system, template string) {
	return "nats", expand(s.cfg.Subject, s.env.Name, "{kind}")
}

// Close disconnects. Whatever Write reported as delivered has been confirmed,
// so there is nothing left to send; an embedded server that has no other user
// serves its subscribers and ends.
func (s *Sink) Close(ctx context.Context) error {
	if s.probe != nil {
		s.probe.Close()
	}
	if s.pub != nil {
		s.pub.close()
	}
	if s.nc != nil {
		s.nc.Close()
	}
	if s.server != nil {
		return s.server.Release(ctx)
	}
	return nil
}

var _ pipeline.Sink = (*Sink)(nil)
