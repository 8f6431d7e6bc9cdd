package nats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/pipeline"
	"ganglion/sinks/nats/embedded"
	"ganglion/sinks/nats/natstest"
)

// storing is a configuration that publishes to the stream DETECTIONS.
func storing(url string) Config {
	c := config(url)
	c.JetStream.Stream = "DETECTIONS"
	return c
}

// jetStreamServer is an embedded server for one test, and a client's view.
func jetStreamServer(t testing.TB) (url string, js jetstream.JetStream) {
	t.Helper()
	s, err := embedded.Acquire(embedded.Options{Listen: NewDefaultConfig().Listen, JetStream: true, StoreDir: t.TempDir(), Log: env().Log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Release(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s.URL(), client(t, s.URL())
}

func client(t testing.TB, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func find(t *testing.T, js jetstream.JetStream) *jetstream.StreamInfo {
	t.Helper()
	s, err := js.Stream(context.Background(), "DETECTIONS")
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo()
}

// stored returns how often each seq below n is in the stream.
func stored(t *testing.T, js jetstream.JetStream, n int) []int {
	t.Helper()
	s, err := js.Stream(context.Background(), "DETECTIONS")
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int, n)
	state := s.CachedInfo().State
	for i := state.FirstSeq; i <= state.LastSeq; i++ {
		m, err := s.GetMsg(context.Background(), i)
		if err != nil {
			t.Fatal(err)
		}
		var d pipeline.Detection
		if err := json.Unmarshal(m.Data, &d); err != nil {
			t.Fatal(err)
		}
		counts[d.Seq]++
	}
	return counts
}

func ones(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = 1
	}
	return s
}

func TestAMissingStreamIsCreatedAsConfigured(t *testing.T) {
	_, js := jetStreamServer(t)
	c := storing(Embedded)
	c.JetStream.MaxAge, c.JetStream.Storage = time.Hour, "memory"
	s := open(t, c)
	write(t, s, detections(0, 600))
	info := find(t, js)
	if info.State.Msgs != 600 || info.Config.MaxAge != time.Hour || info.Config.Storage != jetstream.MemoryStorage {
		t.Errorf("state %+v of %+v", info.State, info.Config)
	}
	if diff := cmp.Diff([]string{"ganglion.*.*"}, info.Config.Subjects); diff != "" {
		t.Error(diff)
	}
}

func TestAStreamThatExistsIsNotChanged(t *testing.T) {
	_, js := jetStreamServer(t)
	if _, err := js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "DETECTIONS", Subjects: []string{"ganglion.>"},
		MaxMsgs: 7}); err != nil {
		t.Fatal(err)
	}
	before := find(t, js).Config
	c := storing(Embedded)
	c.JetStream.MaxAge = time.Hour
	write(t, open(t, c), detections(0, 10))
	if diff := cmp.Diff(before, find(t, js).Config); diff != "" {
		t.Error(diff)
	}
}

func TestARepeatedDetectionIsStoredOnce(t *testing.T) {
	_, js := jetStreamServer(t)
	for range 2 { // as after a crash that forgot what was confirmed
		write(t, open(t, storing(Embedded)), detections(0, 300))
	}
	if diff := cmp.Diff(ones(300), stored(t, js, 300)); diff != "" {
		t.Error(diff)
	}
}

func TestAcknowledgementsMayTakeAThirdOfTheDeadline(t *testing.T) {
	jetStreamServer(t)
	for _, c := range []struct {
		deadline, want time.Duration
		never          bool
	}{
		{12 * time.Second, 4 * time.Second, false},
		{time.Minute, 5 * time.Second, false}, // the most
		{2 * time.Second, time.Second, false}, // the least
		{0, 5 * time.Second, false},
		{12 * time.Second, 5 * time.Second, true},
	} {
		cfg := storing(Embedded)
		cfg.Deadline, cfg.NeverDrop = c.deadline, c.never
		if got := open(t, cfg).pub.(*stream).ackWait; got != c.want {
			t.Errorf("deadline %v, never drop %t: %v, want %v", c.deadline, c.never, got, c.want)
		}
	}
}

