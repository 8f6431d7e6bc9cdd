package telemetry

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/redact"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

func watched(t *testing.T, tel *Telemetry, p runner.Pipeline) *runner.Runner {
	t.Helper()
	r, err := runner.New(p, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tel.Watch(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheSummaryOfEveryRunIsServed(t *testing.T) {
	tel := start(t, Config{Listen: "127.0.0.1:0"})
	if status, body := get(t, tel, "/summary"); status != http.StatusOK || body != "[]\n" {
		t.Errorf("without a run: %d %s", status, body)
	}
	runWatched(t, tel, fakes())
	other := fakes()
	other.Name = "sound"
	watched(t, tel, other)
	_, body := get(t, tel, "/summary")
	var list []runner.Summary
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != "cam" || list[0].Detections.Total != 101 || list[1].Name != "sound" || list[1].Detections.Total != 0 {
		t.Errorf("%s", body)
	}
}

// tail opens /detections and returns once it listens to the runs that are watched.
func tail(t *testing.T, tel *Telemetry, query string) *bufio.Scanner {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+tel.addr()+"/detections"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if kind := resp.Header.Get("Content-Type"); kind != "application/jsonl" {
		t.Errorf("content type %s", kind)
	}
	return bufio.NewScanner(resp.Body)
}

func TestDetectionsAreServedAsTheyAreMade(t *testing.T) {
	tel := start(t, Config{Listen: "127.0.0.1:0"})
	r := watched(t, tel, fakes())
	all, cam, none := tail(t, tel, ""), tail(t, tel, "?stream=cam"), tail(t, tel, "?stream=sound")
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, lines := range map[string]*bufio.Scanner{"all": all, "cam": cam} {
		for i := range uint64(101) {
			var d pipeline.Detection
			if !lines.Scan() {
				t.Fatalf("%s: ends after %d: %v", name, i, lines.Err())
			}
			if err := json.Unmarshal(lines.Bytes(), &d); err != nil || d.Seq != i || d.Stream != "cam" {
				t.Fatalf("%s: line %d is %s (%v)", name, i, lines.Bytes(), err)
			}
		}
	}
	if err := tel.server.shutdown(t.Context()); err != nil { // ends who listens
		t.Error(err)
	}
	tel.server = nil
	for name, lines := range map[string]*bufio.Scanner{"all": all, "sound": none} {
		if lines.Scan() {
			t.Errorf("%s: one more, %s", name, lines.Bytes())
		}
	}
}

// slow is a listener whose first write ends when it is let go.
type slow struct {
	*httptest.ResponseRecorder
	began, let chan struct{}
	writes     int
	stop       func(written string)
}

func (s *slow) Write(p []byte) (int, error) {
	if s.writes++; s.writes == 1 {
		close(s.began)
		<-s.let
	}
	n, err := s.ResponseRecorder.Write(p)
	s.stop(string(p))
	return n, err
}

// What a listener is too slow for is counted and told; nobody waits for it.
func TestAListenerThatIsSlowIsToldWhatItMissed(t *testing.T) {
	tel := new(Telemetry)
	p := fakes()
	p.Source = &pipelinetest.FakeSource{Batches: 500, Events: 8}
	r := watched(t, tel, p)
	ctx, cancel := context.WithCancel(t.Context())
	w := &slow{ResponseRecorder: httptest.NewRecorder(), began: make(chan struct{}), let: make(chan struct{})}
	told := 0
	w.stop = func(written string) {
		var m struct{ Missed *int }
		if err := json.Unmarshal([]byte(written), &m); err != nil {
			t.Error(err)
		}
		if m.Missed == nil {
			told++
		} else {
			told += *m.Missed
		}
		if told >= 4001 { // each was written, or is told to be missed
			cancel()
		}
	}
	listened := make(chan struct{})
	flushed := make(chan struct{})
	go func() { // ends with what was missed
		defer close(listened)
		tel.detections(nil)(flushing{w, flushed}, httptest.NewRequestWithContext(ctx, http.MethodGet, "/detections", nil))
	}()
	<-flushed
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-w.began
	close(w.let)
	<-listened
	var lines, missed int
	for line := range strings.Lines(w.Body.String()) {
		var m struct{ Missed *int }
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.Missed == nil {
			lines++
		} else {
			missed += *m.Missed
		}
	}
	if missed == 0 || lines+missed != 4001 {
		t.Errorf("%d lines and %d missed of 4001", lines, missed)
	}
}

// flushing tells of its first flush.
type flushing struct {
	*slow
	first chan struct{}
}

func (f flushing) Flush() {
	select {
	case <-f.first:
	default:
		close(f.first)
	}
}

// deaf is a listener that is gone.
type deaf struct{ *httptest.ResponseRecorder }

func (deaf) FlushError() error { return io.ErrClosedPipe }

func TestAListenerThatIsGoneIsLeft(t *testing.T) {
	tel := new(Telemetry)
	r := watched(t, tel, fakes())
	tel.detections(nil)(deaf{httptest.NewRecorder()}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/detections", nil))
	if _, err := r.Run(t.Context()); err != nil { // hands nothing to it
		t.Fatal(err)
	}
}

func TestLogsShowNoSecret(t *testing.T) {
	var b bytes.Buffer
	u, err := url.Parse("nats://robot:hunter2@host:4222")
	if err != nil {
		t.Fatal(err)
	}
	NewLog(&b, slog.LevelInfo, false).Info("connecting", "text", u.String()+"/a", "error", errors.New("dial "+u.String()), "url", u,
		"n", 7, "any", []int{1})
	text := b.String()
	if strings.Contains(text, "hunter2") || strings.Count(text, redact.Mark) != 3 || !strings.Contains(text, "n=7 any=[1]") {
		t.Error(text)
	}
	b.Reset()
	ErrorHandler(NewLog(&b, slog.LevelInfo, true)).Handle(errors.New("collector: token=hunter2"))
	var m map[string]any
	if err := json.Unmarshal(b.Bytes(), &m); err != nil || m["msg"] != "telemetry export failed" ||
		m["error"] != "collector: token="+redact.Mark {
		t.Errorf("%s (%v)", b.Bytes(), err)
	}
}

func TestReloadsAreCounted(t *testing.T) {
	tel := start(t, Config{Listen: "127.0.0.1:0"})
	if err := tel.CountReloads(func() int64 { return 3 }, func() int64 { return 2 }); err != nil {
		t.Fatal(err)
	}
	_, body := get(t, tel, "/metrics")
	for _, want := range []string{"ganglion_config_reloads_total 3", "ganglion_config_reload_failures_total 2"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
}

// Every figure of a summary goes to the metric that is named for it.
func TestEveryMetricHasItsFigure(t *testing.T) {
	age := 41.5
	s := &runner.Summary{
		SensorS: 1.5,
		Input: runner.Input{
			Batches: runner.Flow{In: 2}, Events: runner.Flow{In: 3, Out: 4, Queued: 5}, LeftOut: 6,
			Drops: []runner.Drop{{Cause: runner.Causes()[0], Count: 7}}, Damage: []pipeline.Damage{{Kind: "gap", Count: 8}},
		},
		Encoder: runner.Encoder{Filtered: 9, Spikes: 10},
		Layers: []runner.Layer{{Name: "a", Spikes: 11, SynOps: 12, Updates: 13, Sparsity: 0.5, ConnectionSparsity: 0.25,
			Footprint: 16, DenseSynOps: 17}},
		Learning:   []runner.Learned{{Layer: "a", From: "b", Drift: 0.75, Changes: 19, Version: 20, Frozen: true}, {Layer: "c", From: "d"}},
		Detections: runner.Detections{Kinds: map[pipeline.Kind]uint64{pipeline.MotionEnd: 21}},
		Sinks: []runner.SinkFlow{{
			Name: "nats", In: 22, Written: 23, Duplicates: 24, Queued: 25, Errors: 26, Link: &pipeline.Link{Connected: true, Reconnects: 27},
			Drops: []runner.Drop{{Cause: runner.Causes()[1], Count: 28}},
		}, {Name: "lost", Link: &pipeline.Link{}}, {Name: "file"}},
		Errors:      &runner.SinkFlow{In: 29, Written: 30, Drops: []runner.Drop{{Cause: runner.Causes()[2], Count: 31}}},
		Checkpoints: runner.Checkpoints{Saved: 32, Failed: 33, AgeS: &age},
		Worker:      &runner.Worker{Partitions: 34, Streams: 35, Aside: 36, Lost: 37},
	}
	want := map[string]float64{
		"input.batches": 2, "input.events": 3, "encoder.events": 4, "input.queued": 5, "input.left_out": 6,
		"input.dropped cause " + runner.Causes()[0]: 7, "input.damage kind gap": 8, "sensor.time": 1.5, "encoder.filtered": 9,
		"encoder.spikes":       10,
		"layer.spikes layer a": 11, "layer.synops layer a": 12, "layer.updates layer a": 13, "layer.sparsity layer a": 0.5,
		"layer.connection_sparsity layer a": 0.25, "layer.footprint layer a": 16, "layer.dense_synops layer a": 17,
		"learning.drift layer a from b": 0.75, "learning.changes layer a from b": 19, "learning.version layer a from b": 20,
		"learning.frozen layer a from b": 1, "detections kind motion_end": 21,
		"sink.received sink nats": 22, "sink.written sink nats": 23, "sink.duplicates sink nats": 24, "sink.queued sink nats": 25,
		"sink.errors sink nats": 26, "sink.connected sink nats": 1, "sink.reconnects sink nats": 27,
		"sink.dropped cause " + runner.Causes()[1] + " sink nats": 28,
		"errors.records": 29, "errors.written": 30, "errors.dropped cause " + runner.Causes()[2]: 31,
		"checkpoint.saved": 32, "checkpoint.failed": 33, "checkpoint.age": 41.5,
		"worker.partitions": 34, "worker.streams": 35, "worker.aside": 36, "worker.lost": 37,
	}
	got, zeros := map[string]float64{}, map[string]bool{}
	for _, d := range definitions {
		name := strings.TrimPrefix(d.name, "ganglion.")
		d.read(s, func(v float64, pairs ...string) {
			if key := strings.Join(append([]string{name}, pairs...), " "); v != 0 {
				got[key] = v
			} else {
				zeros[key] = true
			}
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, key := range []string{"sink.connected sink lost", "learning.frozen layer c from d",
		"sink.dropped cause " + runner.Causes()[0] + " sink file"} {
		if !zeros[key] {
			t.Errorf("%s is not told where it is 0", key)
		}
	}
	if zeros["sink.connected sink file"] || zeros["errors.records"] {
		t.Error("figures of what is not there")
	}
}
