package cluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
)

// Headers of a packet, for who looks at the stream without decoding it.
const (
	runHeader    = "Ganglion-Feed-Run"
	numberHeader = "Ganglion-Packet"
	timeHeader   = "Ganglion-Time-US" // end of the packet's window, sensor time
	endHeader    = "Ganglion-End"     // set where the run ends
)

// Feed is one stream that is fed into the input.
type Feed struct {
	Config   Config
	Key      string
	Source   pipeline.Source
	Identity checkpoint.Identity // of the source, for the name of the run
	Conn     *nats.Conn
	Log      *slog.Logger
	Now      func() time.Time
	Progress func(sent FeedSummary)
	Account  *Account     // for whoever shows it; nil: nobody
	Tracer   trace.Tracer // nil traces nothing
}

// FeedSummary is the account of a feed. Packets read = sent + there + dropped.
type FeedSummary struct {
	Key       string            `json:"key"`
	Run       string            `json:"run"`
	Partition int               `json:"partition"`
	Sent      uint64            `json:"packets_sent"`
	Items     uint64            `json:"items_sent"` // events or samples
	Bytes     uint64            `json:"bytes_sent"`
	There     uint64            `json:"packets_there"` // that the input held before
	Dropped   uint64            `json:"packets_dropped,omitempty"`
	LeftOut   uint64            `json:"left_out,omitempty"` // events or samples that a live source dropped before they were read
	Damage    []pipeline.Damage `json:"damage,omitempty"`   // of the input
	Waited    string            `json:"waited,omitempty"`   // for servers that were away, slow or full
	Ended     bool              `json:"ended"`              // the run's last packet is stored

	waited time.Duration
}

// feeder is a feed that runs.
type feeder struct {
	Feed
	js      jetstream.JetStream
	batches committer
	input   jetstream.Stream
	subject string

	run     string
	next    uint64 // number of the next packet
	last    uint64 // sequence of the stream's last message
	resume  int64  // sensor time up to which everything is stored
	summary FeedSummary
	spool   *spool // nil: packets wait in memory
}

// errEnded is what is wrong with a feed that is over.
var errEnded = errors.New("has come to its end")

// errSecond means that somebody else feeds the stream.
var errSecond = errors.New("another feeder sends to this stream")

// Run feeds the stream until it ends or the context does. A recording that was
// fed in part is resumed behind its last stored packet. The source is closed.
func (f Feed) Run(ctx context.Context) (FeedSummary, error) {
	s := &feeder{Feed: f, subject: f.Config.inputSubject(f.Key), resume: math.MinInt64}
	s.summary.Key, s.summary.Partition = f.Key, f.Config.partitionOf(f.Key)
	if s.Account == nil {
		s.Account = NewAccount(f.Key, f.Conn, f.Now, nil)
	}
	err := s.feed(ctx)
	s.Account.wrong.note("pipeline", cmp.Or(err, errEnded))
	account := s.Account.Summary()
	s.summary.LeftOut, s.summary.Damage = account.Input.LeftOut, account.Input.Damage
	if cerr := f.Source.Close(); cerr != nil {
		err = errors.Join(err, fmt.Errorf("source: close: %w", cerr))
	}
	if err != nil {
		err = fmt.Errorf("stream %q: %w", f.Key, err)
	}
	s.summary.Waited = ""
	if s.summary.waited > 0 {
		s.summary.Waited = s.summary.waited.Round(time.Millisecond).String()
	}
	return s.summary, err
}

func (f *feeder) feed(ctx context.Context) (err error) {
	if err := CheckKey(f.Key); err != nil {
		return err
	}
	info, err := f.Source.Open(ctx)
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	if f.js, err = jetstream.New(f.Conn); err != nil {
		return err
	}
	if f.input, err = f.js.Stream(ctx, f.Config.inputStream()); err != nil {
		return fmt.Errorf("stream %q: %w", f.Config.inputStream(), err)
	}
	f.batches = committer{nc: f.Conn, timeout: sendTime}
	f.name(info)
	f.Account.opened(f.Source, info)
	f.Account.wrong.note("pipeline", nil)
	if done, err := f.find(ctx); err != nil || done {
		return err
	}
	if f.next > 0 {
		f.Log.Info("the stream is resumed", "stream", f.Key, "run", f.run, "packet", f.next, "at_us", f.resume)
		if r, ok := f.Source.(pipeline.Resumable); ok {
			if err := r.Resume(ctx, f.resume); err != nil {
				return fmt.Errorf("source: resume at %d µs: %w", f.resume, err)
			}
		}
	}
	if c := f.Config.Spool; info.Live && !info.Waits && c.Dir != "" {
		if f.spool, err = openSpool(c.Dir, f.Key, int64(c.Bytes)); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.spool.close()) }()
	}
	return f.carry(ctx, info)
}

