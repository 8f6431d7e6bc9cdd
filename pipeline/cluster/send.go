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

// send stores a packet once, however often it is sent: its identity is known
// within the duplicate window, and the expected sequence holds beyond it. A
// server that is away, slow or full is waited for.
func (f *feeder) send(ctx context.Context, p *parcel) (err error) {
	m := nats.NewMsg(f.subject)
	span, end := publishing(ctx, f.Tracer, f.Config.Name+"-in.{partition}.{stream}", f.Key, 1)
	defer func() { end(err) }()
	inject(span, m)
	m.Header.Set("Nats-Msg-Id", f.Key+"/"+f.run+"/"+strconv.FormatUint(p.number, 10))
	m.Header.Set(runHeader, f.run)
	m.Header.Set(numberHeader, strconv.FormatUint(p.number, 10))
	m.Header.Set(timeHeader, strconv.FormatInt(p.end, 10))
	if p.last {
		m.Header.Set(endHeader, "1")
	}
	m.Data = p.data
	began, told := time.Now(), time.Now()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		once, cancel := context.WithTimeout(ctx, sendTime)
		ack, err := f.js.PublishMsg(once, m, jetstream.WithExpectLastSequencePerSubject(f.last), jetstream.WithRetryAttempts(0))
		cancel()
		if err == nil {
			f.last = ack.Sequence
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if lost(err) {
			stored, err := f.stored(ctx, p.number)
			if err != nil {
				return err
			}
			if stored {
				break
			}
			continue
		}
		var api *jetstream.APIError
		if errors.Is(err, nats.ErrMaxPayload) || errors.As(err, &api) && api.ErrorCode == 10054 {
			return fmt.Errorf("packet %d of %d bytes: %w", p.number, len(p.data), err)
		}
		f.Account.wrong.note("sink input", err)
		if time.Since(told) > time.Second {
			told = time.Now()
			f.Log.Warn("the input takes nothing now, waiting", "stream", f.Key, "packet", p.number, "error", err)
		}
		if err := sleep.For(ctx, wait); err != nil {
			return err
		}
	}
	if d := time.Since(began); d > time.Second {
		f.summary.waited += d
	}
	f.Account.wrong.note("sink input", nil)
	f.Account.sent(time.Since(p.at))
	f.summary.Sent, f.summary.Items, f.summary.Bytes = f.summary.Sent+1, f.summary.Items+p.items, f.summary.Bytes+uint64(len(p.data))
	f.summary.Ended = p.last
	if f.Progress != nil {
		f.Progress(f.summary)
	}
	return nil
}

// stored reports whether the packet that somebody was faster with is our own,
// sent before.
func (f *feeder) stored(ctx context.Context, number uint64) (bool, error) {
	once, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	m, err := f.input.GetLastMsgForSubject(once, f.subject)
	if err != nil {
		if ctx.Err() == nil {
			return false, sleep.For(ctx, 100*time.Millisecond) // the next try tells
		}
		return false, err
	}
	if m.Sequence == f.last {
		return false, sleep.For(ctx, 100*time.Millisecond) // an old read
	}
	if m.Header.Get(runHeader) == f.run && m.Header.Get(numberHeader) == strconv.FormatUint(number, 10) {
		f.last = m.Sequence
		return true, nil
	}
	return false, fmt.Errorf("%w: its last packet is number %s of run %s, which is not this feeder's", errSecond,
		m.Header.Get(numberHeader), m.Header.Get(runHeader))
}
