package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/trace"

	"ganglion/pipeline"
)

// partition is a partition while one worker owns it. One goroutine serves it.
//
// The worker reads the checkpoint and commits it again with its own name: from
// then on no commit of an earlier owner passes, because it expects an older
// sequence. It restores each stream's state, reads the input from the oldest
// state on, and hands on detections from the committed position on. Detections,
// states and the checkpoint are committed together.
type partition struct {
	*Worker
	n    int
	name string // what its troubles are noted under
	log  *slog.Logger

	last   uint64    // sequence of the checkpoint
	since  time.Time // when the one that was read was stored, by a server's clock
	record *record
	lanes  map[laneKey]*lane
	order  []*lane

	pending []*nats.Msg // detections
	bytes   int
	oldest  time.Time   // when the first of them came
	moved   time.Time   // when the first packet came that is not committed; zero: none
	trying  *trying     // the packet that is being processed, where workers have died
	suspect *trying     // the packet at which the last one died, until its turn comes again
	watch   *time.Timer // over the packet that is being processed
	careful int         // so many new packets are processed one at a time, because workers died here
	caught  bool        // every pipeline has seen the input up to the position
	began   time.Time
	begun   bool // a packet that is new to the partition was committed

	from    string // the worker that hands it over to this one; empty: none does
	in      *input // nil: it is not read yet
	unread  func() // ends that
	reading context.Context
	ahead   *arrival // that came while it was prepared

	keeping  <-chan *keeping // tells the states that are being kept; nil: none are
	packing  sync.WaitGroup  // of the goroutine that packs them
	leaving  time.Time       // when this worker began to hand the partition over
	turned   func()          // lets the next partition begin with that
	offered  time.Time       // when it had kept every state and asked the next one to come
	settling bool            // it waits for nobody

	tallies map[*Pipeline]*tally // what is not committed
	traced  trace.SpanContext    // of the first sampled packet in it that detected something

	packer   *zstd.Encoder // of states
	unpacker *zstd.Decoder

	copied pipeline.Batch // for a second pipeline
	states []byte
	packed []byte
	trim   trimmer
}

type laneKey struct{ pipeline, key string }

// Workers die for many reasons; so many without progress are suspicious, and so
// many at one packet, each while it was processed, are its fault.
const (
	suspicious = 3
	deadly     = 5
	careful    = 200 // packets
)

