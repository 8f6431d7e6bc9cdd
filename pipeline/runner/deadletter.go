package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/pipeline"
)

// Errors says where a run puts what is lost for good.
type Errors struct {
	To    pipeline.DeadLetters
	Most  uint64 // dead letters of a run; what is lost beyond is only counted
	Input string // what the source reads, for the reference of damage
}

// letterQueue is how many dead letters may wait; further ones are only counted, so
// that what is lost never holds up what is not.
const letterQueue = 1024

// lettering is the way of dead letters: whoever notices a loss writes one, and a
// goroutine of its own puts them where they belong.
type lettering struct {
	Errors
	queue *queue[*pipeline.DeadLetter]
	known map[string]uint64 // damage that letters tell of, by kind; of the reader
	from  int64             // position before the last read; of the reader
	failures
}

func newLettering(e *Errors) *lettering {
	if e == nil {
		return nil
	}
	return &lettering{Errors: *e, known: map[string]uint64{},
		queue: newQueue(letterQueue, DropNewest, func(*pipeline.DeadLetter) uint64 { return 1 })}
}

// reject writes a dead letter. Any goroutine may call it.
func (r *Runner) reject(ctx context.Context, l *pipeline.DeadLetter) {
	e := r.letters
	l.Pipeline, l.TimeUnix = r.p.Name, r.o.Now().UnixMicro()
	if l.Run == "" {
		l.Run = r.began
	}
	if entries, _ := e.queue.accounts(); entries.in >= e.Most {
		e.queue.refuse(l)
		return
	}
	e.queue.push(ctx, l)
}

// rejectItems writes a letter for each detection that a sink did not take.
func (r *Runner) rejectItems(ctx context.Context, o *outlet, items []item, why cause, err error) {
	if r.letters == nil {
		return
	}
	for i := range items {
		d := &items[i].Detection
		r.reject(ctx, &pipeline.DeadLetter{
			Run: d.Run, Stage: "sink " + o.Name, Cause: causeNames[why], Error: fmt.Sprint(err), Count: 1, TUS: d.T,
			Reference: fmt.Sprintf("%s/%d", d.Run, d.Seq), Payload: json.RawMessage(d.AppendJSON(nil)),
		})
	}
}

// rejectLost writes one letter for detections that are not at hand any more.
func (r *Runner) rejectLost(ctx context.Context, o *outlet, err error, why cause) {
	lost, ok := errors.AsType[*pipeline.LostError](err)
	if r.letters != nil && ok && lost.Lost > 0 {
		r.reject(ctx, &pipeline.DeadLetter{Stage: "sink " + o.Name, Cause: causeNames[why], Error: err.Error(), Count: uint64(lost.Lost)})
	}
}

// rejectDamage writes a letter for each kind of damage that the last read met.
// The reader calls it, with what noteInput has just noted.
func (r *Runner) rejectDamage(ctx context.Context) {
	e := r.letters
	if e == nil {
		return
	}
	for _, d := range r.damage {
		before := e.known[d.Kind]
		if d.Count <= before {
			continue
		}
		at := pipeline.Span{From: e.from, To: r.position}
		if before == 0 {
			at = pipeline.Span{From: d.Offset, To: d.Offset}
		}
		e.known[d.Kind] = d.Count
		r.reject(ctx, &pipeline.DeadLetter{Stage: "source", Cause: d.Kind, Count: d.Count - before, Position: &at,
			TUS: d.LastUS, Reference: e.Input})
	}
	e.from = r.position
}

// deliver is the goroutine of the dead letters: queue to where they go, until the
// queue is closed or the context ends. A letter that cannot be put costs itself.
func (r *Runner) deliver(final context.Context) {
	e, one := r.letters, make([]*pipeline.DeadLetter, 0, 1)
	alone := func(_, _ *pipeline.DeadLetter) bool { return false }
	for {
		letters, done := e.queue.pop(final, one, alone, nil)
		if done {
			break
		}
		err, why := e.To.Put(final, letters[0]), delivered
		if err != nil {
			why = writeFailed
		}
		e.note(err)
		e.queue.settle(letters, why)
	}
	e.queue.end(drainDeadline, func(*pipeline.DeadLetter) {})
	e.note(e.To.Close(final))
}

// startLetters begins to deliver dead letters; end waits, within the grace, until
// all are where they belong.
func (r *Runner) startLetters(ctx context.Context) (end func()) {
	if r.letters == nil {
		return func() {}
	}
	final, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var g errgroup.Group // owns the goroutine
	g.Go(func() error { r.deliver(final); return nil })
	return func() {
		r.letters.queue.close()
		late := time.AfterFunc(letterGrace, cancel)
		_ = g.Wait() // it never fails
		late.Stop()
		cancel()
	}
}

// letterGrace bounds how long dead letters may take once the run has ended.
const letterGrace = 2 * time.Second
