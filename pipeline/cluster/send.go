package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/internal/sleep"
)

// drainTime is how long packets that were read may still be sent once the feed
// is stopped.
const drainTime = 3 * time.Second

// sendTime is how long one try of a packet may take.
const sendTime = 5 * time.Second

// send stores packets once, however often they are sent: their identities are known
// within the duplicate window, and the expected sequence holds beyond it. A server
// that is away, slow or full is waited for.
//
// The sequence that a packet expects is in the answer to the one before it, so that
// single packets take a round trip each. Several go as one atomic batch, of which
// the first expects the sequence: all are stored behind each other or none is. What
// is refused as a batch is tried one at a time.
func (f *feeder) send(ctx context.Context, ps []*parcel) error {
	began, told := time.Now(), time.Now()
	single := false
	for wait := 20 * time.Millisecond; len(ps) > 0; {
		n := len(ps)
		if single {
			n = 1
		}
		err := f.publish(ctx, ps[:n])
		if err == nil {
			f.Account.wrong.note("sink input", nil)
			f.sent(ps[:n], began)
			ps, wait = ps[n:], 20*time.Millisecond
			began = time.Now()
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if lost(err) {
			n, err := f.stored(ctx, ps)
			if err != nil {
				return err
			}
			f.sent(ps[:n], began)
			ps = ps[n:]
			continue
		}
		if n > 1 { // it may be that nothing but the batch is refused
			single = true
			continue
		}
		var api *jetstream.APIError
		if p := ps[0]; errors.Is(err, nats.ErrMaxPayload) || errors.As(err, &api) &&
			api.ErrorCode == jetstream.JSErrCodeStreamMessageExceedsMaximum {
			return fmt.Errorf("packet %d of %d bytes: %w", p.number, len(p.data), err)
		}
		f.Account.wrong.note("sink input", err)
		if time.Since(told) > time.Second {
			told = time.Now()
			f.Log.Warn("the input takes nothing now, waiting", "stream", f.Key, "packet", ps[0].number, "error", err)
		}
		if err := sleep.For(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, 2*time.Second)
	}
	return nil
}

// publish tries once to store packets behind the last one.
func (f *feeder) publish(ctx context.Context, ps []*parcel) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	span, end := publishing(ctx, f.Tracer, f.Config.Name+"-in.{partition}.{stream}", f.Key, len(ps))
	defer func() { end(err) }()
	messages := make([]*nats.Msg, len(ps))
	for i, p := range ps {
		m := message(f.subject, p.data)
		inject(span, m)
		m.Header.Set("Nats-Msg-Id", f.Key+"/"+f.run+"/"+strconv.FormatUint(p.number, 10))
		m.Header.Set(runHeader, f.run)
		m.Header.Set(numberHeader, strconv.FormatUint(p.number, 10))
		m.Header.Set(timeHeader, strconv.FormatInt(p.end, 10))
		if p.last {
			m.Header.Set(endHeader, "1")
		}
		messages[i] = m
	}
	if len(ps) > 1 {
		seq, err := f.batches.commit(ctx, messages, 0, f.last)
		if err == nil {
			f.last = seq
		}
		return err
	}
	ack, err := f.js.PublishMsg(ctx, messages[0], jetstream.WithExpectLastSequencePerSubject(f.last), jetstream.WithRetryAttempts(0))
	if err == nil {
		f.last = ack.Sequence
	}
	return err
}

// sent takes packets into the account.
func (f *feeder) sent(ps []*parcel, began time.Time) {
	if d := time.Since(began); d > time.Second {
		f.summary.waited += d
	}
	for _, p := range ps {
		f.Account.sent(time.Since(p.at))
		f.summary.Sent, f.summary.Items, f.summary.Bytes = f.summary.Sent+1, f.summary.Items+p.items, f.summary.Bytes+uint64(len(p.data))
		f.summary.Ended = p.last
		if f.Progress != nil {
			f.Progress(f.summary)
		}
	}
}

// stored counts how many of the packets that somebody was faster with are our own,
// sent before.
func (f *feeder) stored(ctx context.Context, ps []*parcel) (int, error) {
	once, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	m, err := f.input.GetLastMsgForSubject(once, f.subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) && f.last > 0 { // if that is an old read, the next try is refused too
		f.Log.Warn("the input holds nothing of the stream any more: what no worker had processed is lost", "stream", f.Key,
			"packet", ps[0].number)
		f.last = 0
		return 0, nil
	}
	if err != nil {
		if ctx.Err() == nil {
			return 0, sleep.For(ctx, 100*time.Millisecond) // the next try tells
		}
		return 0, err
	}
	if m.Sequence == f.last {
		return 0, sleep.For(ctx, 100*time.Millisecond) // an old read
	}
	for i, p := range ps {
		if m.Header.Get(runHeader) == f.run && m.Header.Get(numberHeader) == strconv.FormatUint(p.number, 10) {
			f.last = m.Sequence
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("%w: its last packet is number %s of run %s, which is not this feeder's", errSecond,
		m.Header.Get(numberHeader), m.Header.Get(runHeader))
}
