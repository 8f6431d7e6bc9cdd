package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"ganglion/internal/redact"
)

// NewLog returns a logger of text, or of JSON lines, from a level upwards. A
// record logged with the context of a span carries its trace_id and span_id; no
// record carries the password of a URL.
func NewLog(w io.Writer, level slog.Level, json bool) *slog.Logger {
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: withoutSecrets}
	if json {
		return slog.New(traced{slog.NewJSONHandler(w, o)})
	}
	return slog.New(traced{slog.NewTextHandler(w, o)})
}

// withoutSecrets redacts what a record says.
func withoutSecrets(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(redact.Text(v.String()))
	case slog.KindAny:
		switch x := v.Any().(type) {
		case error:
			a.Value = slog.StringValue(redact.Text(x.Error()))
		case fmt.Stringer:
			a.Value = slog.StringValue(redact.Text(x.String()))
		}
	}
	return a
}

// traced adds the ids of the context's span to every record.
type traced struct{ slog.Handler }

func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if s := trace.SpanContextFromContext(ctx); s.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", s.TraceID().String()), slog.String("span_id", s.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
