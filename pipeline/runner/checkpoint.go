package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ganglion/internal/floor"
	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
)

// Checkpoint says where a run keeps snapshots of its state. The source must be
// [pipeline.Resumable].
type Checkpoint struct {
	Dir string // a folder, made if it is missing

	// Every is the sensor time between two snapshots: one is saved after the
	// batch whose end reaches or passes a multiple of it. Sensor time makes a
	// resumed run take the same snapshots as one that never stopped.
	Every time.Duration

	// Resume resumes from the newest snapshot of the folder. Without one the
	// run begins at the beginning.
	Resume bool
}

// origin is where a run begins: 0, or where a snapshot was taken.
type origin struct{ batch, seq uint64 }

// saver belongs to the compute goroutine once the run has begun.
type saver struct {
	store    checkpoint.Store
	every    int64 // µs
	parts    []checkpoint.Part
	header   checkpoint.Header
	began    bool  // a batch was processed, or a snapshot restored
	period   int64 // number of the period [n*every, (n+1)*every) that the header's position is in
	buf      []byte
	upToDate bool      // the header was saved
	told     time.Time // when a failure was logged last; zero: the last one was saved
}

// openCheckpoint prepares snapshots and, to resume, restores the last one.
func (r *Runner) openCheckpoint(ctx context.Context) error {
	c := r.o.Checkpoint
	if c == nil {
		return nil
	}
	source, ok := r.p.Source.(pipeline.Resumable)
	if !ok {
		return errors.New("checkpoint: this source cannot resume from the middle of its stream; a live one never can, because what went by " +
			"is gone")
	}
	if c.Every < time.Microsecond {
		return fmt.Errorf("checkpoint: every %v of sensor time is less than 1 µs", c.Every)
	}
	store, err := checkpoint.NewStore(c.Dir, r.p.Name)
	if err != nil {
		return err
	}
	r.saver = &saver{store: store, every: c.Every.Microseconds(), parts: r.parts()}
	r.saver.header.Identity, r.saver.header.Run = r.identity(), r.runID
	if !c.Resume {
		return nil
	}
	return r.resume(ctx, source)
}

// closeCheckpoint lets another run have the snapshots.
func (r *Runner) closeCheckpoint() error {
	if r.saver == nil {
		return nil
	}
	return r.saver.store.Close()
}

// discardCheckpoints removes the snapshots of an earlier run once the sinks
// are open, and so have replaced its files, unless the run resumes from them.
func (r *Runner) discardCheckpoints() error {
	if r.saver == nil || r.saver.began {
		return nil
	}
	return r.saver.store.Clear()
}

// parts are the components with state, and the sound that clips are cut from.
func (r *Runner) parts() []checkpoint.Part {
	parts := r.lane.parts()
	if r.keep != nil {
		parts = append(parts, checkpoint.Part{Name: "keep", Component: r.keep.recorder})
	}
	return parts
}

// resume restores the newest snapshot and takes the source to its position.
func (r *Runner) resume(ctx context.Context, source pipeline.Resumable) error {
	s := r.saver
	snapshot, err := s.store.Load(r.o.Log)
	if err != nil {
		return err
	}
	if snapshot == nil {
		r.o.Log.WarnContext(ctx, "no snapshot to resume from: the run begins at the beginning", "stream", r.p.Name, "folder", r.o.Checkpoint.Dir)
		return nil
	}
	if err := snapshot.Identity.Check(s.header.Identity); err != nil {
		return fmt.Errorf("checkpoint: the snapshot is not of this pipeline: %w", err)
	}
	if err := snapshot.Restore(s.parts); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	r.leftOut.before = dropped(r.readout)
	r.leftOut.now = r.leftOut.before
	if err := source.Resume(ctx, snapshot.Position); err != nil {
		return fmt.Errorf("source: resume at %d µs: %w", snapshot.Position, err)
	}
	s.header = snapshot.Header
	r.runID = snapshot.Run
	s.began, s.upToDate, s.period = true, true, floor.Div(snapshot.Position, s.every)
	r.origin = origin{snapshot.Batches, snapshot.NextSeq}
	r.playOut.resumed(snapshot.Position, r.info)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq = snapshot.NextSeq
	r.saved = Checkpoints{Resumed: true, ResumedUS: snapshot.Position, NextSeq: snapshot.NextSeq}
	return nil
}

// checkpoint notes that a batch is processed and saves a snapshot when one is
// due, once the readout has come as far as the network.
func (r *Runner) checkpoint(hard context.Context, at pipeline.Window, batch uint64) {
	s := r.saver
	if s == nil {
		return
	}
	if !s.began {
		s.began, s.period = true, floor.Div(at.Start, s.every)
	}
	s.header.Position, s.header.Batches, s.upToDate = at.End, batch+1, false
	if period := floor.Div(at.End, s.every); period != s.period {
		s.period = period
		r.relay.drain()
		r.save(hard)
	}
}

// checkpointAtStop saves where an orderly stop left off, before the end of the
// run settles tracks that the resumed run keeps open.
func (r *Runner) checkpointAtStop(hard context.Context) {
	r.mu.Lock()
	stopped := r.stopped
	r.mu.Unlock()
	if s := r.saver; s != nil && stopped && s.began && !s.upToDate {
		r.save(hard)
	}
}

// save saves a snapshot once every sink has what was detected before it, and
// the keeper every clip, so that a resumed run misses nothing. A snapshot that fails costs no data: an
// older one stands.
func (r *Runner) save(hard context.Context) {
	s := r.saver
	err := r.commit(hard)
	if err == nil {
		s.header.NextSeq = r.seq // the readout waits
		s.buf, err = checkpoint.Append(s.buf[:0], s.header, s.parts)
	}
	if err == nil {
		err = s.store.Save(s.header.Batches, s.buf)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.saveError = err
	if now := r.o.Now(); err != nil {
		if r.saved.Failed++; s.told.IsZero() || now.Sub(s.told) >= lossPause {
			s.told = now
			r.o.Log.WarnContext(hard, "no snapshot was saved", "stream", r.p.Name, "failed", r.saved.Failed, "error", err)
		}
		return
	}
	s.upToDate, s.told, r.savedAt = true, time.Time{}, r.o.Now()
	r.saved.Saved++
	r.saved.Bytes = len(s.buf)
}

// commit waits until every sink has written its queue, and lets those that
// hold something back make it safe. Their goroutines wait for more meanwhile, so
// that no Write runs, and no look at the output begins.
func (r *Runner) commit(hard context.Context) error {
	for _, o := range r.outlets {
		if !o.queue.settled(hard) {
			return fmt.Errorf("sink %q: %w", o.Name, errDrain)
		}
		if c, ok := o.Sink.Sink.(pipeline.Committed); ok {
			o.alone.Lock()
			err := c.Commit(hard)
			o.alone.Unlock()
			if err != nil {
				return fmt.Errorf("sink %q: commit: %w", o.Name, err)
			}
		}
	}
	if r.keep != nil && !r.keep.queue.settled(hard) {
		return fmt.Errorf("keep: %w", errDrain)
	}
	return nil
}
