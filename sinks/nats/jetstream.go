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

	"ganglion/internal/sleep"
)

// ackWait is how long acknowledgements may take, once the server has taken the
// messages, before those are sent again, or a third of the deadline where that is
// less: a stream that is removed in between answers nothing. It drops those that
// it has by their identity.
const ackWait = 5 * time.Second

// leastAckWait is longer than the client tries by itself where no stream answers.
const leastAckWait = time.Second

// stream publishes to JetStream. The stream confirms each message once it is
// stored as the stream's configuration demands.
type stream struct {
	*link
	js   jetstream.JetStream
	acks []jetstream.PubAckFuture // of the messages on their way, nil once confirmed
	left []*nats.Msg              // of a publish, nil once settled
	sent map[int]bool             // those that were sent before

	ackWait    time.Duration
	config     jetstream.StreamConfig // to create the stream with
	create     bool
	duplicates uint64
	last       uint64 // highest sequence in the stream of what was stored
	floor      uint64 // of it before the round
	held       uint64 // messages that this sink stored in the stream as it is
	log        *slog.Logger
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
	if errors.Is(err, nats.ErrNoResponders) {
		return nil, fmt.Errorf("stream %q: the server runs without JetStream: %w", want.Stream, err)
	}
	if err != nil {
		return nil, fmt.Errorf("stream %q: %w", want.Stream, err)
	}
	if subject := expand(c.Subject, name, "*"); !slices.ContainsFunc(found.CachedInfo().Config.Subjects,
		func(s string) bool { return covers(s, subject) }) {
		return nil, fmt.Errorf("stream %q does not take %s", want.Stream, subject)
	}
	if window := found.CachedInfo().Config.Duplicates; c.deadline() == 0 || window < c.deadline() {
		log.Warn("nats: a write may be repeated for longer than the stream remembers identities, so detections may be stored twice",
			"stream", want.Stream, "duplicate_window", window, "deadline", c.deadline())
	}
	if limit := found.CachedInfo().Config.MaxMsgSize; limit > 0 && int(limit) < largestRecord {
		return nil, fmt.Errorf("stream %q takes messages of %d bytes at most, a detection may have %d", want.Stream, limit, largestRecord)
	}
	wait := ackWait
	if d := c.deadline(); d > 0 {
		wait = min(wait, max(d/3, leastAckWait))
	}
	return &stream{
		ackWait: wait,
		link:    l, js: js, acks: make([]jetstream.PubAckFuture, c.InFlight), sent: map[int]bool{},
		config: c.streamConfig(), create: want.Create, log: log,
	}, nil
}

