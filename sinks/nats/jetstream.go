package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ackWait is how long acknowledgements may take before the messages are sent
// again; the stream drops those that it has by their identity.
const ackWait = 2 * time.Second

// stream publishes to JetStream. The stream confirms each message once it is
// stored as the stream's configuration demands.
type stream struct {
	*link
	js   jetstream.JetStream
	acks []jetstream.PubAckFuture // of the messages on their way, nil once confirmed
}

// openStream finds the stream or creates it.
func openStream(ctx context.Context, l *link, c Config, name string, log *slog.Logger) (*stream, error) {
	js, err := jetstream.New(l.nc, jetstream.WithPublishAsyncMaxPending(2*c.InFlight))
	if err != nil {
		return nil, err
	}
	want := c.JetStream
	found, err := js.Stream(ctx, want.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) && want.Create {
		found, err = js.CreateStream(ctx, c.streamConfig())
	}
	if err != nil {
		return nil, fmt.Errorf("stream %q: %w", want.Stream, err)
	}
	if subject := expand(c.Subject, name, "*"); !slices.ContainsFunc(found.CachedInfo().Config.Subjects, func(s string) bool { return covers(s, subject) }) {
		return nil, fmt.Errorf("stream %q does not take %s", want.Stream, subject)
	}
	if window := found.CachedInfo().Config.Duplicates; window < c.Timeout {
		log.Warn("nats: a write may be repeated for longer than the stream remembers identities, so detections may be stored twice",
			"stream", want.Stream, "duplicate_window", window, "timeout", c.Timeout)
	}
	return &stream{link: l, js: js, acks: make([]jetstream.PubAckFuture, c.InFlight)}, nil
}

func (c Config) streamConfig() jetstream.StreamConfig {
	s := c.JetStream
	config := jetstream.StreamConfig{
		Name: s.Stream, Subjects: s.Subjects, MaxAge: s.MaxAge, Replicas: s.Replicas,
		Description: "detections of ganglion",
	}
	if len(config.Subjects) == 0 {
		config.Subjects = []string{expand(c.Subject, "*", "*")}
	}
	if s.Storage == "memory" {
		config.Storage = jetstream.MemoryStorage
	}
	return config
}

// publish sends all messages at once and then again those that were not
// confirmed. Only such a repetition can change their order in the stream.
func (s *stream) publish(ctx context.Context, msgs []*nats.Msg) (int, error) {
	left := make([]*nats.Msg, len(msgs))
	copy(left, msgs)
	var reason error // why messages are left, as long as there is time
	for {
		err := s.round(ctx, left)
		if ctx.Err() == nil {
			reason = err
		}
		confirmed := 0
		for confirmed < len(left) && left[confirmed] == nil {
			confirmed++
		}
		if confirmed == len(left) {
			return confirmed, nil
		}
		if !transient(err) {
			return confirmed, err
		}
		if pauseErr := pause(ctx, retryPause); pauseErr != nil {
			return confirmed, errors.Join(pauseErr, reason)
		}
	}
}

// round sends the messages that are left and sets those to nil that the stream
// has confirmed. It returns the first error of the others.
func (s *stream) round(ctx context.Context, left []*nats.Msg) (failure error) {
	if err := s.wait(ctx); err != nil {
		return err
	}
	fail := func(err error) {
		if failure == nil {
			failure = err
		}
	}
	acks := s.acks[:len(left)]
	for i, m := range left {
		acks[i] = nil
		if m == nil {
			continue
		}
		ack, err := s.js.PublishMsgAsync(m)
		if err != nil {
			fail(err)
			continue
		}
		acks[i] = ack
	}
	ctx, cancel := context.WithTimeoutCause(ctx, ackWait, errNoAck)
	defer cancel()
	for i, ack := range acks {
		if ack == nil {
			continue
		}
		if err := s.await(ctx, ack); err != nil {
			fail(err)
			continue
		}
		left[i] = nil
	}
	if failure != nil {
		s.js.CleanupPublisher() // forgets acknowledgements that never came
	}
	return failure
}

var errNoAck = errors.New("no acknowledgement from the stream")

// await waits for one acknowledgement.
func (s *stream) await(ctx context.Context, ack jetstream.PubAckFuture) error {
	select {
	case <-ack.Ok():
		return nil
	case err := <-ack.Err():
		return err
	case <-ctx.Done():
	}
	select {
	case <-ack.Ok(): // it came in the meantime
		return nil
	default:
		return context.Cause(ctx)
	}
}

func (s *stream) close() {
	s.js.CleanupPublisher()
	s.nc.RemoveStatusListener(s.status)
}
