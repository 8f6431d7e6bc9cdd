package otlp

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// NewTraces returns an exporter of spans to the collector's url, which ends with
// /v1/traces as a rule. The context bounds its start, which sends nothing.
func NewTraces(ctx context.Context, url string) (*otlptrace.Exporter, error) {
	c, err := newClient(url, "TRACES")
	if err != nil {
		return nil, err
	}
	return otlptrace.New(ctx, traces{c})
}

// traces is what posts the spans of OpenTelemetry's exporter.
type traces struct{ *client }

func (t traces) Start(context.Context) error { return nil }

func (t traces) Stop(context.Context) error {
	t.close()
	return nil
}

// UploadTraces sends the message that the service's request has on the wire, too:
// field 1, spans by resource.
func (t traces) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	return t.export(ctx, &tracepb.TracesData{ResourceSpans: spans})
}

var _ otlptrace.Client = traces{}