func (c Config) streamConfig() jetstream.StreamConfig {
	s := c.JetStream
	config := jetstream.StreamConfig{ // 0 is without limit for the server too
		Name: s.Stream, Subjects: s.Subjects, MaxAge: s.MaxAge, Replicas: s.Replicas, MaxBytes: int64(s.MaxBytes), MaxMsgs: s.MaxMessages,
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
func (s *stream) publish(ctx context.Context, msgs []*nats.Msg) (confirmed int, refused []int, err error) {
	left := append(s.left[:0], msgs...)
	s.left = left
	clear(s.sent)
	var reason error // why messages are left, as long as there is time
	for {
		never, err := s.round(ctx, left)
		refused = append(refused, never...)
		if ctx.Err() == nil {
			reason = err
		}
		open := 0
		for _, m := range left {
			if m != nil {
				open++
			}
		}
		if open == 0 {
			slices.Sort(refused)
			return len(msgs) - len(refused), refused, nil
		}
		if pauseErr := sleep.For(ctx, retryPause); pauseErr != nil {
			slices.Sort(refused)
			return len(msgs) - len(refused) - open, refused, errors.Join(pauseErr, reason)
		}
		if errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, errNoAck) {
			s.restore(ctx)
		}
	}
}

// restore makes a stream that has vanished again, where the configuration says
// so.
func (s *stream) restore(ctx context.Context) {
	once, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	_, err := s.js.Stream(once, s.config.Name)
	if !errors.Is(err, jetstream.ErrStreamNotFound) || !s.create {
		return
	}
	if _, err = s.js.CreateStream(once, s.config); err != nil {
		s.log.Warn("nats: the stream is gone and cannot be created again yet", "stream", s.config.Name, "error", err)
		return
	}
	s.log.Warn("nats: the stream was gone and has been created again; what it held before is lost", "stream", s.config.Name, "count", s.held)
	s.last, s.held = 0, 0
}

// stored notes a message that the stream holds now. From round to round sequences
// only grow, unless the server lost its store, or somebody made the stream again;
// within a round the client sends again, later, what no server answered.
func (s *stream) stored(p *jetstream.PubAck) {
	if p.Sequence <= s.floor {
		s.log.Warn("nats: the stream came back without what it held before, which is lost", "stream", s.config.Name, "count", s.held)
		s.last, s.floor, s.held = 0, 0, 0
	}
	s.last = max(s.last, p.Sequence)
	s.held++
}

// round sends the messages that are left and sets those to nil that the stream
// has confirmed or will never take, and returns the indices of the latter and the first
// error of the others. Nothing is sent again while it may still be on its way:
// acknowledgements are waited for only once the server has taken all bytes.
func (s *stream) round(ctx context.Context, left []*nats.Msg) (refused []int, failure error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	fail := func(err error) {
		if failure == nil {
			failure = err
		}
	}
	s.refusals.begin()
	s.floor = s.last
	before := s.nc.Stats().Reconnects
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
	if err := s.flush(ctx); err != nil {
		fail(err)
	}
	denied := s.refusals.settled(s.nc)
	ctx, cancel := context.WithTimeoutCause(ctx, s.ackWait, errNoAck)
	defer cancel()
	for i, ack := range acks {
		if ack == nil {
			continue
		}
		if denied[left[i].Subject] > 0 {
			left[i] = nil
			refused = append(refused, i)
			continue
		}
		again := s.sent[i]
		s.sent[i] = true
		switch err := s.await(ctx, ack, before, again); {
		case err == nil:
			left[i] = nil
		case final(err):
			left[i] = nil
			refused = append(refused, i)
			s.refusals.refuse(err)
		default:
			fail(err)
		}
	}
	if failure != nil || len(denied) > 0 {
		s.js.CleanupPublisher() // forgets acknowledgements that never came: after so many the client stalls
	}
	return refused, failure
}

var errNoAck = errors.New("no acknowledgement from the stream")

// codeStreamFull is the server's error (JSStreamStoreFailedF) where a stream is full and
// keeps what it has; nats.go has no name for it.
const codeStreamFull jetstream.ErrorCode = 10077

// final reports whether the stream will never take the message.
func final(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode {
		case jetstream.JSErrCodeStreamMessageExceedsMaximum, codeStreamFull:
			return true
		}
	}
	return !transient(err)
}

// await waits for one acknowledgement. One of a message that this process sent
// for the first time and that was stored before is a duplicate.
func (s *stream) await(ctx context.Context, ack jetstream.PubAckFuture, before uint64, again bool) error {
	took := func(p *jetstream.PubAck) {
		switch {
		case !p.Duplicate:
			s.stored(p)
		case !again:
			s.duplicates++
		}
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case p := <-ack.Ok():
			took(p)
			return nil
		case err := <-ack.Err():
			return err
		case <-tick.C:
			if s.nc.Stats().Reconnects == before {
				continue
			}
		case <-ctx.Done():
		}
		select {
		case p := <-ack.Ok(): // it came in the meantime
			took(p)
			return nil
		default:
			if ctx.Err() == nil {
				return errReconnected
			}
			return context.Cause(ctx)
		}
	}
}

func (s *stream) close() {
	s.js.CleanupPublisher()
	s.nc.RemoveStatusListener(s.status)
}
