package cluster

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"ganglion/internal/redact"
	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// Account is what a worker does for a pipeline, or a feeder for a stream, in the
// words of a run's summary. Any goroutine may ask at any time.
//
// A worker counts what it has committed: its sink is the output stream, its
// checkpoints are the commits, and a latency is the time from a packet's arrival
// until its commit. The sink of a feeder is the input stream, which gets packets.
type Account struct {
	name    string
	conn    *nats.Conn
	now     func() time.Time
	began   time.Time
	wrong   *troubles
	latency runner.Histogram
	held    func() int // of a worker: how many partitions it serves

	mu      sync.Mutex // guards what follows
	s       runner.Summary
	sink    runner.SinkFlow
	source  pipeline.Healthy // of a feeder, once that is open
	commits time.Time        // of the last one
	shares  map[int]runner.Worker
}

// NewAccount begins an account. health is what is wrong with the connection.
func NewAccount(name string, conn *nats.Conn, now func() time.Time, health func() error) *Account {
	return newAccount(name, "input", conn, now, newTroubles(health))
}

func newAccount(name, sink string, conn *nats.Conn, now func() time.Time, wrong *troubles) *Account {
	a := &Account{name: name, conn: conn, now: now, began: now(), wrong: wrong, shares: map[int]runner.Worker{}}
	a.sink.Name, a.s.Input.Unit, a.s.Detections.Kinds = sink, "events", map[pipeline.Kind]uint64{}
	return a
}

// Name is the name of the pipeline, or the key of the stream that is fed.
func (a *Account) Name() string { return a.name }

// Started is when the account was begun.
func (a *Account) Started() time.Time { return a.began }

// Latencies are those of all packets, see [runner.Runner.Latencies].
func (a *Account) Latencies(bounds []time.Duration) (counts []uint64, total uint64, sum time.Duration) {
	return a.latency.Cumulative(bounds)
}

// Summary is the account so far.
func (a *Account) Summary() runner.Summary {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, sink := a.s, a.sink
	s.Name, s.Latency = a.name, a.latency.Summary()
	s.Detections.Kinds, s.Input.Damage = maps.Clone(s.Detections.Kinds), slices.Clone(s.Input.Damage)
	s.Input.Drops = drops(s.Input.Events.Dropped)
	s.Encoder.Events = s.Input.Events.Out
	sink.Drops = drops(sink.Dropped)
	sink.Link = &pipeline.Link{Connected: a.conn.IsConnected(), Reconnects: a.conn.Stats().Reconnects}
	s.Sinks = []runner.SinkFlow{sink}
	if s.WallS = a.now().Sub(a.began).Seconds(); s.WallS > 0 {
		s.EventsPerS, s.RealTimeFactor = float64(s.Encoder.Events)/s.WallS, s.SensorS/s.WallS
	}
	if a.held != nil {
		w := runner.Worker{Partitions: a.held()}
		for _, of := range a.shares {
			w.Streams, w.Aside, w.Lost = w.Streams+of.Streams, w.Aside+of.Aside, w.Lost+of.Lost
		}
		last := a.began
		if a.commits.After(last) {
			last = a.commits
		}
		age := a.now().Sub(last).Seconds()
		s.Worker, s.Checkpoints.AgeS = &w, &age
	}
	return s
}

// queueFull is the cause of what found no place, as runs name it.
const queueFull = "queue_full"

func drops(n uint64) []runner.Drop {
	if n == 0 {
		return nil
	}
	return []runner.Drop{{Cause: queueFull, Count: n}}
}

// Problems lists what is wrong at this moment.
func (a *Account) Problems() []runner.Problem {
	a.mu.Lock()
	source := a.source
	a.mu.Unlock()
	list := a.wrong.list()
	if source != nil {
		if err := source.Health(); err != nil {
			list = append(list, runner.Problem{Part: "source", Error: redact.Text(err.Error())})
		}
	}
	return list
}

// tally is what a partition has done for a pipeline since its last commit.
type tally struct {
	packets, items uint64
	sensorUS       int64
	kinds          map[pipeline.Kind]uint64
	came           []time.Time
}

