package dashboard

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func env() component.Env {
	return component.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now, Name: "test"}
}

// freeConfig listens on a free port of loopback.
func freeConfig() Config {
	c := NewDefaultConfig()
	c.Listen = "127.0.0.1:0"
	return c
}

func newSink(t *testing.T, c Config) *Sink {
	t.Helper()
	s, err := New(c, env())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSinkKeepsItsContract(t *testing.T) {
	pipelinetest.Sink(t, pipelinetest.SinkCase{New: func() (pipeline.Sink, error) { return New(freeConfig(), env()) }})
}

// held is a run of fakes that lasts until stop, with a page.
type held struct {
	server *Server
	stop   func() runner.Summary
}

// hold runs batches of events, one each millisecond, with a page.
func hold(t *testing.T, c Config, batches int) held {
	t.Helper()
	server, err := Acquire(t.Context(), c, env().Log)
	if err != nil {
		t.Fatal(err)
	}
	source := &pipelinetest.FakeSource{Batches: batches, Events: 8}
	source.BeforeRead = func(ctx context.Context, _ int) {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
		}
	}
	p := runner.Pipeline{
		Name: "test", ConfigHash: "0123456789abcdef", Source: source,
		Encoder: func(info pipeline.StreamInfo) (pipeline.Encoder, error) {
			return &pipelinetest.FakeEncoder{Info: info}, nil
		},
		Network: func(pipeline.Shape) (pipeline.Network, error) { return new(pipelinetest.FakeNetwork), nil },
		Readout: func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) {
			return new(pipelinetest.FakeReadout), nil
		},
		Sinks: []runner.Sink{{Name: "page", Sink: newSink(t, c)}},
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan runner.Summary, 1)
	go func() { // ends with stop
		s, err := runner.Run(ctx, p, runner.Options{})
		if err != nil {
			t.Error(err)
		}
		done <- s
	}()
	h := held{server: server}
	stopped := false
	var s runner.Summary
	h.stop = func() runner.Summary {
		if !stopped {
			stopped = true
			cancel()
			s = <-done
			if err := server.Release(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}
		return s
	}
	t.Cleanup(func() { h.stop() })
	for server.find("test") == nil {
		time.Sleep(time.Millisecond)
	}
	return h
}

// dial opens a viewer's WebSocket.
func dial(t *testing.T, address string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	c, r, err := websocket.Dial(t.Context(), "ws://"+address, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		c.SetReadLimit(16 << 20)
		t.Cleanup(func() { c.CloseNow() })
	}
	return c, r, err
}

