package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"

	"ganglion/internal/sleep"
)

// idle is how long a stream without packets keeps its memory.
const idle = 30 * time.Second

// claim reads the checkpoint and makes the partition this worker's. Where it was
// prepared, whoever hands it over may be faster with a commit of its own, and is
// followed once more.
func (p *partition) claim(ctx context.Context) error {
	for tries := 1; ; tries++ {
		err := p.claimOnce(ctx)
		if !errors.Is(err, errFenced) || p.in == nil || tries == mostTries {
			return err
		}
	}
}

// mostTries bounds how often a partition that was prepared is claimed.
const mostTries = 20

func (p *partition) claimOnce(ctx context.Context) error {
	if err := p.load(ctx); err != nil {
		return err
	}
	if p.record.Rollout > p.cfg.Rollout {
		return fmt.Errorf("partition %d: %w: it is of roll-out %d, this worker of %d", p.n, errModel, p.record.Rollout, p.cfg.Rollout)
	}
	r := p.record
	if r.Worker != p.from && p.members.died(r.Worker) { // one that lives was fenced, or cut off
		r.Deaths++
		if r.Trying != nil && !r.Trying.Waiting {
			r.Trying.Deaths++
		}
	}
	if r.Deaths >= suspicious {
		p.careful = careful
	}
	if r.Trying != nil && r.Trying.Waiting && r.Deaths >= suspicious+deadly {
		r.Trying = nil // they die elsewhere
	}
	if err := p.sameInput(ctx); err != nil {
		return err
	}
	if p.in == nil || !p.follow(r) { // it is not prepared, or for nothing
		p.rest()
		p.restore(r)
	}
	if t := r.Trying; t != nil && t.Deaths >= deadly {
		if l := p.lanes[laneKey{t.Pipeline, t.Key}]; l != nil {
			reason := fmt.Sprintf("%d workers died while they processed the packet at sequence %d", t.Deaths, t.Seq)
			p.log.Error("a stream is set aside", "stream", t.Key, "pipeline", t.Pipeline, "reason", reason)
			l.setAside(reason)
			r.Trying, r.Deaths, p.careful = nil, 0, 0
		}
	}
	if r.Trying != nil {
		r.Trying.Waiting = true
	}
	p.trying, p.suspect = nil, r.Trying
	if p.careful > 0 {
		p.log.Warn("workers have died here without progress: a packet at a time", "deaths", r.Deaths)
	}
	return p.write(ctx, nil)
}

// load reads the last checkpoint. It may be an old one, which the commit of the
// claim finds out.
func (p *partition) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.commits.timeout)
	defer cancel()
	m, err := p.output.GetLastMsgForSubject(ctx, p.cfg.checkpointSubject(p.n))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		p.last, p.since, p.record = 0, time.Time{}, &record{Version: recordVersion, Rollout: p.cfg.Rollout}
		return nil
	}
	if err != nil {
		return fmt.Errorf("partition %d: checkpoint: %w", p.n, err)
	}
	p.last, p.since = m.Sequence, m.Time
	p.record, err = decodeRecord(m.Data)
	return err
}

// sameInput lets every stream begin again, with the packet behind the last one, where
// the input stream is not the one that the checkpoint is about: what that held and
// nobody had processed is gone, and sequences count from the beginning.
func (p *partition) sameInput(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.commits.timeout)
	defer cancel()
	info, err := p.input.Info(ctx)
	if err != nil {
		return fmt.Errorf("partition %d: input: %w", p.n, err)
	}
	r, made := p.record, info.Created.UnixNano()
	if r.Input != 0 && r.Input != made {
		p.log.Error("the input stream was made again: what it held and nobody had processed is lost", "position", r.Position)
		r.Position, r.Trying = 0, nil
		for _, t := range r.Lanes {
			t.restart()
		}
	}
	r.Input = made
	return nil
}

// restore makes the lanes of a checkpoint; states are read when they are needed.
func (p *partition) restore(r *record) {
	p.lanes, p.order = map[laneKey]*lane{}, nil
	raised := r.Rollout < p.cfg.Rollout
	r.Rollout = p.cfg.Rollout
	for _, t := range r.Lanes {
		l := p.known(t)
		if raised && t.Aside != "" {
			l.track.Aside, l.resumed = "", true // the new one may get on with it
		}
	}
}

// known makes the lane of a stream that a checkpoint has.
func (p *partition) known(t *track) *lane {
	l := p.newLane(nil) // of a pipeline that this worker does not have: it is kept as it is
	for _, pl := range p.pipelines {
		if pl.Name == t.Pipeline {
			l = p.newLane(pl)
		}
	}
	l.restored(*t)
	p.lanes[laneKey{t.Pipeline, t.Key}] = l
	p.order = append(p.order, l)
	return l
}