// add takes in what a commit has made good. of is what the partition has of the
// pipeline.
func (a *Account) add(n int, t *tally, of runner.Worker) {
	now := a.now()
	for _, came := range t.came {
		a.latency.Record(now.Sub(came))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	in := &a.s.Input
	in.Batches.In, in.Events.In, a.s.SensorS = in.Batches.In+t.packets, in.Events.In+t.items, a.s.SensorS+float64(t.sensorUS)/1e6
	in.Batches.Out, in.Events.Out = in.Batches.In, in.Events.In
	for kind, n := range t.kinds {
		a.s.Detections.Kinds[kind] += n
		a.s.Detections.Total += n
	}
	a.sink.In, a.sink.Written = a.s.Detections.Total, a.s.Detections.Total
	a.s.Checkpoints.Saved++
	a.commits, a.shares[n] = now, of
	clear(t.kinds)
	t.packets, t.items, t.sensorUS, t.came = 0, 0, 0, t.came[:0]
}

// failed notes a partition that begins again from what is stored.
func (a *Account) failed(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.s.Checkpoints.Failed++
	a.sink.Errors++
	if a.sink.FirstError == "" {
		a.sink.FirstError = redact.Text(err.Error())
	}
}

// left forgets a partition that the worker has no more.
func (a *Account) left(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.shares, n)
}

// opened notes the source of a feeder.
func (a *Account) opened(source pipeline.Source, info pipeline.StreamInfo) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.source, _ = source.(pipeline.Healthy)
	a.s.Stream = runner.Stream(info)
	if info.Modality == pipeline.AudioStream {
		a.s.Input.Unit = "frames"
	}
}

// read notes what the source has met and left out. It is called from the
// source's goroutine.
func (a *Account) read(source pipeline.Source) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if d, ok := source.(pipeline.Damaged); ok {
		a.s.Input.Damage = append(a.s.Input.Damage[:0], d.Damage()...)
	}
	if b, ok := source.(pipeline.Bounded); ok {
		a.s.Input.LeftOut = b.Dropped()
	}
}

// cut notes a packet that was made, of so many items and so much sensor time, and
// whether there was a place for it.
func (a *Account) cut(items uint64, us int64, kept bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	in := &a.s.Input
	in.Batches.In++
	in.Events.In += items
	a.s.SensorS += float64(us) / 1e6
	if !kept {
		in.Batches.Dropped++
		in.Events.Dropped += items
		return
	}
	in.Batches.Out++
	in.Events.Out += items
	a.sink.In++
	a.sink.Queued++
}

// sent notes that a packet is stored, after so long.
func (a *Account) sent(d time.Duration) {
	a.latency.Record(d)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sink.Written++
	if a.sink.Queued > 0 { // else it lay on disk from before
		a.sink.Queued--
	} else {
		a.sink.In++
	}
}

// tally is that of a lane's pipeline.
func (p *partition) tally(l *lane) *tally {
	t := p.tallies[l.pipeline]
	if t == nil {
		t = &tally{kinds: map[pipeline.Kind]uint64{}}
		p.tallies[l.pipeline] = t
	}
	return t
}

// account takes what was committed into the accounts.
func (p *partition) account() {
	of := map[*Pipeline]*runner.Worker{}
	for _, l := range p.order {
		w := of[l.pipeline]
		if w == nil {
			w = new(runner.Worker)
			of[l.pipeline] = w
		}
		w.Streams++
		w.Lost += l.track.Lost
		if l.track.Aside != "" {
			w.Aside++
		}
	}
	for pl, a := range p.accounts {
		if w := of[pl]; w != nil {
			a.add(p.n, p.tally(&lane{pipeline: pl}), *w)
		}
	}
	p.wrong.note(p.name, nil)
}

// troubles are what is wrong with the parts of a worker or of a feeder.
type troubles struct {
	health func() error // of the connection; nil: nobody asks

	mu sync.Mutex // guards by
	by map[string]error
}

var errClosed = errors.New("is not open yet")

func newTroubles(health func() error) *troubles {
	return &troubles{health: health, by: map[string]error{"pipeline": errClosed}}
}

// note records what is wrong with a part; nil: nothing any more.
func (t *troubles) note(part string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		delete(t.by, part)
	} else {
		t.by[part] = err
	}
}

func (t *troubles) list() (list []runner.Problem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, part := range slices.Sorted(maps.Keys(t.by)) {
		list = append(list, runner.Problem{Part: part, Error: redact.Text(t.by[part].Error())})
	}
	if t.health != nil {
		if err := t.health(); err != nil {
			list = append(list, runner.Problem{Part: "servers", Error: redact.Text(err.Error())})
		}
	}
	return list
}
