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

// compute is the compute goroutine: queued batches to spikes, which the goroutine
// of the readout takes on, until the reader is done, the context hard ends or a
// component fails. As in read, nothing is deferred.
func (r *Runner) compute(hard context.Context) error {
	err := r.computeAll(hard)
	close(r.relay.next)
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

// computeAll returns once the readout has done its part too.
func (r *Runner) computeAll(hard context.Context) error {
	one := make([]*work, 0, 1)
	alone := func(_, _ *work) bool { return false }
	for {
		taken, done := r.batches.pop(hard, one, alone, nil)
		if done {
			break
		}
		if err := r.process(hard, taken[0]); err != nil {
			r.relay.drain()
			why := runFailed
			if hard.Err() != nil {
				why, err = drainDeadline, nil
			}
			r.batches.settle(taken, why)
			r.batches.end(why, func(*work) {})
			return err
		}
	}
	r.relay.drain()
	if hard.Err() != nil {
		r.batches.end(drainDeadline, func(*work) {})
		return nil
	}
	r.checkpointAtStop(hard)
	return r.settle(hard)
}

// settle is the end of the stream.
func (r *Runner) settle(hard context.Context) error {
	s := r.newScratch()
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
	r.leftOut.now = dropped(r.readout)
	r.mu.Unlock()
	r.learn()
	return err
}

// process runs one batch through encoder and network and hands it to the readout,
// whose it is from then on.
func (r *Runner) process(hard context.Context, w *work) error {
	j := <-r.relay.free
	j.work, j.flight = w, r.flights.get(w.readAt)
	ctx, span := r.startSpan(hard, w)
	if j.span = span; span != nil {
		j.flight.trace = span.SpanContext()
	}
	var err error
	if j.filtered, err = r.advance(ctx, j.scratch, r.playOut.of(&w.Batch, r.info)); err != nil {
		if span != nil {
			span.SetStatus(codes.Error, redact.Text(err.Error()))
			span.End()
		}
		j.flight.readAt = time.Time{} // the batch did not make it
		j.flight.release(r)
		r.relay.free <- j
		return err
	}
	at, seq := w.Window, w.Seq
	if floor.Div(at.Start, learningPeriod) != floor.Div(at.End, learningPeriod) {
		r.learn()
	}
	r.relay.hand(j)
	r.checkpoint(hard, at, seq)
	return nil
}

// count adds one batch to the totals.
func (r *Runner) count(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.encoded.batches == 0 {
		r.covered = j.work.Window
	}
	r.covered.End = max(r.covered.End, j.work.End)
	r.encoded.batches++
	r.encoded.events += r.size(j.work)
	r.encoded.filtered += uint64(j.filtered)
	r.encoded.spikes += uint64(j.spikes.Len())
	r.leftOut.now = dropped(r.readout)
	for i := range j.activity.Layers {
		l, sum := &j.activity.Layers[i], &r.activity[i]
		sum.spikes += uint64(l.Spikes.Len())
		sum.synops += l.SynOps
		sum.updates += l.Updates
	}
}

// learningPeriod is the sensor time, µs, after which what has been learned is
// looked at again: that costs a walk over all weights.
const learningPeriod = 1_000_000

// learn looks at what the network has learned. The network waits.
func (r *Runner) learn() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l, ok := r.net.(pipeline.Learner); ok {
		r.learned = l.Learned(r.learned[:0])
	}
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
