package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// hall is a cluster of servers for a test, with its streams.
type hall struct {
	t       testing.TB
	cfg     Config
	options []*server.Options
	servers []*server.Server
	nc      *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
}

// newHall starts servers and makes the streams.
func newHall(t testing.TB, servers int, change func(*Config)) *hall {
	t.Helper()
	h := &hall{t: t, cfg: NewDefaultConfig(), log: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	h.cfg.Partitions, h.cfg.Lease, h.cfg.Replicas = 4, time.Second, servers
	h.cfg.Commit, h.cfg.Snapshot, h.cfg.Packet = 20*time.Millisecond, 300*time.Millisecond, 5*time.Millisecond
	h.cfg.Streams = []string{"*"}
	h.cfg.Input.Bytes = 512 << 20 // each server must have room for it
	if change != nil {
		change(&h.cfg)
	}
	var routes []string
	var ports []int
	for range servers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		routes = append(routes, "nats://"+l.Addr().String())
		l.Close()
	}
	for i := range servers {
		o := &server.Options{
			Host: "127.0.0.1", Port: server.RANDOM_PORT, ServerName: fmt.Sprint("s", i), NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: folder(t),
		}
		if servers > 1 {
			o.Cluster = server.ClusterOpts{Name: "hall", Host: "127.0.0.1", Port: ports[i]}
			o.Routes = server.RoutesFromStr(strings.Join(routes, ","))
		}
		h.options = append(h.options, o)
		h.servers = append(h.servers, nil)
		h.start(i)
	}
	t.Cleanup(func() {
		for _, s := range h.servers {
			s.Shutdown()
			s.WaitForShutdown()
		}
	})
	h.nc = h.connect()
	var err error
	if h.js, err = jetstream.New(h.nc); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		once, cancel := context.WithTimeout(ctx, 3*time.Second)
		steps, err := Plan(once, h.js, h.cfg)
		if err == nil {
			err = Apply(once, steps)
		}
		cancel()
		if err == nil {
			return h
		}
		if sleep.For(ctx, 100*time.Millisecond) != nil {
			t.Fatal(err)
		}
	}
}

// folder is a folder of its own, removed as far as the server lets go of it.
func folder(t testing.TB) string {
	dir, err := os.MkdirTemp("", "hall")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// start starts a server, again on its port.
func (h *hall) start(i int) {
	s, err := server.NewServer(h.options[i])
	if err != nil {
		h.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		h.t.Fatal("a server does not start")
	}
	h.servers[i] = s
	h.options[i].Port = s.Addr().(*net.TCPAddr).Port
}

func (h *hall) urls() string {
	var list []string
	for _, s := range h.servers {
		list = append(list, s.ClientURL())
	}
	return strings.Join(list, ",")
}

func (h *hall) connect(more ...nats.Option) *nats.Conn {
	h.t.Helper()
	options := append([]nats.Option{nats.MaxReconnects(-1), nats.ReconnectWait(20 * time.Millisecond), nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})}, more...)
	nc, err := nats.Connect(h.urls(), options...)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(nc.Close)
	return nc
}

// hand is a worker of a test.
type hand struct {
	*Worker
	nc   *nats.Conn
	stop context.CancelFunc
	done chan struct{}
}

func (h *hall) work(pipelines ...*Pipeline) *hand { return h.workOver(h.connect(), nil, pipelines...) }

func (h *hall) workOver(nc *nats.Conn, change func(*Worker), pipelines ...*Pipeline) *hand {
	h.t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(h.t.Context()))
	w, err := NewWorker(ctx, Options{Conn: nc, Log: h.log, Now: time.Now, Host: "test", Parts: writeLines}, pipelines)
	for range 50 { // a server that was just restarted may not answer yet
		if err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
		w, err = NewWorker(ctx, Options{Conn: nc, Log: h.log, Now: time.Now, Host: "test", Parts: writeLines}, pipelines)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	if change != nil {
		change(w)
	}
	hd := &hand{Worker: w, nc: nc, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(hd.done)
		if err := w.Run(ctx); err != nil {
			h.t.Error(err)
		}
	}()
	h.t.Cleanup(hd.leave)
	return hd
}

// leave ends a worker in order.
func (h *hand) leave() {
	h.stop()
	<-h.done
}

// kill ends a worker as a cut of its connection does: whatever it has is gone.
func (h *hand) kill() {
	h.nc.Close()
	h.stop()
	<-h.done
}

