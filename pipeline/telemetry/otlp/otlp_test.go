package otlp

import (
	"compress/gzip"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// request is what a collector got.
type request struct {
	header http.Header
	body   []byte
}

// collector answers with each of the answers in turn, then with 200.
func collector(t *testing.T, tls bool, answers ...http.HandlerFunc) (*httptest.Server, chan request) {
	t.Helper()
	got := make(chan request, 16)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		n := len(got)
		got <- request{r.Header, body}
		if n < len(answers) {
			answers[n](w, r)
		}
	})
	s := httptest.NewUnstartedServer(h)
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s, got
}

// figures is a collection of each kind that is exported.
func figures() *metricdata.ResourceMetrics {
	start, now := time.Unix(1, 0), time.Unix(2, 0)
	who := attribute.NewSet(attribute.String("stream", "gate"))
	return &metricdata.ResourceMetrics{
		Resource: resource.NewSchemaless(attribute.String("service.name", "x"), attribute.Int("n", 3), attribute.Bool("b", true),
			attribute.Float64("f", 0.5), attribute.StringSlice("l", []string{"a", "b"})),
		ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{
			{Name: "events", Unit: "{event}", Data: metricdata.Sum[int64]{IsMonotonic: true,
				DataPoints: []metricdata.DataPoint[int64]{{Attributes: who, StartTime: start, Time: now, Value: 7}}}},
			{Name: "age", Unit: "s", Data: metricdata.Sum[float64]{
				DataPoints: []metricdata.DataPoint[float64]{{StartTime: start, Time: now, Value: 0.25}}}},
			{Name: "latency", Data: metricdata.Histogram[float64]{DataPoints: []metricdata.HistogramDataPoint[float64]{
				{Count: 3, Sum: 0.5, Bounds: []float64{0.1}, BucketCounts: []uint64{1, 2}}}}},
		}}},
	}
}

func TestMetricsArriveAsTheyWereCounted(t *testing.T) {
	s, got := collector(t, false)
	m, err := NewMetrics(s.URL + "/v1/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Export(t.Context(), figures()); err != nil {
		t.Fatal(err)
	}
	if err := m.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := <-got
	if k := r.header.Get("Content-Type"); k != "application/x-protobuf" {
		t.Errorf("content type %q", k)
	}
	var data metricspb.MetricsData
	if err := proto.Unmarshal(r.body, &data); err != nil {
		t.Fatal(err)
	}
	rm := data.ResourceMetrics[0]
	var resource []string
	for _, kv := range rm.Resource.Attributes {
		resource = append(resource, kv.Key+" "+strings.Join(strings.Fields(kv.Value.String()), " "))
	}
	want := []string{`b bool_value:true`, `f double_value:0.5`, `l string_value:"[\"a\",\"b\"]"`, `n int_value:3`, `service.name string_value:"x"`}
	if d := cmp.Diff(want, resource); d != "" {
		t.Error(d)
	}
	metrics := rm.ScopeMetrics[0].Metrics
	events := metrics[0].GetSum()
	p := events.DataPoints[0]
	if !events.IsMonotonic || events.AggregationTemporality != cumulative || p.GetAsInt() != 7 ||
		p.StartTimeUnixNano != 1e9 || p.TimeUnixNano != 2e9 ||
		p.Attributes[0].Key != "stream" || p.Attributes[0].Value.GetStringValue() != "gate" || metrics[0].Unit != "{event}" {
		t.Errorf("%v", metrics[0])
	}
	if age := metrics[1].GetSum(); age.IsMonotonic || age.DataPoints[0].GetAsDouble() != 0.25 {
		t.Errorf("%v", metrics[1])
	}
	h := metrics[2].GetHistogram().DataPoints[0]
	if h.Count != 3 || h.GetSum() != 0.5 || !cmp.Equal(h.BucketCounts, []uint64{1, 2}) || !cmp.Equal(h.ExplicitBounds, []float64{0.1}) {
		t.Errorf("%v", metrics[2])
	}
}

