package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/runner"
)

// Pipeline is what a worker makes of the streams that it takes.
type Pipeline struct {
	runner.Pipeline                     // its name, and what a stream goes through
	Identity        checkpoint.Identity // what decides the detections beside the stream
	Config          Config
}

// lane is one stream in one pipeline.
type lane struct {
	pipeline *Pipeline
	rollout  int // of this worker
	now      func() time.Time
	// found takes detections that are to be committed; the track is right for a
	// commit at every call.
	found func(context.Context, *lane, []pipeline.Detection) error

	track track // as it is to be committed next
	run   *runner.HandRun
	state []byte // that the run is to be restored from; nil once that is done

	// again is the last packet that was committed before this worker took the
	// partition: up to it everything is detected once more, and nothing handed on.
	again   uint64
	resumed bool   // it was set aside until now: packets before the position are new to it
	next    uint64 // number of the next packet, in what is detected once more too
	at      uint64 // sequence of the last packet that the run has taken in

	// rows are the detections since the last part, among them those that were
	// committed before: files are written again as states are. whole of them are of
	// packets that are done; must says that the state does not reach back to them.
	parts    bool
	rows     []pipeline.Detection
	whole    int
	must     bool
	partFrom uint64

	saved   time.Time // when the state was kept last
	touched time.Time // when a packet came last
}

// errConfiguration means that this worker must not serve what others have begun.
var errConfiguration = errors.New("this worker is refused for its configuration")

// errModel means that a stream is of another model than this worker has.
var errModel = fmt.Errorf("%w: the checkpoint is of another one", errConfiguration)

// streamError is an error of one stream, which would come again at every worker.
type streamError struct{ error }

func (e *streamError) Unwrap() error { return e.error }

// restored is a lane as a checkpoint has it.
func (l *lane) restored(t track) {
	l.track, l.again, l.next, l.at, l.partFrom = t, t.Seq, t.State.Packet, t.State.Seq, t.State.Seq+1
	l.saved, l.touched = l.now(), l.now()
	if l.pipeline != nil { // states of streams that began together, or came together, do not all come due at once
		l.saved = l.saved.Add(-time.Duration(hash(t.Pipeline, t.Key) % uint64(max(1, l.pipeline.Config.Snapshot))))
	}
}

// wants reports whether a packet has anything new for the lane.
func (l *lane) wants(seq uint64) bool { return l.track.Aside == "" && seq > l.track.State.Seq }

// process takes in the next packet that it wants.
func (l *lane) process(ctx context.Context, a *arrival, b *pipeline.Batch) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &streamError{fmt.Errorf("panic: %v\n%s", r, debug.Stack())}
		}
	}()
	t, p := &l.track, &a.packet
	if p.Run != t.FeedRun {
		if err := l.otherRun(ctx, a); err != nil {
			return err
		}
	}
	if p.Number < l.next || t.Ended && a.seq > l.again {
		l.passed(a, false) // it was sent twice
		return nil
	}
	if l.run == nil {
		if err := l.build(); err != nil || !l.wants(a.seq) { // where another model begins, what came before is done
			return err
		}
	}
	if !empty(b) {
		n := items(b)
		ds, err := l.run.Process(ctx, b)
		if err := l.hand(ctx, ds, a.seq, err); err != nil {
			return err
		}
		if a.seq > l.again {
			t.Items += n
		}
	}
	if p.End {
		ds, err := l.run.End(ctx, false)
		if err := l.hand(ctx, ds, a.seq, err); err != nil {
			return err
		}
	}
	if a.seq == l.again && l.run.NextSeq() > t.Next {
		return &streamError{fmt.Errorf("%d detections where %d are committed: the pipeline is not deterministic", l.run.NextSeq(), t.Next)}
	}
	l.passed(a, true)
	return nil
}

