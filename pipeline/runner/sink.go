package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"ganglion/pipeline"
)

// maxWrite bounds the detections of one Write. A sink's queue costs the memory
// of its capacity and of this many more.
const maxWrite = 1024

// outlet is a sink with its queue.
type outlet struct {
	Sink
	queue *queue[item]
	take  []item // capacity for one write
	failures
}

// failures are the errors of a sink or keeper.
type failures struct {
	mu     sync.Mutex // guards all below
	errors uint64
	first  error
}

// note counts an error and reports whether it is the first.
func (f *failures) note(err error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors++
	if f.first == nil {
		f.first = err
		return true
	}
	return false
}

// write is the goroutine of one sink: queue to sink, until the compute
// goroutine is done or the context hard ends. A failed write costs its
// detections and nothing else.
func (r *Runner) write(hard, final context.Context, o *outlet) error {
	ds := make([]pipeline.Detection, 0, cap(o.take))
	for {
		items := o.queue.pop(hard, o.take, together)
		if len(items) == 0 {
			break
		}
		ds = ds[:0]
		for i := range items {
			ds = append(ds, items[i].Detection)
		}
		err := r.writeOnce(hard, o, items[0].flight, ds)
		n := written(err, len(ds))
		why := writeFailed
		if hard.Err() != nil {
			why = drainDeadline
		}
		o.queue.settle(items[:n], delivered)
		o.queue.settle(items[n:], why)
		for i := range items {
			items[i].flight.release(r)
		}
	}
	o.queue.end(drainDeadline, func(i item) { i.flight.release(r) })
	return r.closeSink(final, o)
}

// closeSink closes a sink. What the sink lost by then counts as dropped.
func (r *Runner) closeSink(final context.Context, o *outlet) error {
	err := o.Sink.Sink.Close(final)
	r.noteError(final, o, err)
	if err == nil {
		return nil
	}
	if lost, ok := errors.AsType[*pipeline.LostError](err); ok {
		o.queue.revoke(uint64(max(lost.Lost, 0)), lostLater)
		return nil
	}
	return fmt.Errorf("sink %q: close: %w", o.Name, err)
}

// writeOnce calls Write below the span of the batch, if that is traced.
func (r *Runner) writeOnce(ctx context.Context, o *outlet, f *flight, ds []pipeline.Detection) error {
	if !f.trace.IsSampled() {
		err := o.Sink.Sink.Write(ctx, ds)
		r.noteError(ctx, o, err)
		return err
	}
	ctx, span := r.o.Tracer.Start(trace.ContextWithSpanContext(ctx, f.trace), "write "+o.Name,
		trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
			attribute.String("stream", r.p.Name),
			attribute.String("sink", o.Name),
			attribute.Int("detections", len(ds)),
		))
	defer span.End()
	err := o.Sink.Sink.Write(ctx, ds)
	r.noteError(ctx, o, err)
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

// written is how many of n detections a Write that returned err delivered.
func written(err error, n int) int {
	if err == nil {
		return n
	}
	if part, ok := errors.AsType[*pipeline.PartialWriteError](err); ok {
		return min(max(part.Written, 0), n)
	}
	return 0
}

// noteError counts an error and logs the first one of a sink; the summary
// tells the rest.
func (r *Runner) noteError(ctx context.Context, o *outlet, err error) {
	if err == nil {
		return
	}
	if o.note(err) {
		r.o.Log.WarnContext(ctx, "sink failed; its detections are counted as dropped", "stream", r.p.Name, "sink", o.Name, "error", err)
	}
}