// feed feeds a stream whose key tells its seed, and waits for it.
func (h *hall) feed(ctx context.Context, key string, source *chainSource) (FeedSummary, error) {
	f := Feed{Config: h.cfg, Key: key, Source: source, Conn: h.connect(), Log: h.log, Now: time.Now}
	return f.Run(ctx)
}

// alone is what one process detects in a stream.
func alone(t testing.TB, p runner.Pipeline, s *chainSource) []string {
	t.Helper()
	c := &collect{}
	p.Source, p.Sinks = s, []runner.Sink{{Name: "collect", Sink: c}}
	if _, err := runner.Run(t.Context(), p, runner.Options{}); err != nil {
		t.Fatal(err)
	}
	return c.lines
}

// detections are the records of a stream in the output, in their order.
func (h *hall) detections(key string) (lines []string) {
	h.t.Helper()
	h.each(key, func(m jetstream.Msg) { lines = append(lines, string(m.Data())) })
	return lines
}

// each looks at all detections of a stream in the output. A server that was just
// started again may not answer yet: the reading begins again then.
func (h *hall) each(key string, at func(jetstream.Msg)) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), 30*time.Second)
	defer cancel()
	for {
		messages, err := h.read(ctx, key)
		if err == nil {
			for _, m := range messages {
				at(m)
			}
			return
		}
		if sleep.For(ctx, 100*time.Millisecond) != nil {
			h.t.Fatal(err)
		}
	}
}

// read returns the detections of a stream that are in the output.
func (h *hall) read(ctx context.Context, key string) (messages []jetstream.Msg, err error) {
	s, err := h.js.Stream(ctx, h.cfg.outputStream())
	if err != nil {
		return nil, err
	}
	c, err := s.CreateConsumer(ctx, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, FilterSubject: h.cfg.Name + "-det.*.*." + key + ".*",
		MemoryStorage: true, Replicas: 1,
	})
	if err != nil {
		return nil, err
	}
	for left := int(c.CachedInfo().NumPending); left > 0; {
		batch, err := c.Fetch(min(left, 500), jetstream.FetchMaxWait(5*time.Second))
		if err != nil {
			return nil, err
		}
		for m := range batch.Messages() {
			messages = append(messages, m)
			left--
		}
		if batch.Error() != nil {
			return nil, batch.Error()
		}
	}
	return messages, nil
}

// decoded reads a record.
func decoded(t testing.TB, b []byte) (d pipeline.Detection) {
	t.Helper()
	if err := d.UnmarshalJSON(b); err != nil {
		t.Fatal(err)
	}
	return d
}

// record is the last checkpoint of a partition, nil when there is none.
func (h *hall) record(n int) *record {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), 5*time.Second)
	defer cancel()
	s, err := h.js.Stream(ctx, h.cfg.outputStream())
	if err != nil {
		return nil
	}
	m, err := s.GetLastMsgForSubject(ctx, h.cfg.checkpointSubject(n))
	if errors.Is(err, jetstream.ErrMsgNotFound) || err != nil {
		return nil
	}
	r, err := decodeRecord(m.Data)
	if err != nil {
		h.t.Error(err)
	}
	return r
}

// track is how far a stream has come.
func (h *hall) track(key, name string) *track {
	r := h.record(h.cfg.partitionOf(key))
	if r == nil {
		return nil
	}
	for _, l := range r.Lanes {
		if l.Key == key && l.Pipeline == name {
			return l
		}
	}
	return nil
}

// until waits until something is true.
func (h *hall) until(what string, patience time.Duration, is func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("after %v still not: %s", patience, what)
		}
	}
}

// ended waits until streams are processed to their end.
func (h *hall) ended(patience time.Duration, name string, keys ...string) {
	h.t.Helper()
	h.until("the end of all streams", patience, func() bool { return h.allEnded(name, keys) })
}

func (h *hall) allEnded(name string, keys []string) bool {
	for _, key := range keys {
		if t := h.track(key, name); t == nil || !t.Ended {
			return false
		}
	}
	return true
}

// testWriter logs as long as the test runs.
type testWriter struct{ t testing.TB }

var logging sync.Mutex

func (w testWriter) Write(b []byte) (int, error) {
	logging.Lock()
	defer logging.Unlock()
	if w.t.Context().Err() == nil {
		w.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}