func TestAMetricOfAnotherKindIsAnErrorAndLosesNothingElse(t *testing.T) {
	s, got := collector(t, false)
	m, err := NewMetrics(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := figures()
	f.ScopeMetrics[0].Metrics[1].Data = metricdata.Gauge[int64]{}
	if err := m.Export(t.Context(), f); err == nil || !strings.Contains(err.Error(), "metric age: metricdata.Gauge[int64] is not exported") {
		t.Errorf("%v", err)
	}
	var data metricspb.MetricsData
	if err := proto.Unmarshal((<-got).body, &data); err != nil || len(data.ResourceMetrics[0].ScopeMetrics[0].Metrics) != 2 {
		t.Errorf("%v: %v", err, &data)
	}
	const kind = sdkmetric.InstrumentKindCounter
	if m.Temporality(kind) != metricdata.CumulativeTemporality || m.Aggregation(kind) == nil {
		t.Error("counts are not since the start")
	}
	if err := m.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
	_ = m.Shutdown(t.Context()) // releases connections, cannot fail
}

func TestSpansArriveWithTheHeadersOfTheEnvironmentCompressed(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=nobody")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "authorization=Basic%20abc, x-tenant = seven")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	s, got := collector(t, false)
	e, err := NewTraces(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := sdktrace.NewTracerProvider(sdktrace.WithSyncer(e))
	_, span := p.Tracer("x").Start(t.Context(), "batch")
	span.End()
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := <-got
	if r.header.Get("Authorization") != "Basic abc" || r.header.Get("X-Tenant") != "seven" || r.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("headers %v", r.header)
	}
	z, err := gzip.NewReader(strings.NewReader(string(r.body)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var data tracepb.TracesData
	if err := proto.Unmarshal(plain, &data); err != nil || data.ResourceSpans[0].ScopeSpans[0].Spans[0].Name != "batch" {
		t.Errorf("%v: %v", err, &data)
	}
}

func TestABusyCollectorIsAskedAgainAndARefusalIsNot(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	refuses := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such tenant", http.StatusForbidden) }
	partial := func(w http.ResponseWriter, _ *http.Request) {
		inner := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 4)
		inner = protowire.AppendString(protowire.AppendTag(inner, 2, protowire.BytesType), "too old")
		w.Header().Set("Content-Type", "application/x-protobuf")
		_, _ = w.Write(protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), inner)) // the test reads what arrives
	}
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		tries   int
		want    string
	}{
		"a busy one":          {[]http.HandlerFunc{busy}, 2, ""},
		"one that refuses":    {[]http.HandlerFunc{refuses}, 1, "403 Forbidden: no such tenant"},
		"one that drops some": {[]http.HandlerFunc{partial}, 1, "the collector rejected 4: too old"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, got := collector(t, false, c.answers...)
			m, err := NewMetrics(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			err = m.Export(t.Context(), figures())
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if len(got) != c.tries {
				t.Errorf("%d requests, want %d", len(got), c.tries)
			}
			_ = m.Shutdown(t.Context()) // releases connections, cannot fail
		})
	}
}

func TestNobodyThereIsAnErrorOnceTheTimeIsOver(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "20")
	s, _ := collector(t, false)
	s.Close()
	m, err := NewMetrics(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Export(t.Context(), figures()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

func TestTheCertificateOfTheEnvironmentIsTrusted(t *testing.T) {
	s, got := collector(t, true)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", file)
	m, err := NewMetrics(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Export(t.Context(), figures()); err != nil || len(got) != 1 {
		t.Errorf("%v, %d requests", err, len(got))
	}
	_ = m.Shutdown(t.Context()) // releases connections, cannot fail
}

func TestAWrongVariableIsNamed(t *testing.T) {
	var told []string
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { told = append(told, err.Error()) }))
	t.Cleanup(func() { otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) })
	for name, value := range map[string]string{"HEADERS": "a b", "TIMEOUT": "10s", "COMPRESSION": "lzma"} {
		t.Run(name, func(t *testing.T) {
			told = nil
			t.Setenv("OTEL_EXPORTER_OTLP_"+name, value)
			if _, err := NewMetrics("http://127.0.0.1:1"); err != nil {
				t.Error(err)
			}
			if len(told) != 1 || !strings.Contains(told[0], name) || name == "HEADERS" && strings.Contains(told[0], value) {
				t.Errorf("%q", told)
			}
		})
	}
}

func TestACertificateThatIsNotThereIsAnError(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"CERTIFICATE": empty, "CLIENT_CERTIFICATE": empty, "CLIENT_KEY": empty + "-not"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_"+name, value)
			_, err := NewTraces(t.Context(), "http://127.0.0.1:1")
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v", err)
			}
			if _, err := NewMetrics("http://127.0.0.1:1"); err == nil {
				t.Error("metrics are exported")
			}
		})
	}
	t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", empty+"-not")
	if _, err := NewMetrics("http://127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "CERTIFICATE") {
		t.Errorf("%v", err)
	}
}

func TestAnAnswerThatIsNoMessageSaysNothing(t *testing.T) {
	for _, b := range []string{"\xff", "\x0a\xff", "\x0a\x02\x08", "\x08\x01"} {
		if err := rejected([]byte(b)); err != nil {
			t.Errorf("%q: %v", b, err)
		}
	}
}