func TestStreamsThatCannotTakeTheDetectionsAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		exists *jetstream.StreamConfig
		change func(*Config)
		opens  bool
		want   string
	}{
		"a missing stream that must exist": {nil, func(c *Config) { c.JetStream.Create = false }, false, "stream not found"},
		"subjects of another stream": {
			&jetstream.StreamConfig{Name: "OTHER", Subjects: []string{"ganglion.>"}}, func(*Config) {}, false, "overlap"},
		"other subjects than the sink's": {
			nil, func(c *Config) { c.JetStream.Subjects = []string{"elsewhere"} }, false, "does not take ganglion.left.*"},
		"a stream that is full": {
			&jetstream.StreamConfig{Name: "DETECTIONS", Subjects: []string{"ganglion.>"}, MaxMsgs: 2, Discard: jetstream.DiscardNew},
			func(*Config) {}, true, "maximum messages exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			_, js := jetStreamServer(t)
			if c.exists != nil {
				if _, err := js.CreateStream(context.Background(), *c.exists); err != nil {
					t.Fatal(err)
				}
			}
			cfg := storing(Embedded)
			cfg.Deadline = 200 * time.Millisecond
			c.change(&cfg)
			s := build(t, cfg)
			defer s.Close(context.Background())
			err := s.Open(context.Background(), pipeline.StreamMeta{})
			if c.opens {
				if err != nil {
					t.Fatal(err)
				}
				err = s.Write(context.Background(), detections(0, 5))
				var partial *pipeline.PartialWriteError
				if !errors.As(err, &partial) {
					t.Fatalf("got %v", err)
				}
				if info, err := js.Stream(context.Background(), "DETECTIONS"); err == nil && int(info.CachedInfo().State.Msgs) != partial.Written {
					t.Errorf("%d detections are stored, %d reported", info.CachedInfo().State.Msgs, partial.Written)
				}
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAStreamThatIsRemovedIsMadeAgainWhereThatIsWanted(t *testing.T) {
	for _, create := range []bool{true, false} {
		t.Run(fmt.Sprintf("create %v", create), func(t *testing.T) {
			_, js := jetStreamServer(t)
			c := storing(Embedded)
			c.Deadline = 1500 * time.Millisecond // the client asks three times by itself
			open(t, c)
			c.JetStream.Create = create
			s := open(t, c)
			write(t, s, detections(0, 5))
			if err := js.DeleteStream(context.Background(), "DETECTIONS"); err != nil {
				t.Fatal(err)
			}
			err := s.Write(context.Background(), detections(5, 5))
			if !create {
				if err == nil || !strings.Contains(err.Error(), "no response from stream") {
					t.Errorf("got %v", err)
				}
				return
			}
			again, lost := js.Stream(context.Background(), "DETECTIONS")
			if err != nil || lost != nil {
				t.Fatal(err, lost)
			}
			if n := again.CachedInfo().State.Msgs; n != 5 {
				t.Errorf("%d messages are stored, want 5", n)
			}
		})
	}
}

// TestAnEmptyServerIsGivenItsStreamAgain: the server is killed and comes back on
// an empty disk.
func TestAnEmptyServerIsGivenItsStreamAgain(t *testing.T) {
	store := t.TempDir()
	server := natstest.StartServer(t, "-js", "-sd", store)
	c := storing(server.URL)
	var log bytes.Buffer
	s := logging(t, c, &log)
	write(t, s, detections(0, 7))
	server.Kill()
	if err := os.RemoveAll(filepath.Join(store, "jetstream")); err != nil {
		t.Fatal(err)
	}
	server.Restart()
	write(t, s, detections(7, 5))
	if n := find(t, client(t, server.URL)).State.Msgs; n != 5 {
		t.Errorf("%d messages are stored, want the 5 that came after", n)
	}
	if text := log.String(); !strings.Contains(text, "has been created again") || !strings.Contains(text, "count=7") {
		t.Errorf("log %s", text)
	}
}

func TestAStreamThatComesBackEmptyIsToldWithItsCount(t *testing.T) {
	_, js := jetStreamServer(t)
	var log bytes.Buffer
	s := logging(t, storing(Embedded), &log)
	write(t, s, detections(0, 7))
	write(t, s, detections(3, 9)) // 4 of them once more, which proves nothing
	if log.Len() > 0 {
		t.Errorf("log %s", &log)
	}
	config := find(t, js).Config
	if err := js.DeleteStream(t.Context(), "DETECTIONS"); err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), config); err != nil { // somebody else is faster
		t.Fatal(err)
	}
	write(t, s, detections(12, 3))
	if text := log.String(); strings.Count(text, "came back without") != 1 || !strings.Contains(text, "count=12") {
		t.Errorf("log %s", text)
	}
}

// Sequences that are out of order within a round tell of no loss; one that was given
// before the round does.
func TestOnlySequencesThatWereGivenBeforeTellOfALoss(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &stream{log: slog.New(slog.NewTextHandler(&log, nil))}
	round := func(sequences ...uint64) {
		s.floor = s.last
		for _, n := range sequences {
			s.stored(&jetstream.PubAck{Sequence: n})
		}
	}
	round(5, 3, 4)
	round(9, 6)
	if log.Len() > 0 || s.last != 9 || s.held != 5 {
		t.Errorf("the last is %d of %d: %s", s.last, s.held, &log)
	}
	round(10, 1, 2)
	round(3)
	if text := log.String(); strings.Count(text, "came back without") != 1 || !strings.Contains(text, "count=6") || s.held != 3 {
		t.Errorf("the last is %d of %d: %s", s.last, s.held, text)
	}
}

// logging is an open sink with a log.
func logging(t *testing.T, c Config, log *bytes.Buffer) *Sink {
	t.Helper()
	s := build(t, c)
	s.env.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if err := s.Open(t.Context(), pipeline.StreamMeta{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestWhatAStreamHoldsAlreadyIsADuplicate(t *testing.T) {
	jetStreamServer(t)
	first, second := open(t, storing(Embedded)), open(t, storing(Embedded))
	write(t, first, detections(0, 30))
	write(t, second, detections(20, 30))
	if first.Duplicates() != 0 || second.Duplicates() != 10 {
		t.Errorf("%d and %d duplicates, want 0 and 10", first.Duplicates(), second.Duplicates())
	}
}

func TestAServerWithoutJetStreamIsAnError(t *testing.T) {
	s := build(t, storing(embeddedServer(t)))
	defer s.Close(context.Background())
	if err := s.Open(context.Background(), pipeline.StreamMeta{}); err == nil || !strings.Contains(err.Error(), `stream "DETECTIONS"`) {
		t.Errorf("got %v", err)
	}
}

func TestCutsStoreEveryDetectionOnce(t *testing.T) {
	url, js := jetStreamServer(t)
	p := startProxy(t, url, 30_000)
	c := storing(p.url())
	c.InFlight = 16
	var s *Sink
	for s == nil { // a start may be cut too
		if try := build(t, c); try.Open(context.Background(), pipeline.StreamMeta{}) == nil {
			s = try
		} else if err := try.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	defer s.Close(context.Background())
	for i := 0; i < 400; i += 40 {
		write(t, s, detections(i, 40))
	}
	if diff := cmp.Diff(ones(400), stored(t, js, 400)); diff != "" {
		t.Error(diff)
	}
	if n := s.Duplicates(); n != 0 { // sent again after a cut, and this process's own
		t.Errorf("%d detections count as stored by somebody before", n)
	}
	p.checkCuts(t)
}

func TestAKilledServerHasEveryConfirmedDetectionOnce(t *testing.T) {
	server := natstest.StartServer(t, "-js", "-sd", t.TempDir())
	s := open(t, storing(server.URL))
	js := client(t, server.URL)
	const n = 600
	progress := make(chan int, n)
	done := make(chan error, 1)
	go func() {
		defer close(progress)
		for i := 0; i < n; i += 6 {
			if err := s.Write(context.Background(), detections(i, 6)); err != nil {
				done <- err
				return
			}
			progress <- i
		}
		done <- nil
	}()
	for i := range progress {
		if i == n/3 || i == 2*n/3 {
			server.Restart()
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ones(n), stored(t, js, n)); diff != "" {
		t.Error(diff)
	}
}
