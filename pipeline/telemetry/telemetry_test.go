package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var silent = slog.New(slog.DiscardHandler)

// fakes is a pipeline of 20 batches of 5 events, whose second sink fails.
func fakes() runner.Pipeline {
	return runner.Pipeline{
		Name: "cam",
		Source: &pipelinetest.FakeSource{
			Batches: 20, Events: 5, Defects: []pipeline.Damage{{Kind: "time_back", Count: 3}},
		},
		Encoder: func(info pipeline.StreamInfo) (pipeline.Encoder, error) {
			return &pipelinetest.FakeEncoder{Info: info}, nil
		},
		Network: func(in pipeline.Shape) (pipeline.Network, error) { return &pipelinetest.FakeNetwork{In: in}, nil },
		Readout: func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) {
			return new(pipelinetest.FakeReadout), nil
		},
		Sinks: []runner.Sink{
			{Name: "arrow", Sink: new(pipelinetest.FakeSink)},
			{Name: "nats", Sink: &pipelinetest.FakeSink{WriteErr: io.ErrClosedPipe}},
		},
	}
}

// start makes a Telemetry that the test's end shuts down.
func start(t *testing.T, c Config) *Telemetry {
	t.Helper()
	tel, err := New(t.Context(), c, "v0", silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := tel.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return tel
}

// runWatched runs a pipeline under the telemetry.
func runWatched(t *testing.T, tel *Telemetry, p runner.Pipeline) {
	t.Helper()
	r, err := runner.New(p, runner.Options{Tracer: tel.Tracer()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tel.Watch(r); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, tel *Telemetry, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+tel.addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestAScrapeShowsWhatTheRunCounted(t *testing.T) {
	tel := start(t, Config{Listen: "127.0.0.1:0"})
	runWatched(t, tel, fakes())
	_, body := get(t, tel, "/metrics")
	for _, want := range []string{
		`ganglion_input_batches_total{stream="cam"} 20`,
		`ganglion_input_events_total{stream="cam"} 100`,
		`ganglion_input_dropped_total{cause="queue_full",stream="cam"} 0`,
		`ganglion_input_queued{stream="cam"} 0`,
		`ganglion_input_damage_total{kind="time_back",stream="cam"} 3`,
		`ganglion_sensor_time_seconds_total{stream="cam"} 0.02`,
		`ganglion_encoder_events_total{stream="cam"} 100`,
		`ganglion_encoder_filtered_total{stream="cam"} 0`,
		`ganglion_encoder_spikes_total{stream="cam"} 100`,
		`ganglion_layer_spikes_total{layer="copy",stream="cam"} 100`,
		`ganglion_layer_synops_total{layer="copy",stream="cam"} 100`,
		`ganglion_layer_updates_total{layer="copy",stream="cam"} 100`,
		`ganglion_detections_total{kind="motion_end",stream="cam"} 1`,
		`ganglion_detections_total{kind="motion_update",stream="cam"} 100`,
		`ganglion_sink_received_total{sink="arrow",stream="cam"} 101`,
		`ganglion_sink_written_total{sink="arrow",stream="cam"} 101`,
		`ganglion_sink_written_total{sink="nats",stream="cam"} 0`,
		`ganglion_sink_dropped_total{cause="write_failed",sink="nats",stream="cam"} 101`,
		`ganglion_sink_queued{sink="nats",stream="cam"} 0`,
		`ganglion_batch_latency_seconds_bucket{stream="cam",le="10"} 20`,
		`ganglion_batch_latency_seconds_count{stream="cam"} 20`,
		`go_goroutines `,
		`service_version="v0"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}

func TestAStoppedWatchIsNoLongerScraped(t *testing.T) {
	tel := start(t, Config{Listen: "127.0.0.1:0"})
	r, err := runner.New(fakes(), runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	stop, err := tel.Watch(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := tel.Watch(r); err == nil {
		t.Error("a name was watched twice")
	}
	if _, body := get(t, tel, "/metrics"); !strings.Contains(body, `stream="cam"`) {
		t.Error("not there")
	}
	stop()
	if _, body := get(t, tel, "/metrics"); strings.Contains(body, `stream="cam"`) {
		t.Error("still there")
	}
}

func TestReadinessFollowsTheRun(t *testing.T) {
	tel := start(t, Config{Listen: "127.0.0.1:0"})
	expect := func(when string, status int, text string) {
		t.Helper()
		if s, body := get(t, tel, "/readyz"); s != status || !strings.Contains(body, text) {
			t.Errorf("%s: %d %s", when, s, body)
		}
	}
	expect("before", http.StatusServiceUnavailable, `"ready":false`)
	p := fakes()
	asked := false
	p.Source.(*pipelinetest.FakeSource).BeforeRead = func(context.Context, int) {
		if !asked {
			expect("while it runs", http.StatusOK, `"ready":true`)
			asked = true
		}
	}
	runWatched(t, tel, p)
	expect("after", http.StatusServiceUnavailable, `"name":"cam","ready":false`)
	if s, _ := get(t, tel, "/livez"); s != http.StatusOK {
		t.Errorf("livez %d", s)
	}
}

// sockets counts the sockets that this process holds.
func sockets(t *testing.T) (n int) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc to count sockets in")
	}
	for _, fd := range fds {
		if target, err := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); err == nil && strings.HasPrefix(target, "socket:") {
			n++
		}
	}
	return n
}

func TestNothingListensUnlessConfigured(t *testing.T) {
	before := sockets(t)
	tel := start(t, NewDefaultConfig())
	if n := sockets(t); tel.addr() != "" || n != before {
		t.Errorf("address %q, %d sockets more", tel.addr(), n-before)
	}
	if tel.Tracer() != nil {
		t.Error("a run pays for traces that nobody reads")
	}
	runWatched(t, tel, fakes())
	// The control: a configured listener shows in the count.
	if start(t, Config{Listen: ":0"}); sockets(t) != before+1 {
		t.Error("the count does not notice a listener")
	}
}

func TestAListenerIsOnLoopbackUnlessToldOtherwise(t *testing.T) {
	for listen, want := range map[string]struct {
		loopback bool
		profiler int
	}{":0": {true, http.StatusOK}, "127.0.0.1:0": {true, http.StatusOK}, "0.0.0.0:0": {false, http.StatusNotFound}} {
		tel := start(t, Config{Listen: listen})
		host, port, err := net.SplitHostPort(tel.addr())
		if err != nil || net.ParseIP(host).IsLoopback() != want.loopback {
			t.Errorf("%s listens on %s (%v)", listen, tel.addr(), err)
		}
		tel.server.addr = "127.0.0.1:" + port // 0.0.0.0 is reached through it
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/symbol"} {
			if status, _ := get(t, tel, path); status != want.profiler {
				t.Errorf("%s%s: %d", listen, path, status)
			}
		}
	}
}

func TestAWrongConfigIsRefused(t *testing.T) {
	taken := start(t, Config{Listen: ":0"})
	for want, c := range map[string]Config{
		`telemetry: listen: "localhost" is not an address`: {Listen: "localhost"},
		`otlp.endpoint: "collector:4317" is not an http`:   {OTLP: OTLP{Endpoint: "collector:4317"}},
		"address already in use":                           {Listen: taken.addr()},
	} {
		if _, err := New(t.Context(), c, "v0", silent); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestEveryMetricIsDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "telemetry.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := metricRows()
	for _, row := range rows {
		if !strings.Contains(string(doc), row) {
			t.Errorf("docs/telemetry.md lacks\n%s", row)
		}
	}
	if n := strings.Count(string(doc), "| `ganglion."); n != len(rows) {
		t.Errorf("docs/telemetry.md has %d metrics, the code %d", n, len(rows))
	}
}

// metricRows are the lines of the table in docs/telemetry.md.
func metricRows() (rows []string) {
	row := func(name string, kind kind, unit, attrs, doc string) {
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", name, kind, unit, attrs, strings.TrimSuffix(doc, ".")))
	}
	for _, d := range definitions {
		row(d.name, d.kind, d.unit, d.attrs, d.doc)
	}
	for _, d := range reloadCounters {
		row(d.name, d.kind, d.unit, d.attrs, d.doc)
	}
	row(latencyName, "histogram", "s", "", latencyDoc)
	return rows
}

func TestLogsCarryTheLevelAndForm(t *testing.T) {
	var text, json bytes.Buffer
	NewLog(&text, slog.LevelWarn, false).Info("quiet")
	NewLog(&json, slog.LevelInfo, true).With("stream", "cam").WithGroup("g").Info("said", "n", 1)
	if text.Len() != 0 || !strings.Contains(json.String(), `"stream":"cam","g":{"n":1}`) {
		t.Errorf("%s%s", &text, &json)
	}
}

func TestClipsHaveFiguresWhereTheyAreKept(t *testing.T) {
	kept := &runner.Summary{Keep: &runner.KeepFlow{
		SinkFlow: runner.SinkFlow{In: 7, Written: 4, Dropped: 2, Queued: 1, Drops: []runner.Drop{{Cause: "write_failed", Count: 2}}},
		Sought:   9, Waiting: 2,
	}}
	want := map[string]float64{
		"sought": 9, "waiting": 2, "clips": 7, "written": 4, "queued": 1,
		"dropped cause write_failed": 2, "dropped cause queue_full": 0, "dropped cause drain_deadline": 0,
		"dropped cause run_failed": 0, "dropped cause lost_after_write": 0,
		"dropped cause output_gone": 0, "dropped cause refused": 0,
	}
	for _, d := range definitions {
		name, ok := strings.CutPrefix(d.name, "ganglion.keep.")
		if !ok {
			continue
		}
		d.read(kept, func(v float64, pairs ...string) {
			key := strings.Join(append([]string{name}, pairs...), " ")
			if w, known := want[key]; !known || v != w {
				t.Errorf("%s is %v, want %v", key, v, w)
			}
			delete(want, key)
		})
		d.read(new(runner.Summary), func(float64, ...string) { t.Errorf("%s of a pipeline that keeps nothing", name) })
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}

// A clock that is set back behind the beginning of a run makes no series that begins in
// the future, which collectors refuse.
func TestAClockThatIsSetBackBeginsNoSeriesInTheFuture(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{-time.Hour, 0, time.Hour} {
		start := time.Now()
		p := producer{now: start.Round(0).Add(step + time.Minute)} // by the wall clock alone
		began := p.began(start)
		if began.After(p.now) || step >= 0 && !began.Equal(start) {
			t.Errorf("a clock that is set by %v: began %v, now %v", step, began, p.now)
		}
	}
}
