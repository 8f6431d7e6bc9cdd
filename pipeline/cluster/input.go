package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"ganglion/internal/sleep"
	"ganglion/pipeline/packet"
)

// arrival is a packet of a partition as it came from the input stream.
type arrival struct {
	seq    uint64
	key    string
	packet packet.Packet
	came   time.Time
	trace  trace.SpanContext // of the feeder
	bytes  int
	err    error // why it cannot be read: the stream of the key is to be set aside
}

const (
	pullBytes = 2 << 20 // on their way to one partition
	prefetch  = 3       // decoded packets that wait
	// inactive is how long the server keeps a consumer that nobody pulls from.
	inactive = 30 * time.Second
)

// input reads the packets of a partition in their order, without a gap: what the
// server sends is counted by the consumer, and where a number is missing another
// consumer begins behind the last packet that came.
type input struct {
	stream  jetstream.Stream
	subject string
	now     func() time.Time
	made    int64         // when the stream was made, Unix time, ns
	remade  chan struct{} // is closed when it is another one
	out     chan *arrival
	free    chan *arrival
}

func newInput(stream jetstream.Stream, made int64, subject string, now func() time.Time) *input {
	in := &input{stream: stream, made: made, subject: subject, now: now, remade: make(chan struct{}),
		out: make(chan *arrival, prefetch), free: make(chan *arrival, prefetch+2)}
	for range cap(in.free) {
		in.free <- new(arrival)
	}
	return in
}

// start reads from a sequence on until the context ends; wait returns once it
// has stopped.
func (in *input) start(ctx context.Context, from uint64) (wait func()) {
	var g errgroup.Group
	g.Go(func() error { // ends with the context
		for failures := 0; ctx.Err() == nil; failures++ {
			next, err := in.read(ctx, from)
			if next > from {
				failures, from = 0, next
			}
			if errors.Is(err, errRemade) {
				close(in.remade)
				return nil
			}
			if err != nil && ctx.Err() == nil {
				_ = sleep.For(ctx, min(50*time.Millisecond<<min(failures, 5), time.Second))
			}
		}
		return nil
	})
	return func() { _ = g.Wait() }
}

// errRemade means that the input stream is another one than when reading began.
var errRemade = errors.New("the input stream was made again")

var errGap = errors.New("the server has sent packets that did not arrive")

// read reads through one consumer until it fails, and returns the sequence of
// the next packet.
func (in *input) read(ctx context.Context, from uint64) (next uint64, err error) {
	if info, err := in.stream.Info(ctx); err != nil {
		return from, err
	} else if info.Created.UnixNano() != in.made {
		return from, errRemade
	}
	consumer, err := in.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from, FilterSubject: in.subject,
		AckPolicy: jetstream.AckNonePolicy, InactiveThreshold: inactive, MemoryStorage: true, Replicas: 1,
	})
	if err != nil {
		return from, err
	}
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = in.stream.DeleteConsumer(clean, consumer.CachedInfo().Name) // it ends by itself otherwise
	}()
	messages, err := consumer.Messages(jetstream.PullMaxBytes(pullBytes), jetstream.PullExpiry(10*time.Second))
	if err != nil {
		return from, err
	}
	defer messages.Stop()
	var d packet.Decoder
	for came := uint64(1); ; came++ {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return from, err
		}
		meta, err := m.Metadata()
		if err != nil {
			return from, err
		}
		if meta.Sequence.Consumer != came {
			return from, errGap
		}
		var a *arrival
		select {
		case a = <-in.free:
		case <-ctx.Done():
			return from, ctx.Err()
		}
		a.came, a.trace = in.now(), extract(ctx, m.Headers())
		a.seq, a.key, a.bytes = meta.Sequence.Stream, lastToken(m.Subject()), len(m.Data())
		if a.err = d.Decode(m.Data(), &a.packet); a.err != nil {
			a.err = fmt.Errorf("packet at sequence %d: %w", a.seq, a.err)
		}
		select {
		case in.out <- a:
		case <-ctx.Done():
			return from, ctx.Err()
		}
		from = a.seq + 1
	}
}

func lastToken(subject string) string {
	for i := len(subject) - 1; i >= 0; i-- {
		if subject[i] == '.' {
			return subject[i+1:]
		}
	}
	return subject
}
