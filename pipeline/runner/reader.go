package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ganglion/pipeline"
)

// work is a pooled batch and the wall time at which its read ended.
type work struct {
	pipeline.Batch
	readAt time.Time
}

// read is the reader goroutine: source to queue, until the end of the stream
// or of the context stop. What follows the end is not deferred: a panic on its way
// to the end of the process would look like the end of the stream, and the run
// could end well before the process does.
func (r *Runner) read(stop, hard context.Context) error {
	err := r.readAll(stop, hard)
	if cerr := r.p.Source.Close(); cerr != nil {
		err = errors.Join(err, fmt.Errorf("source: close: %w", cerr))
	}
	r.batches.close()
	return err
}

func (r *Runner) readAll(stop, hard context.Context) error {
	var w *work
	source := newFitter(r.p.Source, r.info, r.net)
	var said time.Time // when a loss was logged last
	for seq := r.origin.batch; ; seq++ {
		if w == nil {
			select {
			case w = <-r.free:
			case <-stop.Done():
				r.noteStop()
				return nil
			}
		}
		w.Reset()
		err := source.read(stop, &w.Batch)
		r.noteInput(hard)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && stop.Err() != nil:
			r.noteStop()
			return nil
		case err != nil:
			r.noteStop()
			return fmt.Errorf("source: %w", err)
		}
		w.Seq, w.readAt = seq, r.o.Now()
		if r.info.Live {
			r.delay.observe(w.readAt, w.End)
		}
		var dropped bool
		if w, dropped = r.batches.push(hard, w); dropped && w.readAt.Sub(said) >= sayEvery {
			said = r.sayDropped()
		}
	}
}

// sayEvery is how often batches being dropped are logged.
const sayEvery = time.Second

// sayDropped logs how much the queue has dropped so far, and returns when.
func (r *Runner) sayDropped() time.Time {
	_, weight := r.batches.accounts()
	r.o.Log.Warn("the queue is full: the pipeline is slower than its input", "stream", r.p.Name, r.unit()+"_dropped", weight.flow().Dropped)
	return r.o.Now()
}

func (r *Runner) noteStop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
}

// noteInput records the source's damage and position for the summary.
func (r *Runner) noteInput(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d, ok := r.p.Source.(pipeline.Damaged); ok {
		r.damage = append(r.damage[:0], d.Damage()...)
	}
	if b, ok := r.p.Source.(pipeline.Bounded); ok {
		r.unread = b.Dropped()
	}
	if p, ok := r.p.Source.(pipeline.Positioned); ok {
		r.position = p.Position()
	}
	r.rejectDamage(ctx)
}
