package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"ganglion/internal/floor"
	"ganglion/internal/redact"
	"ganglion/pipeline"
)

// compute is the compute goroutine: queued batches to queued detections, until
// the reader is done, the context hard ends or a component fails. As in read,
// nothing is deferred.
func (r *Runner) compute(hard context.Context) error {
	err := r.computeAll(hard)
	r.keep.flush(hard, nil) // unless that was done, after a failure
	r.noteClips()
	r.keep.close()
	for _, o := range r.outlets {
		o.queue.close()
	}
	if cerr := r.net.Close(); cerr != nil {
		err = errors.Join(err, fmt.Errorf("network: close: %w", cerr))
	}
	return err
}

func (r *Runner) computeAll(hard context.Context) error {
	s := r.newScratch()
	one := make([]*work, 0, 1)
	alone := func(_, _ *work) bool { return false }
	for {
		taken, done := r.batches.pop(hard, one, alone, nil)
		if done {
			break
		}
		if err := r.process(hard, s, taken[0]); err != nil {
			why := runFailed
			if hard.Err() != nil {
				why, err = drainDeadline, nil
			}
			r.batches.settle(taken, why)
			r.batches.end(why, func(*work) {})
			return err
		}
		r.batches.settle(taken, delivered)
		r.checkpoint(hard, &taken[0].Batch)
		r.free <- taken[0]
	}
	if hard.Err() != nil {
		r.batches.end(drainDeadline, func(*work) {})
		return nil
	}
	r.checkpointAtStop(hard)
	f := r.flights.get(time.Time{}) // of no batch
	r.mu.Lock()
	stopped := r.stopped
	r.mu.Unlock()
	last, err := r.finish(hard, s, stopped)
	run := r.runOf(stopped)
	r.emit(hard, f, last, run)
	r.keep.flush(hard, last)
	if len(last) > 0 {
		r.show(hard, &pipeline.Activity{Window: s.activity.Window, Input: &pipeline.Spikes{}}, last)
	}
	f.release(r)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leftOut.now = dropped(r.readout)
	r.learn()
	return err
}

// process runs one batch through encoder, network and readout and queues what
// they detect.
func (r *Runner) process(hard context.Context, s *scratch, w *work) error {
	r.adjust(w.Start)
	f := r.flights.get(w.readAt)
	ctx, span := r.startSpan(hard, w)
	if span != nil {
		f.trace = span.SpanContext()
		defer span.End()
	}
	if err := r.step(ctx, s, w); err != nil {
		if span != nil {
			span.SetStatus(codes.Error, redact.Text(err.Error()))
		}
		f.readAt = time.Time{} // the batch did not make it
		f.release(r)
		return err
	}
	r.emit(hard, f, s.detections, r.runID)
	r.keep.take(hard, s, w)
	r.noteClips()
	f.release(r)
	r.show(hard, &s.activity, s.detections)
	if r.o.Progress != nil {
		r.o.Progress(r.progress())
	}
	return nil
}

func (r *Runner) step(ctx context.Context, s *scratch, w *work) error {
	filtered, err := r.detect(ctx, s, &w.Batch)
	if err != nil {
		return err
	}
	r.count(s, w, filtered)
	return nil
}

// count adds one batch to the totals.
func (r *Runner) count(s *scratch, w *work, filtered int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.encoded.batches == 0 {
		r.covered = w.Window
	}
	r.covered.End = max(r.covered.End, w.End)
	r.encoded.batches++
	if floor.Div(w.Start, learningPeriod) != floor.Div(w.End, learningPeriod) {
		r.learn()
	}
	r.encoded.events += r.size(w)
	r.encoded.filtered += uint64(filtered)
	r.encoded.spikes += uint64(s.spikes.Len())
	r.leftOut.now = dropped(r.readout)
	for i := range s.activity.Layers {
		l, sum := &s.activity.Layers[i], &r.activity[i]
		sum.spikes += uint64(l.Spikes.Len())
		sum.synops += l.SynOps
		sum.updates += l.Updates
	}
}

// learningPeriod is the sensor time, µs, after which what has been learned is
// looked at again: that costs a walk over all weights.
const learningPeriod = 1_000_000

// learn looks at what the network has learned. r.mu is held.
func (r *Runner) learn() {
	if l, ok := r.net.(pipeline.Learner); ok {
		r.learned = l.Learned(r.learned[:0])
	}
}

// dropped is what a readout says that it left out.
func dropped(r pipeline.Readout) uint64 {
	if b, ok := r.(pipeline.Bounded); ok {
		return b.Dropped()
	}
	return 0
}

// emit stamps detections and copies them into every sink's queue.
func (r *Runner) emit(hard context.Context, f *flight, ds []pipeline.Detection, run string) {
	if len(ds) == 0 {
		return
	}
	r.stamp(ds, run)
	r.publish(ds)
	for _, o := range r.outlets {
		for i := range ds {
			f.refs.Add(1)
			if lost, was := o.queue.push(hard, item{ds[i], f}); was {
				lost.flight.release(r)
			}
		}
	}
}

func (r *Runner) stamp(ds []pipeline.Detection, run string) {
	now := r.o.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range ds {
		d := &ds[i]
		r.name(d, run, r.seq)
		r.time(d, now, &r.delay)
		r.seq++
		r.kinds[d.Kind]++
	}
	r.last = ds[len(ds)-1]
}

// startSpan begins the span of a batch at the time its read ended, or returns
// a nil span when nobody traces.
func (r *Runner) startSpan(ctx context.Context, w *work) (context.Context, trace.Span) {
	if r.o.Tracer == nil {
		return ctx, nil
	}
	return r.o.Tracer.Start(ctx, "batch", trace.WithTimestamp(w.readAt), trace.WithAttributes(
		attribute.String("stream", r.p.Name),
		attribute.Int64("seq", int64(w.Seq)),
		attribute.Int64("window.start_us", w.Start),
		attribute.Int64("window.end_us", w.End),
	))
}

func (r *Runner) progress() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Progress{
		Bytes: r.position, SizeBytes: r.info.SizeBytes,
		Events: r.encoded.events, Unit: r.unit(), SensorUS: r.covered.End - r.covered.Start,
	}
}