// passed notes that a packet is done.
func (l *lane) passed(a *arrival, counts bool) {
	t, p := &l.track, &a.packet
	lost := uint64(0)
	if counts {
		lost, l.next = p.Number-l.next, p.Number+1
	}
	l.at, l.whole = a.seq, len(l.rows)
	if a.seq <= l.again {
		return // the track knows
	}
	t.Seq, l.touched = a.seq, l.now()
	if !counts {
		return
	}
	t.Packet, t.TimeUS, t.Packets, t.Lost = l.next, p.Batch.End, t.Packets+1, t.Lost+lost
	if p.End {
		l.must = l.whole > 0
		t.Ended, t.State = true, stateRef{Seq: a.seq, Packet: l.next}
		l.close()
	}
}

// build makes the run that the next packet belongs to: a new one, or the one
// whose state was kept.
func (l *lane) build() error {
	t, parts := &l.track, l.pipeline.Pipeline
	parts.Name = t.Key
	run, err := runner.NewHandRun(parts, l.pipeline.Identity, t.Info, t.FeedRun, l.now)
	if err != nil {
		return &streamError{err}
	}
	is := digest(run.Identity())
	if t.Config != "" && t.Config != is {
		if l.rollout <= t.Rollout {
			_ = run.Close()
			return fmt.Errorf("stream %q in pipeline %q: %w: it is %s, this worker's is %s; raise cluster.rollout to let it begin with "+
				"the next packet", t.Key, t.Pipeline, errModel, t.Config, is)
		}
		t.Changes = append(t.Changes[max(0, len(t.Changes)-3):], change{t.Packet, l.rollout, t.Config, is})
		l.begin(t.Packet, t.Seq)
	}
	t.Config, t.Rollout = is, l.rollout
	if t.Begins > 0 {
		run.Rename(runFrom(run.Run(), t.Begins))
	}
	if t.State.SHA256 != "" {
		if err := run.Restore(l.state); err != nil {
			return errors.Join(&streamError{err}, run.Close())
		}
	}
	l.run, l.state, t.Run = run, nil, run.Run()
	return nil
}

// begin lets a run begin with the packet of a number, behind a sequence.
func (l *lane) begin(number, behind uint64) {
	t := &l.track
	if l.whole, l.must = len(l.rows), len(l.rows) > 0; !l.must {
		l.partFrom = behind + 1
	}
	t.Begins, t.Packet, t.Next, t.Ended = number, number, 0, false
	t.State, l.state, l.next = stateRef{Seq: behind, Packet: number}, nil, number
}

// otherRun settles a run that another one follows without an end, because its
// feeder was stopped, and begins the other one.
func (l *lane) otherRun(ctx context.Context, a *arrival) error {
	t, p := &l.track, &a.packet
	if t.FeedRun != "" && !t.Ended {
		if l.run == nil {
			if err := l.build(); err != nil {
				return err
			}
		}
		ds, err := l.run.End(ctx, true)
		if err := l.hand(ctx, ds, a.seq, err); err != nil {
			return err
		}
	}
	l.close()
	t.Info, t.FeedRun, t.Config, t.Changes = p.Info, p.Run, "", nil
	t.Lost += p.Number
	l.begin(p.Number, a.seq-1)
	return nil
}

// hand hands on what has not been committed.
func (l *lane) hand(ctx context.Context, ds []pipeline.Detection, seq uint64, err error) error {
	if err != nil {
		return &streamError{err}
	}
	if l.parts {
		l.rows = append(l.rows, ds...)
	}
	if seq <= l.again {
		return nil
	}
	for len(ds) > 0 && ds[0].Seq < l.track.Next {
		ds = ds[1:]
	}
	if len(ds) == 0 {
		return nil
	}
	return l.found(ctx, l, ds)
}

// dirty reports whether the run has taken in packets that the kept state lacks,
// and nothing is left to be detected once more.
func (l *lane) dirty() bool {
	return l.run != nil && l.track.Aside == "" && l.at == l.track.Seq && l.track.Seq > l.track.State.Seq
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// setAside stops the stream here.
func (l *lane) setAside(reason string) {
	const longest = 1000
	l.track.Aside = reason[:min(len(reason), longest)]
	l.close()
}

// close ends the run's goroutines.
func (l *lane) close() {
	if l.run != nil {
		_ = l.run.Close()
		l.run = nil
	}
	l.state = nil
}
