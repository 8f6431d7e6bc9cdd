package cluster

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// An account tells what was committed, and each detection once.
func TestAnAccountIsOfWhatIsStored(t *testing.T) {
	const windows = 100
	h := newHall(t, 1, nil)
	var ill atomic.Bool
	p := &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg}
	w := h.workOver(h.nc, func(w *Worker) {
		w.wrong.health = func() error {
			if ill.Load() {
				return errors.New("token=hunter2 is dead")
			}
			return nil
		}
	}, p)
	a := w.Accounts()[0]
	f := Feed{Config: h.cfg, Key: "s", Source: &chainSource{seed: 1, windows: windows}, Conn: h.nc, Log: h.log, Now: time.Now,
		Account: NewAccount("s", h.nc, time.Now, nil)}
	if list := f.Account.Problems(); len(list) != 1 || list[0] != (runner.Problem{Part: "pipeline", Error: "is not open yet"}) {
		t.Errorf("before it begins: %v", list)
	}
	fed, err := f.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.ended(20*time.Second, "chain", "s")
	stored := uint64(len(h.detections("s")))
	h.until("the account has all of it", 20*time.Second, func() bool { return a.Summary().Detections.Total == stored })
	s := a.Summary()
	if s.Name != "chain" || s.Input.Events.In != fed.Items || s.Input.Events.Out != fed.Items || s.Input.Batches.In != fed.Sent ||
		s.Sinks[0].Written != stored || s.Detections.Kinds[pipeline.Segment] != stored || s.SensorS != windows/1000. ||
		s.Latency.Batches != fed.Sent || s.Checkpoints.Saved == 0 || *s.Worker != (runner.Worker{Partitions: 4, Streams: 1}) ||
		!s.Sinks[0].Link.Connected {
		t.Errorf("%+v, sinks %+v, worker %+v; fed %+v", s, s.Sinks, s.Worker, fed)
	}
	s = f.Account.Summary()
	if s.Input.Events.In != fed.Items || s.Sinks[0].In != fed.Sent || s.Sinks[0].Written != fed.Sent || s.Sinks[0].Queued != 0 ||
		s.Worker != nil {
		t.Errorf("the feeder's: %+v, sinks %+v; fed %+v", s, s.Sinks, fed)
	}
	if list := f.Account.Problems(); len(list) != 1 || list[0].Error != "has come to its end" {
		t.Errorf("after its end: %v", list)
	}
	if list := a.Problems(); len(list) != 0 {
		t.Errorf("where nothing is wrong: %v", list)
	}
	ill.Store(true)
	if list := a.Problems(); len(list) != 1 || list[0].Part != "servers" || strings.Contains(list[0].Error, "hunter2") {
		t.Errorf("without a server: %v", list)
	}
	w.leave()
	if s := a.Summary(); s.Worker.Partitions != 0 || s.Worker.Streams != 0 {
		t.Errorf("%+v of a worker that has left", s.Worker)
	}
}

// drip is a source that has lost and damaged some of its input.
type drip struct{ chainSource }

func (*drip) Dropped() uint64 { return 7 }
func (*drip) Damage() []pipeline.Damage {
	return []pipeline.Damage{{Kind: pipeline.SocketOverrun, Count: 3}}
}
func (*drip) Health() error { return errors.New("no signal") }

func TestAFeederTellsWhatItsSourceLost(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	account := NewAccount("s", h.nc, time.Now, nil)
	source := &drip{chainSource{windows: 3}}
	source.pause = func(context.Context) error {
		if list := account.Problems(); len(list) != 1 || list[0] != (runner.Problem{Part: "source", Error: "no signal"}) {
			t.Errorf("in the middle: %v", list)
		}
		return nil
	}
	s, err := Feed{Config: h.cfg, Key: "s", Source: source, Conn: h.nc, Log: h.log, Now: time.Now, Account: account}.Run(t.Context())
	if err != nil || s.LeftOut != 7 || len(s.Damage) != 1 || s.Damage[0].Count != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	if a := account.Summary(); a.Input.LeftOut != 7 || a.Input.Overruns() != 3 {
		t.Errorf("%+v", a.Input)
	}
}

// A packet that found no place is dropped from the account of the input, and what
// lay on disk from before counts when it is sent.
func TestAnAccountOfPacketsAddsUp(t *testing.T) {
	h := newHall(t, 1, nil)
	a := NewAccount("s", h.nc, time.Now, nil)
	a.cut(5, 1000, true)
	a.cut(3, 1000, false)
	a.sent(time.Millisecond)
	a.sent(time.Millisecond)
	s := a.Summary()
	if s.Input.Events != (runner.Flow{In: 8, Out: 5, Dropped: 3}) || s.Input.Batches != (runner.Flow{In: 2, Out: 1, Dropped: 1}) ||
		len(s.Input.Drops) != 1 || s.Input.Drops[0] != (runner.Drop{Cause: "queue_full", Count: 3}) ||
		s.Sinks[0].In != 2 || s.Sinks[0].Written != 2 || s.Sinks[0].Queued != 0 {
		t.Errorf("%+v, %+v", s.Input, s.Sinks)
	}
	if _, n, sum := a.Latencies(nil); n != 2 || sum != 2*time.Millisecond {
		t.Errorf("%d latencies of %v", n, sum)
	}
}

// A trace goes from the feeder through the worker to the message of a detection.
func TestATraceGoesFromThePacketToItsDetections(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	spans := tracetest.NewSpanRecorder()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("test")
	h.workOver(h.nc, func(w *Worker) { w.tracer = tracer }, &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	f := Feed{Config: h.cfg, Key: "s", Source: &chainSource{seed: 1, windows: 20}, Conn: h.nc, Log: h.log, Now: time.Now, Tracer: tracer}
	if _, err := f.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.ended(20*time.Second, "chain", "s")
	parents := map[string]string{} // name and trace to the parent's name
	h.until("all spans have ended", 20*time.Second, func() bool {
		byID := map[string]string{}
		for _, s := range spans.Ended() {
			byID[s.SpanContext().SpanID().String()] = s.Name()
		}
		for _, s := range spans.Ended() {
			parents[s.Name()+s.SpanContext().TraceID().String()] = byID[s.Parent().SpanID().String()]
		}
		return len(spans.Ended()) == len(spans.Started())
	})
	bear := 0
	h.each("s", func(m jetstream.Msg) {
		id := extract(t.Context(), m.Headers()).TraceID().String()
		if parents["batch"+id] != "publish ganglion-in.{partition}.{stream}" {
			t.Errorf("the batch of trace %s is below %q", id, parents["batch"+id])
		}
		bear++
	})
	committed := 0
	for name, parent := range parents {
		if strings.HasPrefix(name, "publish ganglion-det.{partition}.{pipeline}.{stream}.{kind}") {
			committed++
			if parent != "batch" {
				t.Errorf("%s is below %q", name, parent)
			}
		}
	}
	if bear == 0 || committed == 0 {
		t.Errorf("%d detections bear a trace, %d commits have one", bear, committed)
	}
}