func TestAViewerIsGreetedAndSeesFramesDetectionsAndFigures(t *testing.T) {
	h := hold(t, freeConfig(), 1<<40)
	c, _, err := dial(t, h.server.addr+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for !seen["hello"] || !seen["stats"] || !seen["found"] || !seen["frame"] {
		kind, data, err := c.Read(t.Context())
		if err != nil {
			t.Fatalf("after %v: %v", seen, err)
		}
		if kind == websocket.MessageBinary {
			seen["frame"] = true
			continue
		}
		var m struct {
			T  string
			Ds []pipeline.Detection
		}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		seen[m.T] = seen[m.T] || m.T != "found" || len(m.Ds) > 0
	}
}

// TestAViewerThatTakesNothingHoldsNobodyUp lets one viewer fall asleep beside one
// that looks; the run and the other viewer must not notice.
func TestAViewerThatTakesNothingHoldsNobodyUp(t *testing.T) {
	h := hold(t, freeConfig(), 1<<40)
	if _, _, err := dial(t, h.server.addr+"/live", nil); err != nil { // and never read
		t.Fatal(err)
	}
	c, _, err := dial(t, h.server.addr+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		if _, _, err := c.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s := h.stop()
	if _, lost := s.Lost(); lost != 0 || s.Sinks[0].Written != s.Detections.Total {
		t.Errorf("%d detections lost, %d of %d written", lost, s.Sinks[0].Written, s.Detections.Total)
	}
}

func TestAMailboxThatIsFullLosesFramesAndNoGreeting(t *testing.T) {
	v := &viewer{mail: make(chan letter, 1)}
	st := newStream(&Server{cfg: NewDefaultConfig()}, "test")
	st.viewers[v] = true
	f := &frame{sound: newSound(pipeline.Shape{4}), begun: true}
	for range 3 {
		st.send(f)
	}
	if len(v.mail) != 0 || v.missed != 3 { // the last place is kept for what is not a frame
		t.Errorf("%d letters, %d missed", len(v.mail), v.missed)
	}
}

func TestWhoMayLook(t *testing.T) {
	open := hold(t, freeConfig(), 1<<40)
	_, port, _ := net.SplitHostPort(open.server.addr)
	get := func(address, host, query string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for host, want := range map[string]int{
		"": 200, "localhost:" + port: 200, "[::1]:" + port: 200, "evil.example:" + port: 403, "localhost.evil.example": 403,
	} {
		if got := get(open.server.addr, host, ""); got != want {
			t.Errorf("host %q: %d, want %d", host, got, want)
		}
	}
	for origin, want := range map[string]bool{"http://" + open.server.addr: true, "http://evil.example": false, "null": false} {
		if _, _, err := dial(t, open.server.addr+"/live", http.Header{"Origin": {origin}}); (err == nil) != want {
			t.Errorf("origin %s: %v", origin, err)
		}
	}
	open.stop()

	c := freeConfig()
	c.Token = "correct horse"
	shut := hold(t, c, 1<<40)
	for query, want := range map[string]int{"": 401, "?token=": 401, "?token=correct": 401, "?token=correct+horse": 200} {
		if got := get(shut.server.addr, "", query); got != want {
			t.Errorf("token %q: %d, want %d", query, got, want)
		}
	}
	if _, r, err := dial(t, shut.server.addr+"/live", nil); err == nil || r.StatusCode != 401 {
		t.Errorf("a viewer without the token: %v", err)
	}
	if _, _, err := dial(t, shut.server.addr+"/live", http.Header{"Cookie": {cookie + "=correct+horse"}}); err != nil {
		t.Errorf("a viewer whose browser keeps the token: %v", err)
	}
}

func TestAnAddressThatOthersReachNeedsAToken(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0:8017": "token", ":8017": "", "localhost:0": "", "[::1]:0": "", "192.0.2.1:1": "token", "8017": "listen",
	} {
		err := Config{Listen: listen, FPS: 30}.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", listen, err, want)
		}
	}
}

func TestUsersOfOneAddressShareAPage(t *testing.T) {
	c := freeConfig()
	a, err := Acquire(t.Context(), c, env().Log)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Acquire(t.Context(), c, env().Log)
	if err != nil || a != b {
		t.Fatalf("two pages: %v", err)
	}
	c.Token = "x"
	if _, err := Acquire(t.Context(), c, env().Log); err == nil {
		t.Error("one page has two tokens")
	}
	for range 2 {
		if err := a.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := http.Get("http://" + a.addr); err == nil {
		t.Error("the page outlived its last user")
	}
}

// TestWhoeverBeginsAPageSaysWhereItIs expects a sink to log the address of a page that it
// begins, and not that of one which run --view has shown already.
func TestWhoeverBeginsAPageSaysWhereItIs(t *testing.T) {
	for _, c := range []struct {
		name  string
		begun bool // by run --view
		lines int
	}{{"a sink alone", false, 1}, {"a sink beside --view", true, 0}} {
		var log strings.Builder
		e := env()
		e.Log = slog.New(slog.NewTextHandler(&log, nil))
		config := freeConfig()
		if c.begun {
			server, err := Acquire(t.Context(), config, e.Log)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = server.Release(context.WithoutCancel(t.Context())) }()
		}
		s, err := New(config, e)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Open(t.Context(), pipeline.StreamMeta{Name: "test"}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "http://"); n != c.lines {
			t.Errorf("%s: %d addresses, want %d: %s", c.name, n, c.lines, log.String())
		}
	}
}