// serve works on the partition until its holding is drained, which ends it with
// everything committed and handed over, or until it fails.
func (p *partition) serve(ctx context.Context, h *holding) error {
	defer p.rest()
	if err := p.claim(ctx); err != nil {
		return err
	}
	if err := p.sweep(ctx); err != nil {
		return err
	}
	if p.in == nil {
		p.read(ctx)
	}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var turn chan<- struct{} // takes what begins to hand over; nil: not asked for yet
	drain := h.drain
	if a := p.ahead; a != nil {
		if err := p.take(ctx, a); err != nil {
			return err
		}
		p.ahead = nil
		p.in.free <- a
	}
	for {
		if err := p.keep(p.reading); err != nil {
			return err
		}
		if over, err := p.handOver(ctx, h); over || err != nil {
			return err
		}
		timer.Reset(p.sleep())
		select {
		case a := <-p.in.out:
			if err := p.take(ctx, a); err != nil {
				return err
			}
			p.in.free <- a
		case <-p.in.remade:
			return errRemade
		case k := <-p.keeping:
			if err := p.store(ctx, k); err != nil {
				return err
			}
		case <-timer.C:
		case <-drain:
			drain, turn = nil, p.turns
		case turn <- struct{}{}:
			p.turned = sync.OnceFunc(func() { <-p.turns })
			defer p.turned()
			p.leaving, turn = p.now(), nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if wake, ok := p.wake(); ok && !p.now().Before(wake) {
			if err := p.commit(ctx); err != nil {
				return err
			}
		}
		if at, ok := p.trim.due(p.trimEvery); ok && !p.now().Before(at) {
			p.trim.begin(ctx, p)
		}
	}
}

// sleep is how long nothing is to be done unless a packet comes.
func (p *partition) sleep() time.Duration {
	now, d := p.now(), time.Hour
	if at, ok := p.wake(); ok {
		d = at.Sub(now)
	}
	if at, ok := p.due(); ok {
		d = min(d, at.Sub(now))
	}
	if at, ok := p.trim.due(p.trimEvery); ok {
		d = min(d, at.Sub(now))
	}
	if !p.offered.IsZero() {
		d = min(d, lookEvery)
	}
	return max(d, 0)
}

// quiet is how long progress without detections may wait for a commit.
const quiet = time.Second

// wake is when the next commit is due, if one is.
func (p *partition) wake() (at time.Time, ok bool) {
	earlier := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	if len(p.pending) > 0 {
		earlier(p.oldest.Add(p.cfg.Commit))
	}
	if !p.moved.IsZero() {
		earlier(p.moved.Add(max(p.cfg.Commit, quiet)))
		if !p.begun && p.record.Deaths == 0 { // after a hand-over; progress would make deaths be forgotten
			earlier(p.moved)
		}
	}
	return at, ok
}

// begin is the sequence of the first packet that anything needs.
func (p *partition) begin() uint64 {
	from := p.record.Position + 1
	p.caught = true
	for _, l := range p.order {
		if l.track.Aside == "" && (l.track.State.Seq < l.track.Seq || l.resumed) {
			from = min(from, l.track.needs())
		}
	}
	for _, known := range p.pipelines {
		if !slices.Contains(p.record.Pipelines, known.Name) {
			p.caught, from = p.record.Position == 0, 1 // it has seen nothing yet
		}
	}
	return from
}

// take processes a packet in every pipeline that takes its stream.
func (p *partition) take(ctx context.Context, a *arrival) error {
	first, fresh := true, false // nothing has taken its memory; it is processed for the first time
	for _, pl := range p.pipelines {
		if !pl.Config.Takes(pl.Name, a.key) {
			continue
		}
		l := p.lane(pl, a)
		if !l.wants(a.seq) {
			continue
		}
		fresh = fresh || a.seq > l.again
		if err := p.state(ctx, l); missing(err) {
			p.lose(l, err)
			continue
		} else if err != nil {
			return err
		}
		if err := p.try(ctx, l, a.seq); err != nil {
			return err
		}
		b := &a.packet.Batch
		if !first { // the first has taken the memory
			b = &p.copied
		} else if p.another(pl, a.key) {
			p.copied.Window, p.copied.FrameIndex = b.Window, b.FrameIndex
			p.copied.Events, p.copied.PCM = append(p.copied.Events[:0], b.Events...), append(p.copied.PCM[:0], b.PCM...)
			p.copied.Gyro = append(p.copied.Gyro[:0], b.Gyro...)
		}
		first = false
		err := a.err
		if err == nil {
			p.watch = p.watched(l, a)
			err = p.process(ctx, l, a, b)
			p.watch.Stop()
		} else {
			err = &streamError{err}
		}
		if bad, ok := errors.AsType[*streamError](err); ok && ctx.Err() == nil {
			p.log.Error("a stream is set aside", "stream", a.key, "pipeline", pl.Name, "packet", a.packet.Number, "error", bad.error)
			l.setAside(fmt.Sprintf("packet %d: %v", a.packet.Number, bad.error))
		} else if err != nil {
			return err
		}
		p.trying = nil
	}
	p.caught = p.caught || a.seq >= p.record.Position
	if a.seq > p.record.Position {
		p.record.Position = a.seq
		if p.moved.IsZero() {
			p.moved = p.now()
		}
	}
	if p.careful == 0 {
		return nil
	}
	if fresh { // a long way may lie between the states and where workers die
		p.careful--
	}
	return p.commit(ctx)
}

// process processes a packet in one pipeline.
func (p *partition) process(ctx context.Context, l *lane, a *arrival, b *pipeline.Batch) error {
	before, items, long := l.track.Packets, l.track.Items, b.End-b.Start
	ctx, end := processing(ctx, p.tracer, l.track.Pipeline, a)
	defer end()
	err := l.process(ctx, a, b)
	if l.track.Packets > before {
		t := p.tally(l)
		t.packets, t.items, t.sensorUS = t.packets+1, t.items+l.track.Items-items, t.sensorUS+long
		t.came = append(t.came, a.came)
	}
	return err
}

// watched tells the worker when a packet takes too long.
func (p *partition) watched(l *lane, a *arrival) *time.Timer {
	name, key, number, seq := l.track.Pipeline, l.track.Key, a.packet.Number, a.seq
	return time.AfterFunc(p.cfg.Stuck, func() {
		p.end(fmt.Errorf("%w: packet %d of stream %q (sequence %d) is not through pipeline %q after %v",
			errStuck, number, key, seq, name, p.cfg.Stuck))
	})
}

// another reports whether a later pipeline takes the stream too.
func (p *partition) another(pl *Pipeline, key string) bool {
	after := false
	for _, other := range p.pipelines {
		if after && other.Config.Takes(other.Name, key) {
			return true
		}
		after = after || other == pl
	}
	return false
}

// lane is the stream of a packet in a pipeline; a stream that is met for the
// first time begins with the packet.
func (p *partition) lane(pl *Pipeline, a *arrival) *lane {
	key := laneKey{pl.Name, a.key}
	l := p.lanes[key]
	if l == nil {
		l = p.newLane(pl)
		l.restored(track{Pipeline: pl.Name, Key: a.key, State: stateRef{Seq: a.seq - 1}})
		p.lanes[key] = l
		p.order = append(p.order, l)
	}
	return l
}

func (p *partition) newLane(pl *Pipeline) *lane {
	return &lane{pipeline: pl, rollout: p.cfg.Rollout, now: p.now, found: p.found, parts: p.cfg.Parts != ""}
}

// found puts detections into the next commit, or into several where they are
// many: the checkpoint then says how many of the packet's are stored.
func (p *partition) found(ctx context.Context, l *lane, ds []pipeline.Detection) error {
	subject := p.cfg.detectionSubject(p.n, l.track.Pipeline, l.track.Key)
	if !p.traced.IsSampled() {
		p.traced = trace.SpanContextFromContext(ctx)
	}
	for i := range ds {
		d := &ds[i]
		m := message(subject+string(d.Kind), d.AppendJSON(nil))
		inject(ctx, m)
		p.tally(l).kinds[d.Kind]++
		if len(p.pending) == 0 {
			p.oldest = p.now()
		}
		p.pending, p.bytes = append(p.pending, age(m, p.cfg.Detections.Age)), p.bytes+len(m.Data)
		l.track.Next = d.Seq + 1
		l.track.Detections++
		if len(p.pending) >= batchMessages/2 || p.bytes >= batchBytes/2 {
			p.watch.Stop() // servers may be slow for as long as they like
			if err := p.commit(ctx); err != nil {
				return err
			}
			p.watch.Reset(p.cfg.Stuck)
		}
	}
	return nil
}

// try notes which packet is about to be processed, where workers have died. What
// comes before a suspect, such as packets that are processed again because the
// last state is older, is not noted: it has been passed before.
func (p *partition) try(ctx context.Context, l *lane, seq uint64) error {
	if p.suspect != nil && p.suspect.Seq < seq {
		p.suspect = nil // its turn has passed: it is gone, or its stream is set aside
	}
	s := p.suspect
	if s == nil && p.careful == 0 || s != nil && (s.Seq != seq || s.Pipeline != l.track.Pipeline) {
		return nil
	}
	p.trying = &trying{Seq: seq, Pipeline: l.track.Pipeline, Key: l.track.Key}
	if s != nil {
		p.trying.Deaths, p.suspect = s.Deaths, nil
	}
	return p.commit(ctx)
}

// read begins to read the input with the oldest packet that anything needs.
func (p *partition) read(ctx context.Context) {
	var stop context.CancelFunc
	p.reading, stop = context.WithCancel(ctx)
	p.in = newInput(p.input, p.record.Input, p.cfg.partitionSubject(p.n), p.now)
	wait := p.in.start(p.reading, p.begin())
	p.unread = func() {
		stop()
		wait()
	}
}

// rest ends what works for the partition.
func (p *partition) rest() {
	if p.in != nil {
		p.unread()
		p.in, p.ahead = nil, nil
	}
	p.packing.Wait()
	p.trim.wait()
	for _, l := range p.order {
		l.close()
	}
}
