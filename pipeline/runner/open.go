package runner

import (
	"context"
	"errors"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/clip"
)

// open opens the source, builds what depends on it and opens the sinks. After
// an error everything is closed again and nothing has been read.
func (r *Runner) open(ctx context.Context) (err error) {
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for i := len(undo) - 1; i >= 0; i-- {
			err = errors.Join(err, undo[i]())
		}
	}()
	undo = append(undo, r.p.Source.Close)
	if r.info, err = r.p.Source.Open(ctx); err != nil {
		return fmt.Errorf("source: open: %w", err)
	}
	if err := r.build(); err != nil {
		return err
	}
	undo = append(undo, r.net.Close)
	r.identify()
	undo = append(undo, r.closeCheckpoint)
	if err := r.openCheckpoint(ctx); err != nil {
		return err
	}
	meta := pipeline.StreamMeta{Name: r.p.Name, ConfigHash: r.p.ConfigHash, Run: r.runID, Info: r.info, NextSeq: r.origin.seq,
		Resumed: r.saver != nil && r.saver.began}
	if e := r.letters; e != nil {
		undo = append(undo, func() error { return e.To.Close(ctx) })
		if err := e.To.Open(ctx, meta); err != nil {
			return fmt.Errorf("errors: open: %w", err)
		}
	}
	for _, o := range r.outlets {
		undo = append(undo, func() error { return o.Sink.Sink.Close(ctx) })
		if err := o.Sink.Sink.Open(ctx, meta); err != nil {
			return fmt.Errorf("sink %q: open: %w", o.Name, err)
		}
	}
	if err := r.openKeep(ctx, meta); err != nil {
		return err
	}
	if err := r.discardCheckpoints(); err != nil {
		return err
	}
	if err := r.prepare(); err != nil {
		return err
	}
	r.watch()
	r.relay = r.newRelay()
	return r.startAt(ctx)
}

// build makes what the stream goes through, and what clips are cut with.
func (r *Runner) build() (err error) {
	if err := r.lane.build(); err != nil {
		return err
	}
	if k := r.keep; k != nil {
		if k.recorder, err = clip.NewRecorder(k.Span, r.info); err != nil {
			return errors.Join(fmt.Errorf("keep: %w", err), r.net.Close())
		}
	}
	return nil
}

// prepare makes the queues and the pool. The pool has a batch for each place
// in the queue, one for the reader, one that waits for a job, and one for each job.
func (r *Runner) prepare() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	policy, err := resolve(r.p.Queue.Policy, r.drops() && !r.info.Holds)
	if err != nil {
		return err
	}
	r.batches = newQueue(r.p.Queue.Batches, policy, r.size)
	r.free = make(chan *work, r.p.Queue.Batches+2+jobs)
	for range cap(r.free) {
		r.free <- new(work)
	}
	for _, o := range r.outlets {
		if policy, err = resolve(o.Queue.Policy, r.drops()); err != nil {
			return fmt.Errorf("sink %q: %w", o.Name, err)
		}
		o.queue = newQueue(o.Queue.Detections, policy, func(item) uint64 { return 1 })
		o.take = make([]item, 0, min(o.Queue.Detections, maxWrite))
	}
	r.activity = make([]layerCount, len(r.layers))
	r.opened, r.began = true, r.runID
	return nil
}

// size is a batch's weight: its events, or its audio frames.
func (r *Runner) size(w *work) uint64 {
	return uint64(len(w.Events) + len(w.PCM)/max(1, r.info.Channels))
}

// startAt takes the source to where the run is to begin.
func (r *Runner) startAt(ctx context.Context) error {
	if r.o.Start == nil {
		return nil
	}
	source, ok := r.p.Source.(pipeline.Resumable)
	if !ok {
		return errors.New("source: cannot begin in the middle of its stream")
	}
	return source.Resume(ctx, *r.o.Start)
}