// state makes sure that the state which a run begins with is there.
func (p *partition) state(ctx context.Context, l *lane) error {
	ref := l.track.State
	if l.run != nil || ref.SHA256 == "" || l.state != nil {
		return nil
	}
	packed, err := p.fetch(ctx, l)
	for err != nil && missing(err) && p.now().Sub(p.began) < p.patience { // a server that has just begun lags
		if err := sleep.For(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		packed, err = p.fetch(ctx, l)
	}
	if err != nil {
		return fmt.Errorf("state of stream %q in pipeline %q: %w", l.track.Key, l.track.Pipeline, err)
	}
	state, err := p.unpacker.DecodeAll(packed, nil)
	if err == nil && sum(state) != ref.SHA256 {
		err = errors.New("it is not the one that the checkpoint names") // an old read
	}
	if err != nil {
		return fmt.Errorf("state of stream %q in pipeline %q: %w", l.track.Key, l.track.Pipeline, err)
	}
	l.state = state
	return nil
}

// fetch reads the packed state of a lane.
func (p *partition) fetch(ctx context.Context, l *lane) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, p.commits.timeout)
	defer cancel()
	if name := l.track.State.Object; name != "" {
		return p.objects.GetBytes(ctx, name)
	}
	m, err := p.output.GetLastMsgForSubject(ctx, p.cfg.stateSubject(p.n, l.track.Pipeline, l.track.Key))
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

// lose sets a stream aside whose state is gone: once it is taken up again it begins
// with the packet that it waits at.
func (p *partition) lose(l *lane, why error) {
	p.log.Error("a stream is set aside", "stream", l.track.Key, "pipeline", l.track.Pipeline, "error", why)
	l.begin(l.track.Packet, l.track.Seq)
	l.setAside(why.Error())
}

// missing reports whether an error says that a state is not on the servers.
func missing(err error) bool {
	return errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jetstream.ErrMsgNotFound)
}

// commit stores what was detected since the last commit, how far all streams have
// come, and states that were kept.
func (p *partition) commit(ctx context.Context, states ...*kept) error {
	messages := p.pending
	var objects []string // that are not needed once this is committed
	now := p.now()
	for _, l := range p.order {
		if !l.must {
			continue
		}
		m, err := p.part(ctx, l, l.whole, l.at)
		if err != nil {
			return err
		}
		messages = append(messages, m)
	}
	for _, k := range states {
		more, old, err := p.adopt(ctx, k)
		if err != nil {
			return err
		}
		messages = append(messages, more...)
		if old != "" {
			objects = append(objects, old)
		}
	}
	p.record.Trying = cmp.Or(p.trying, p.suspect)
	if p.record.Trying == nil {
		p.record.Deaths = 0
	}
	if p.traced.IsSampled() {
		at, end := publishing(trace.ContextWithSpanContext(ctx, p.traced), p.tracer, p.cfg.Name+"-det.{partition}.{pipeline}.{stream}.{kind}",
			p.order[0].track.Key, len(p.pending))
		err := p.write(at, messages)
		end(err)
		if err != nil {
			return err
		}
	} else if err := p.write(ctx, messages); err != nil {
		return err
	}
	clear(p.pending)
	p.begun = p.begun || !p.moved.IsZero()
	p.pending, p.bytes, p.moved, p.traced = p.pending[:0], 0, time.Time{}, trace.SpanContext{}
	p.account()
	p.trim.after(now, objects)
	p.evict(now)
	return nil
}

// write commits messages and the checkpoint behind them. What is refused is sent
// again, later each time: a full stream holds the worker back.
func (p *partition) write(ctx context.Context, messages []*nats.Msg) error {
	r := p.record
	r.Worker, r.AtMS, r.Lanes = p.id, p.now().UnixMilli(), r.Lanes[:0]
	if p.settling {
		r.Worker = "" // so that nobody counts this worker among the dead
	}
	for _, l := range p.order {
		r.Lanes = append(r.Lanes, &l.track)
	}
	for _, pl := range p.pipelines {
		if p.caught && !slices.Contains(r.Pipelines, pl.Name) {
			r.Pipelines = append(r.Pipelines, pl.Name)
		}
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if most := int(p.commits.nc.MaxPayload()); len(body) > most-1024 {
		return fmt.Errorf("partition %d: a checkpoint of %d streams has %d bytes, the server takes %d: more partitions are needed", p.n,
			len(r.Lanes), len(body), most)
	}
	messages = append(messages, message(p.cfg.checkpointSubject(p.n), body))
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		seq, err := p.commits.commit(ctx, messages, len(messages)-1, p.last)
		no, ok := errors.AsType[*refused](err)
		if !ok {
			if err == nil {
				p.last = seq
			}
			return err
		}
		p.log.Warn("the output takes nothing now, waiting", "error", no)
		p.wrong.note(p.name, no)
		if err := sleep.For(ctx, wait); err != nil {
			return err
		}
	}
}

// evict gives up the memory of streams that are idle: their state is kept.
func (p *partition) evict(now time.Time) {
	for _, l := range p.order {
		if l.run != nil && l.at == l.track.State.Seq && l.track.State.SHA256 != "" && now.Sub(l.touched) > idle {
			l.close()
		}
	}
}

// packers make the compressor and decompressor of states.
func packers() (*zstd.Encoder, *zstd.Decoder, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, nil, err
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	return e, d, err
}
