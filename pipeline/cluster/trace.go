package cluster

import (
	"context"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"ganglion/internal/redact"
)

// headers carry a trace context. The names are those of the W3C, in the case that
// they have there: headers of NATS tell the cases apart.
type headers nats.Header

func (h headers) Get(key string) string { return nats.Header(h).Get(key) }
func (h headers) Set(key, value string) { nats.Header(h).Set(key, value) }
func (h headers) Keys() (keys []string) {
	for key := range h {
		keys = append(keys, key)
	}
	return keys
}

// inject puts the span of a context into a message, if it is sampled.
func inject(ctx context.Context, m *nats.Msg) {
	if trace.SpanContextFromContext(ctx).IsSampled() {
		propagation.TraceContext{}.Inject(ctx, headers(m.Header))
	}
}

// extract is the span that a message bears.
func extract(ctx context.Context, h nats.Header) trace.SpanContext {
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(ctx, headers(h)))
}

// publishing begins the span of messages that are sent. end takes the outcome.
func publishing(ctx context.Context, tracer trace.Tracer, template, key string, messages int) (_ context.Context, end func(error)) {
	if tracer == nil {
		return ctx, func(error) {}
	}
	ctx, span := tracer.Start(ctx, "publish "+template, trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
		attribute.String("stream", key), attribute.String("messaging.system", "nats"),
		attribute.String("messaging.operation.type", "send"), attribute.String("messaging.operation.name", "publish"),
		attribute.String("messaging.destination.template", template), attribute.Int("messaging.batch.message_count", messages)))
	return ctx, func(err error) {
		if err != nil {
			span.SetAttributes(attribute.String("error.type", "write_failed"))
			span.SetStatus(codes.Error, redact.Text(err.Error()))
		}
		span.End()
	}
}

// processing begins the span of a packet in a pipeline, below the feeder's.
func processing(ctx context.Context, tracer trace.Tracer, pipeline string, a *arrival) (_ context.Context, end func()) {
	if tracer == nil {
		return ctx, func() {}
	}
	if a.trace.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, a.trace)
	}
	w := a.packet.Batch.Window
	ctx, span := tracer.Start(ctx, "batch", trace.WithTimestamp(a.came), trace.WithAttributes(
		attribute.String("stream", a.key), attribute.String("pipeline", pipeline), attribute.Int64("seq", int64(a.packet.Number)),
		attribute.Int64("window.start_us", w.Start), attribute.Int64("window.end_us", w.End)))
	return ctx, func() { span.End() }
}
