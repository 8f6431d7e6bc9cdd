package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"ganglion/internal/redact"
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
	again uint64 // duplicates that the sink has told of so far

	looked time.Time // after the output
	// alone is held by whoever is in the sink beside Write: a look at its output, by
	// its own goroutine, and a commit, by the one that computes. A commit finds the
	// queue settled, so that no Write runs, but a look may be due at any time.
	alone sync.Mutex
	failures
}

// failures are the errors of a sink or keeper.
type failures struct {
	mu     sync.Mutex // guards all below
	errors uint64
	first  error
	last   error
	failed bool // the last try was an error
}

// note counts an error, or notes that there was none.
func (f *failures) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed = err != nil; !f.failed {
		return
	}
	f.errors++
	f.last = err
	if f.first == nil {
		f.first = err
	}
}

// failing is the error of the last try.
func (f *failures) failing() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed {
		return f.last
	}
	return nil
}

// lookEvery is how often a sink looks after its output.
const lookEvery = 400 * time.Millisecond

// write is the goroutine of one sink: queue to sink, until the compute
// goroutine is done or the context hard ends. A failed write costs its
// detections and nothing else.
func (r *Runner) write(hard, final context.Context, o *outlet) error {
	ds := make([]pipeline.Detection, 0, cap(o.take))
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		items, done := o.queue.pop(hard, o.take, together, tick.C)
		if done {
			break
		}
		if time.Since(o.looked) >= lookEvery {
			o.looked = time.Now()
			r.look(hard, o)
		}
		if len(items) == 0 {
			continue
		}
		ds = ds[:0]
		for i := range items {
			ds = append(ds, items[i].Detection)
		}
		err := r.writeOnce(hard, o, items[0].flight, ds)
		good, bad, lost := fates(items, err)
		again := min(o.repeated(), len(good))
		why := writeFailed
		if hard.Err() != nil {
			why = drainDeadline
		}
		o.queue.settle(good[:again], duplicate)
		o.queue.settle(good[again:], delivered)
		o.queue.settle(bad, refused)
		o.queue.settle(lost, why)
		r.rejectItems(hard, o, bad, refused, err)
		r.rejectItems(hard, o, lost, why, err)
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
	o.note(err)
	if err == nil {
		return nil
	}
	if revokeLost(o.queue, err, lostLater) {
		r.rejectLost(final, o, err, lostLater)
		return nil
	}
	return fmt.Errorf("sink %q: close: %w", o.Name, err)
}

// revokeLost counts as dropped what an error tells to be lost, and reports
// whether it tells of any.
func revokeLost(q *queue[item], err error, why cause) bool {
	lost, ok := errors.AsType[*pipeline.LostError](err)
	if ok {
		q.revoke(uint64(max(lost.Lost, 0)), why)
	}
	return ok
}

// writeOnce calls Write below the span of the batch, if that is traced.
func (r *Runner) writeOnce(ctx context.Context, o *outlet, f *flight, ds []pipeline.Detection) error {
	if !f.trace.IsSampled() {
		err := o.Sink.Sink.Write(ctx, ds)
		o.note(err)
		return err
	}
	name, kind := "write "+o.Name, trace.SpanKindInternal
	attributes := []attribute.KeyValue{
		attribute.String("stream", r.p.Name), attribute.String("sink", o.Name), attribute.Int("detections", len(ds)),
	}
	if m, ok := o.Sink.Sink.(pipeline.Messenger); ok {
		system, template := m.Destination()
		name, kind = "publish "+template, trace.SpanKindProducer
		attributes = append(attributes,
			attribute.String("messaging.system", system), attribute.String("messaging.operation.type", "send"),
			attribute.String("messaging.operation.name", "publish"), attribute.String("messaging.destination.template", template),
			attribute.Int("messaging.batch.message_count", len(ds)))
	}
	ctx, span := r.o.Tracer.Start(trace.ContextWithSpanContext(ctx, f.trace), name, trace.WithSpanKind(kind),
		trace.WithAttributes(attributes...))
	defer span.End()
	err := o.Sink.Sink.Write(ctx, ds)
	o.note(err)
	if err != nil {
		span.SetAttributes(attribute.String("error.type", causeNames[writeFailed]))
		span.SetStatus(codes.Error, redact.Text(err.Error()))
	}
	return err
}

// fates tells apart what a Write that returned err delivered, what is refused for
// good, and what is lost.
func fates(items []item, err error) (good, bad, lost []item) {
	if err == nil {
		return items, nil, nil
	}
	part, ok := errors.AsType[*pipeline.PartialWriteError](err)
	if !ok {
		return nil, nil, items
	}
	for i, it := range items {
		_, never := slices.BinarySearch(part.Refused, i)
		switch {
		case never:
			bad = append(bad, it)
		case len(good) < part.Written:
			good = append(good, it)
		default:
			lost = append(lost, it)
		}
	}
	return good, bad, lost
}

// repeated is how many detections the sink held already, since the last call.
func (o *outlet) repeated() int {
	d, ok := o.Sink.Sink.(pipeline.Deduplicating)
	if !ok {
		return 0
	}
	before := o.again
	o.again = d.Duplicates()
	return int(o.again - before)
}
