package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sinks/nats/embedded"
	"ganglion/sinks/nats/natstest"
)

func TestMain(m *testing.M) {
	code := natstest.Main(m)
	// nats.go 1.55 starts this goroutine after it stored the channel it waits
	// on; CleanupPublisher in between leaves it waiting for ever (its issue,
	// seen when a write is cut off within microseconds of publishing).
	known := goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect")
	if err := goleak.Find(known); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var kinds = []pipeline.Kind{pipeline.MotionStart, pipeline.MotionUpdate, pipeline.LineCross, pipeline.Keyword}

// detections returns n detections from seq on, of all kinds in turn.
func detections(seq, n int) []pipeline.Detection {
	nan := float32(math.NaN())
	d := make([]pipeline.Detection, n)
	for i := range d {
		d[i] = pipeline.Detection{
			Stream: "left", SchemaVersion: pipeline.SchemaVersion, ConfigHash: "0123456789abcdef", Run: "3f2a9c41d07be586",
			TimeUnixUS: pipeline.NoTime, Seq: uint64(seq + i),
			Kind: kinds[(seq+i)%len(kinds)], T: int64(seq+i) * 10_000, EmitDelayUS: pipeline.NoDelay,
			X0: nan, Y0: nan, X1: nan, Y1: nan, CX: nan, CY: nan, VX: nan, VY: nan, DirectionDeg: nan, SpeedPxS: nan,
			Confidence: 0.5, OnFraction: nan, Score: nan, Label: "gate",
		}
	}
	return d
}

func env() component.Env {
	return component.Env{Name: "left", Log: slog.New(slog.DiscardHandler)}
}

// config is a configuration for a server of the test.
func config(url string) Config {
	c := NewDefaultConfig()
	c.URL = url
	return c
}

func build(t testing.TB, c Config) *Sink {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := New(c, env())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open returns an open sink that the test's end closes.
func open(t testing.TB, c Config) *Sink {
	t.Helper()
	s := build(t, c)
	if err := s.Open(context.Background(), pipeline.StreamMeta{Name: "left"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func write(t testing.TB, s *Sink, d []pipeline.Detection) {
	t.Helper()
	if err := s.Write(context.Background(), d); err != nil {
		t.Fatal(err)
	}
}

// embeddedServer joins the embedded server that sinks with the URL embedded
// use by default.
func embeddedServer(t testing.TB) string {
	t.Helper()
	s, err := embedded.Acquire(embedded.Options{Listen: NewDefaultConfig().Listen, Log: env().Log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Release(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s.URL()
}

// checkArrived demands exactly these detections in this order.
func checkArrived(t *testing.T, got []natstest.Message, want []pipeline.Detection) {
	t.Helper()
	var d []pipeline.Detection
	for _, m := range got {
		d = append(d, m.Detection)
	}
	if diff := cmp.Diff(want, d, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestEveryDetectionArrivesOnceInOrder(t *testing.T) {
	for name, server := range map[string]func(t *testing.T) (url, subscribe string){
		"from the embedded server": func(t *testing.T) (string, string) { return Embedded, embeddedServer(t) },
		"from a server process": func(t *testing.T) (string, string) {
			url := natstest.StartServer(t).URL
			return url, url
		},
	} {
		t.Run(name, func(t *testing.T) {
			url, subscribe := server(t)
			sub := natstest.Subscribe(t, subscribe, "ganglion.left.*")
			s := open(t, config(url))
			all := detections(0, 3000)
			for _, cut := range [][2]int{{0, 0}, {0, 1}, {1, 17}, {17, 3000}} { // several chunks too
				write(t, s, all[cut[0]:cut[1]])
				checkArrived(t, sub.Received(), all[:cut[1]]) // confirmed means sent on
			}
		})
	}
}

func TestAMessageSaysWhatItIs(t *testing.T) {
	sub := natstest.Subscribe(t, embeddedServer(t), "ganglion.>")
	s := open(t, config(Embedded))
	span := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 2, 3, 15: 4}, SpanID: trace.SpanID{5, 7: 6}, TraceFlags: trace.FlagsSampled,
	})
	if err := s.Write(trace.ContextWithSpanContext(context.Background(), span), detections(2, 1)); err != nil {
		t.Fatal(err)
	}
	write(t, s, detections(3, 1)) // outside any span
	got := sub.Wait(2)
	header := nats.Header{
		"Nats-Msg-Id": {"left/3f2a9c41d07be586/2"}, "Ganglion-Schema-Version": {"1"},
		"Ganglion-Stream": {"left"}, "Ganglion-Kind": {"line_cross"}, "Ganglion-Run": {"3f2a9c41d07be586"},
		"traceparent": {"00-01020300000000000000000000000004-0500000000000006-01"},
	}
	if diff := cmp.Diff(header, got[0].Header); diff != "" {
		t.Error(diff)
	}
	if got[0].Subject != "ganglion.left.line_cross" {
		t.Errorf("subject %s", got[0].Subject)
	}
	if _, ok := got[1].Header["traceparent"]; ok {
		t.Error("the trace of an earlier write is left over")
	}
}

func TestSinksShareTheEmbeddedServer(t *testing.T) {
	sub := natstest.Subscribe(t, embeddedServer(t), ">")
	a, b := open(t, config(Embedded)), open(t, config(Embedded))
	write(t, a, detections(0, 1))
	write(t, b, detections(1, 1))
	checkArrived(t, sub.Wait(2), detections(0, 2))
}

func TestAServerThatCannotBeHadStopsTheStart(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	ended, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("told to stop"))
	for name, c := range map[string]struct {
		ctx     context.Context
		address string
		timeout time.Duration
		want    string
	}{
		"nobody listens":                {context.Background(), gone.Addr().String(), time.Minute, "connection refused"},
		"a silent server":               {context.Background(), silent.Addr().String(), 50 * time.Millisecond, "i/o timeout"},
		"an end while a server dawdles": {ended, silent.Addr().String(), time.Hour, "told to stop"},
	} {
		cfg := config("nats://tom:geheim@" + c.address)
		cfg.ConnectTimeout = c.timeout
		s := build(t, cfg)
		err := s.Open(c.ctx, pipeline.StreamMeta{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nats://"+c.address) {
			t.Errorf("%s: got %v, want %q and the URL", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestAnEndDuringTheHandshakeEndsTheStart(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if conn, err := silent.Accept(); err == nil {
			defer conn.Close()
			cancel()
			_, _ = conn.Read(make([]byte, 1)) // until the client goes
		}
	}()
	cfg := config("nats://" + silent.Addr().String())
	cfg.ConnectTimeout = time.Hour
	if err := build(t, cfg).Open(ctx, pipeline.StreamMeta{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestTheSinkKeepsItsContract(t *testing.T) {
	for _, c := range []Config{config(Embedded), storing(Embedded)} {
		pipelinetest.Sink(t, pipelinetest.SinkCase{New: func() (pipeline.Sink, error) { return New(c, env()) }})
	}
}

func TestTheDeclarationIsSound(t *testing.T) {
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
}
