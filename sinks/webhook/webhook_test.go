package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server takes requests and answers with the given codes in turn, the last for ever.
type server struct {
	*httptest.Server
	codes []int

	mu    sync.Mutex
	seen  []string // what was posted, under mu
	heads []http.Header
}

func newServer(t *testing.T, codes ...int) *server {
	s := &server{codes: codes}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen, s.heads = append(s.seen, r.Method+" "+r.URL.Path+"\n"+string(body)), append(s.heads, r.Header)
		code := s.codes[min(len(s.seen), len(s.codes))-1]
		if code == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(code)
	}))
	t.Cleanup(s.Close)
	return s
}

var found = []pipeline.Detection{
	{Stream: "left", Run: "3f2a", Seq: 4, Kind: pipeline.MotionStart, T: 1000},
	{Stream: "left", Run: "3f2a", Seq: 5, Kind: pipeline.LineCross, T: 2000},
	{Stream: "left", Run: "3f2a", Seq: 6, Kind: pipeline.AlarmStart, T: 3000},
}

func open(t *testing.T, change func(*config)) *sink {
	t.Helper()
	c := newDefaultConfig()
	change(&c)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	s := newSink(c, component.Env{Name: "left"})
	if err := s.Open(t.Context(), pipeline.StreamMeta{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestABatchIsOneRequest(t *testing.T) {
	t.Parallel()
	srv := newServer(t, 204)
	s := open(t, func(c *config) { c.URL, c.Token = srv.URL+"/hook/{name}", "geheim" })
	if err := s.Write(t.Context(), found); err != nil || s.Health() != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(srv.seen[0]), "\n")
	if len(srv.seen) != 1 || len(lines) != 4 || lines[0] != "POST /hook/left" {
		t.Fatalf("%q", srv.seen)
	}
	for i, line := range lines[1:] {
		var d pipeline.Detection
		if err := json.Unmarshal([]byte(line), &d); err != nil || d.Kind != found[i].Kind || d.Seq != found[i].Seq {
			t.Errorf("%s: %v", line, err)
		}
	}
	head := srv.heads[0]
	want := []string{"application/x-ndjson", "left/3f2a/4-6", "Bearer geheim"}
	if d := cmp.Diff(want, []string{head.Get("Content-Type"), head.Get("Idempotency-Key"), head.Get("Authorization")}); d != "" {
		t.Error(d)
	}
}

func TestOnlySomeKinds(t *testing.T) {
	t.Parallel()
	srv := newServer(t, 200)
	s := open(t, func(c *config) { c.URL, c.Kinds = srv.URL, []string{"line_cross"} })
	for _, ds := range [][]pipeline.Detection{found, found[:1]} {
		if err := s.Write(t.Context(), ds); err != nil {
			t.Fatal(err)
		}
	}
	if len(srv.seen) != 1 || strings.Count(srv.seen[0], "\n") != 2 || srv.heads[0].Get("Idempotency-Key") != "left/3f2a/5-5" {
		t.Errorf("%q", srv.seen)
	}
	// What is not posted is not refused either.
	srv = newServer(t, 400)
	s = open(t, func(c *config) { c.URL, c.Kinds = srv.URL, []string{"line_cross"} })
	partial, ok := errors.AsType[*pipeline.PartialWriteError](s.Write(t.Context(), found))
	if !ok || partial.Written != 2 || !slices.Equal(partial.Refused, []int{1}) {
		t.Errorf("%+v", partial)
	}
}

func TestWhatFailsIsTriedAgainAndWhatIsRefusedIsNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		codes []int
		tries int
		want  string
	}{
		"busy, then well":  {[]int{503, 429, 200}, 3, ""},
		"refused":          {[]int{400, 200}, 1, "refuses: 400 Bad Request"},
		"points elsewhere": {[]int{302, 200}, 1, "refuses: 302 Found"},
	} {
		srv := newServer(t, c.codes...)
		s := open(t, func(cfg *config) { cfg.URL = srv.URL })
		err := s.Write(t.Context(), found)
		if len(srv.seen) != c.tries || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %d tries, %v", name, len(srv.seen), err)
		}
		partial, refused := errors.AsType[*pipeline.PartialWriteError](err)
		if refused != (c.tries == 1) || refused && !slices.Equal(partial.Refused, []int{0, 1, 2}) {
			t.Errorf("%s: refused: %+v", name, partial)
		}
		if (s.Health() == nil) != (err == nil) {
			t.Errorf("%s: health is %v", name, s.Health())
		}
		for _, head := range srv.heads {
			if head.Get("Idempotency-Key") != "left/3f2a/4-6" {
				t.Errorf("%s: another try has another key", name)
			}
		}
	}
}

func TestADeadlineEndsTheTries(t *testing.T) {
	t.Parallel()
	srv := newServer(t, 500)
	s := open(t, func(c *config) { c.URL, c.Deadline = srv.URL, time.Millisecond })
	if err := s.Write(t.Context(), found); err == nil {
		t.Error("a server that always fails has taken a batch")
	}
	srv.Close()
	s = open(t, func(c *config) {
		c.URL, c.Deadline = strings.Replace(srv.URL, "http://", "http://name:geheim@", 1), time.Millisecond
	})
	if err := s.Write(t.Context(), found); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("%v", err)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"example.org", "ftp://example.org/", "http://", "http://%zz/"} {
		c := newDefaultConfig()
		c.URL = url
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "url: ") {
			t.Errorf("%s: %v", url, err)
		}
	}
	s := newSink(config{URL: "http://x", Token: component.Secret("file:" + t.TempDir() + "/none")}, component.Env{})
	if err := s.Open(t.Context(), pipeline.StreamMeta{}); err == nil {
		t.Error("a token that is not there")
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if Component().Name != "webhook" {
		t.Error("name")
	}
}