// name gives the run its name: that of the content where it can be replayed, so
// that a feeder that is started again knows its own packets.
func (f *feeder) name(info pipeline.StreamInfo) {
	if info.Content != "" && !info.Live {
		id := append(checkpoint.Identity{}, f.Identity...)
		id.Add("key", f.Key)
		id.Add("content", info.Content)
		f.run = digest(id)
	} else {
		var random [8]byte
		_, _ = rand.Read(random[:]) // never fails
		f.run = hex.EncodeToString(random[:])
	}
	f.summary.Run = f.run
}

// find looks which packet of the stream is the last one, and reports whether the
// whole run is there.
func (f *feeder) find(ctx context.Context) (done bool, err error) {
	m, err := f.input.GetLastMsgForSubject(ctx, f.subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("last packet: %w", err)
	}
	f.last = m.Sequence
	if m.Header.Get(runHeader) != f.run {
		return false, nil
	}
	number, err := strconv.ParseUint(m.Header.Get(numberHeader), 10, 64)
	if err != nil {
		return false, fmt.Errorf("last packet: %w", err)
	}
	if f.resume, err = strconv.ParseInt(m.Header.Get(timeHeader), 10, 64); err != nil {
		return false, fmt.Errorf("last packet: %w", err)
	}
	f.next, f.summary.There = number+1, number+1
	if m.Header.Get(endHeader) != "" {
		f.summary.Ended = true
		return true, nil
	}
	return false, nil
}

// parcel is an encoded packet on its way.
type parcel struct {
	number uint64
	end    int64
	items  uint64
	last   bool
	data   []byte
	at     time.Time // when it was made
}

// waiting is how many packets may wait between the source and the server.
const waiting = 16

// carry reads in one goroutine and sends in another. A recording waits for the
// server; of a live stream that cannot wait, packets wait on disk if that is
// configured, and what finds no place is dropped and counted.
func (f *feeder) carry(ctx context.Context, info pipeline.StreamInfo) (err error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	sending, over := context.WithCancel(context.WithoutCancel(ctx))
	defer over()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, over) })()
	c := cutter{f: f, info: info, run: f.run, next: f.next, from: f.resume, drops: info.Live && !info.Waits}
	var g errgroup.Group
	if f.spool != nil {
		g.Go(func() error {
			defer f.spool.end()
			return c.read(reading, f.keep(&c))
		})
		g.Go(func() error {
			err := f.sendKept(sending)
			if err != nil {
				stop()
			}
			return err
		})
	} else {
		queue, free := make(chan *parcel, waiting), make(chan *parcel, waiting)
		for range cap(free) {
			free <- new(parcel)
		}
		g.Go(func() error {
			defer close(queue)
			return c.read(reading, c.enqueue(queue, free))
		})
		g.Go(func() (failure error) {
			for ps := range together(queue) {
				if failure == nil {
					if failure = f.send(sending, ps); failure != nil {
						stop()
					}
				}
				for _, p := range ps {
					free <- p
				}
			}
			return unless(sending, failure)
		})
	}
	err = g.Wait()
	f.summary.Dropped = c.dropped
	return err
}

// together yields the packets that wait in the queue, as many as are there.
func together(queue <-chan *parcel) iter.Seq[[]*parcel] {
	return func(yield func([]*parcel) bool) {
		var ps []*parcel
		for first := range queue {
			ps = append(ps[:0], first)
			for size, more := len(first.data), true; more && size < batchBytes; {
				select {
				case p, ok := <-queue:
					if more = ok; ok {
						ps, size = append(ps, p), size+len(p.data)
					}
				default:
					more = false
				}
			}
			if !yield(ps) {
				return
			}
		}
	}
}

// keep puts packets on disk.
func (f *feeder) keep(c *cutter) func(context.Context) error {
	var p parcel
	return func(context.Context) error {
		if err := c.encode(&p); err != nil {
			return err
		}
		kept, err := f.spool.put(c.run, &p)
		f.Account.wrong.note("spool", err) // a full disk costs packets and does not end the stream
		c.taken(kept, err)
		return nil
	}
}

// sendKept sends what is on disk, that of earlier runs first, until the spool
// ends or the context does.
func (f *feeder) sendKept(ctx context.Context) error {
	var p parcel
	mine := f.run
	run := mine
	for {
		of, err := f.spool.take(ctx, &p)
		if errors.Is(err, io.EOF) || err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if of != run {
			run, f.run = of, of
			if err := f.again(ctx); err != nil {
				return unless(ctx, err)
			}
		}
		if p.number >= f.next || of == mine {
			if err := f.send(ctx, []*parcel{&p}); err != nil {
				return unless(ctx, err)
			}
		}
	}
}

// again finds how much of another run is stored, however long the server is
// away.
func (f *feeder) again(ctx context.Context) error {
	for {
		f.next = 0
		there := f.summary.There // that of earlier runs is not of this one
		once, cancel := context.WithTimeout(ctx, sendTime)
		_, err := f.find(once)
		cancel()
		f.summary.There = there
		if err == nil {
			return nil
		}
		f.Log.Warn("the server does not answer, waiting", "stream", f.Key, "error", err)
		if err := sleep.For(ctx, time.Second); err != nil {
			return err
		}
	}
}
