package telemetry

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/propagation"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

// collector is an OTLP/HTTP receiver that keeps what it gets.
type collector struct {
	*httptest.Server
	mu    sync.Mutex // guards the fields below
	sums  map[string]int64
	spans []*tracepb.Span
}

func newCollector(t *testing.T) *collector {
	c := &collector{sums: map[string]int64{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/metrics", func(_ http.ResponseWriter, r *http.Request) {
		var m metricspb.MetricsData
		decode(t, r, &m)
		c.keepMetrics(&m)
	})
	mux.HandleFunc("POST /v1/traces", func(_ http.ResponseWriter, r *http.Request) {
		var m tracepb.TracesData
		decode(t, r, &m)
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, rs := range m.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				c.spans = append(c.spans, ss.Spans...)
			}
		}
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

func decode(t *testing.T, r *http.Request, m proto.Message) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	if err := proto.Unmarshal(body, m); err != nil {
		t.Error(err)
	}
}

// keepMetrics adds up the series of each metric.
func (c *collector) keepMetrics(m *metricspb.MetricsData) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rm := range m.ResourceMetrics {
		for _, sm := range rm.ScopeMetrics {
			for _, metric := range sm.Metrics {
				var n int64
				switch d := metric.Data.(type) {
				case *metricspb.Metric_Sum:
					for _, p := range d.Sum.DataPoints {
						n += p.GetAsInt()
					}
				case *metricspb.Metric_Histogram:
					for _, p := range d.Histogram.DataPoints {
						n += int64(p.Count)
					}
				}
				c.sums[metric.Name] = n
			}
		}
	}
}

// traceparents is a sink that keeps the header a message would carry.
type traceparents struct {
	pipelinetest.FakeSink
	headers []string
}

func (s *traceparents) Write(ctx context.Context, d []pipeline.Detection) error {
	h := http.Header{}
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(h))
	s.headers = append(s.headers, h.Get("Traceparent"))
	return s.FakeSink.Write(ctx, d)
}

func TestACollectorGetsEveryCountAndSpan(t *testing.T) {
	c := newCollector(t)
	tel, err := New(t.Context(), Config{OTLP: OTLP{Endpoint: c.URL + "/", Interval: time.Hour, SampleRatio: 1}}, "v0", silent)
	if err != nil {
		t.Fatal(err)
	}
	p := fakes()
	heads := new(traceparents)
	p.Sinks[0].Sink = heads
	runWatched(t, tel, p)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	want := map[string]int64{
		"ganglion.input.events": 100, "ganglion.detections": 101, "ganglion.sink.written": 101,
		"ganglion.sink.dropped": 101, latencyName: 20,
	}
	got := map[string]int64{}
	for name := range want {
		got[name] = c.sums[name]
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	c.checkSpans(t, heads.headers)
}

// checkSpans demands a span for each batch and below it one for each write,
// whose ids are those of the message headers. A sink that is fast takes what a
// batch detected in several writes.
func (c *collector) checkSpans(t *testing.T, headers []string) {
	t.Helper()
	batches, writes := map[string]int{}, map[string]bool{}
	for _, s := range c.spans {
		if s.Name == "batch" {
			batches[string(s.SpanId)] = 0
		}
	}
	for _, s := range c.spans {
		if s.Name == "write arrow" {
			writes[header(s)] = true
			if _, ok := batches[string(s.ParentSpanId)]; !ok {
				t.Errorf("a write belongs to no batch")
			}
			batches[string(s.ParentSpanId)]++
		}
	}
	if len(batches) != 20 {
		t.Errorf("%d batch spans, want 20", len(batches))
	}
	for id, n := range batches {
		if n == 0 {
			t.Errorf("batch %x has no write span", id)
		}
	}
	last := len(headers) - 1
	if last != len(writes) {
		t.Fatalf("%d messages below a batch, %d write spans", last, len(writes))
	}
	for _, h := range headers[:last] {
		if !writes[h] {
			t.Errorf("the header %q is of no write span", h)
		}
	}
	if h := headers[last]; h != "" { // the detections that the end of the stream settles
		t.Errorf("the header %q of no batch", h)
	}
}

// post is a sink that sends messages, and fails.
type post struct{ pipelinetest.FakeSink }

func (*post) Destination() (system, template string) { return "nats", "ganglion.cam.{kind}" }

func TestTheSpanOfMessagesFollowsTheConventions(t *testing.T) {
	c := newCollector(t)
	tel, err := New(t.Context(), Config{OTLP: OTLP{Endpoint: c.URL, Interval: time.Hour, SampleRatio: 1}}, "v0", silent)
	if err != nil {
		t.Fatal(err)
	}
	p := fakes()
	p.Sinks[0].Sink = &post{pipelinetest.FakeSink{WriteErr: errors.New("the link is cut")}}
	runWatched(t, tel, p)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Name != "publish ganglion.cam.{kind}" {
			continue
		}
		got := map[string]string{}
		for _, a := range s.Attributes {
			got[a.Key] = a.Value.GetStringValue()
		}
		want := map[string]string{
			"messaging.system": "nats", "messaging.operation.type": "send", "messaging.operation.name": "publish",
			"messaging.destination.template": "ganglion.cam.{kind}", "error.type": "write_failed",
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s is %q, want %q", k, got[k], v)
			}
		}
		if _, counted := got["messaging.batch.message_count"]; !counted || s.Kind != tracepb.Span_SPAN_KIND_PRODUCER {
			t.Errorf("kind %v, attributes %v", s.Kind, got)
		}
		return
	}
	t.Errorf("no span of a message among %d", len(c.spans))
}

func TestTheProcessIsNamedByTheEnvironment(t *testing.T) {
	named := func() (service, instance string) {
		t.Helper()
		r, err := resourceOf(t.Context(), "v0")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range r.Attributes() {
			switch a.Key {
			case "service.name":
				service = a.Value.AsString()
			case "service.instance.id":
				instance = a.Value.AsString()
			}
		}
		return service, instance
	}
	service, first := named()
	if _, second := named(); service != "ganglion" || len(first) < 16 || first == second {
		t.Errorf("service %q, instances %q and %q", service, first, second)
	}
	t.Setenv("OTEL_SERVICE_NAME", "gate-7")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=here")
	if service, instance := named(); service != "gate-7" || instance != "here" {
		t.Errorf("service %q, instance %q", service, instance)
	}
}

func header(s *tracepb.Span) string {
	return "00-" + hex.EncodeToString(s.TraceId) + "-" + hex.EncodeToString(s.SpanId) + "-01"
}

func TestLogsInsideASpanCarryItsIDs(t *testing.T) {
	c := newCollector(t)
	tel, err := New(t.Context(), Config{OTLP: OTLP{Endpoint: c.URL, Interval: time.Hour, SampleRatio: 1}}, "v0", silent)
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tel.traces.Tracer(scope).Start(t.Context(), "batch")
	span.End()
	var b bytes.Buffer
	NewLog(&b, slog.LevelInfo, false).InfoContext(ctx, "said")
	if want := "trace_id=" + span.SpanContext().TraceID().String(); !strings.Contains(b.String(), want) {
		t.Errorf("%s without %s", &b, want)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
