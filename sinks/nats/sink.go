package nats

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/natsconn"
	"ganglion/sinks/nats/embedded"
)

type sink struct {
	cfg      Config
	env      component.Env
	messages *messages

	server *embedded.Server // nil for an external one
	nc     *nats.Conn
	pub    publisher
}

// New builds the sink; [pipeline.Sink.Open] connects.
func New(cfg Config, env component.Env) (pipeline.Sink, error) {
	return newSink(cfg, env)
}

func newSink(cfg Config, env component.Env) (*sink, error) {
	subjects, err := newSubjects(cfg.Subject, env.Name)
	if err != nil {
		return nil, err
	}
	return &sink{cfg: cfg, env: env, messages: newMessages(subjects, cfg.InFlight)}, nil
}

func (s *sink) Open(ctx context.Context, _ pipeline.StreamMeta) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	l := newLink(s.nc)
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

func (s *sink) connect(ctx context.Context) (err error) {
	if s.cfg.URL != Embedded {
		s.nc, err = natsconn.Connect(ctx, natsconn.Server{
			URL: s.cfg.URL, Name: s.env.Name, Access: s.cfg.Access, Timeout: s.cfg.ConnectTimeout, Log: s.env.Log,
		})
		return err
	}
	s.server, err = embedded.Acquire(embedded.Options{
		Listen: s.cfg.Listen, JetStream: s.cfg.JetStream.Stream != "", StoreDir: s.cfg.Store, Log: s.env.Log,
	})
	if err != nil {
		return err
	}
	s.nc, err = natsconn.Loopback(s.server.URL(), s.env.Name, s.env.Log)
	return err
}

// Write publishes the detections and waits until the server has confirmed
// them, across reconnects as long as the configured timeout allows.
func (s *sink) Write(ctx context.Context, d []pipeline.Detection) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.Timeout, fmt.Errorf("not confirmed within %v", s.cfg.Timeout))
	defer cancel()
	written := 0
	for part := range slices.Chunk(d, s.cfg.InFlight) {
		msgs, buildErr := s.messages.build(ctx, part)
		n, err := s.pub.publish(ctx, msgs)
		written += n
		if err = errors.Join(err, buildErr); err != nil {
			s.messages.renew()
			return &pipeline.PartialWriteError{Written: written, Err: fmt.Errorf("%s: %w", redacted(s.cfg.URL), err)}
		}
	}
	return nil
}

// Close disconnects. Whatever Write reported as delivered has been confirmed,
// so there is nothing left to send; an embedded server that has no other user
// serves its subscribers and ends.
func (s *sink) Close(ctx context.Context) error {
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

var _ pipeline.Sink = (*sink)(nil)
