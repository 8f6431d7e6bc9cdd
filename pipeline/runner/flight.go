package runner

import (
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"ganglion/pipeline"
)

// flight follows one batch from its read until the last of its detections is
// written or dropped.
type flight struct {
	readAt time.Time         // zero: records no latency
	trace  trace.SpanContext // of the batch's span, invalid when not traced
	refs   atomic.Int64      // the batch, and each queued detection
}

// item is a detection in a sink's queue.
type item struct {
	pipeline.Detection
	flight *flight
}

// together reports whether two detections may go into one write: they may unless
// a sampled trace follows either batch, because a write has one trace context.
func together(a, b item) bool {
	return a.flight == b.flight || !a.flight.trace.IsSampled() && !b.flight.trace.IsSampled()
}

// release gives up one reference; the last one ends the flight and records the
// batch's latency.
func (f *flight) release(r *Runner) {
	if f.refs.Add(-1) > 0 {
		return
	}
	if !f.readAt.IsZero() {
		r.latency.Record(r.o.Now().Sub(f.readAt))
	}
	r.flights.put(f)
}

// flightPool reuses flights. It holds at most as many as were ever on their
// way at once, which the capacities of the queues bound.
type flightPool struct {
	mu   sync.Mutex // guards free
	free []*flight
}

func (p *flightPool) get(readAt time.Time) *flight {
	p.mu.Lock()
	defer p.mu.Unlock()
	var f *flight
	if n := len(p.free); n > 0 {
		f, p.free = p.free[n-1], p.free[:n-1]
	} else {
		f = new(flight)
	}
	f.readAt, f.trace = readAt, trace.SpanContext{}
	f.refs.Store(1)
	return f
}

func (p *flightPool) put(f *flight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, f)
}
