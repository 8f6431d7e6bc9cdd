package udp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func configOf(protocol string) config {
	c := *Component().Defaults().(*config)
	c.Protocol, c.Width, c.Height, c.Listen = protocol, 240, 180, "127.0.0.1:0"
	return c
}

func env() component.Env { return component.Env{Now: time.Now, Log: slog.New(slog.DiscardHandler)} }

// wire is a connection in memory: what is sent on it is received.
type wire struct {
	datagrams chan []byte
	closed    chan struct{}
}

func newWire() *wire { return &wire{make(chan []byte), make(chan struct{})} }

func (w *wire) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case b := <-w.datagrams:
		return copy(p, b), nil, nil
	case <-w.closed:
		return 0, nil, net.ErrClosed
	}
}

func (w *wire) Close() error                                           { close(w.closed); return nil }
func (w *wire) WriteTo([]byte, net.Addr) (int, error)                  { return 0, errors.ErrUnsupported }
func (w *wire) LocalAddr() net.Addr                                    { return nil }
func (w *wire) SetDeadline(time.Time) error                            { return nil }
func (w *wire) SetReadDeadline(time.Time) error                        { return nil }
func (w *wire) SetWriteDeadline(time.Time) error                       { return nil }
func (w *wire) Write(b []byte) (int, error)                            { w.datagrams <- bytes.Clone(b); return len(b), nil }
func (w *wire) listen(context.Context, string) (net.PacketConn, error) { return w, nil }

// opened is an open source at the end of a wire.
func opened(t *testing.T, c config) (*source, *wire) {
	t.Helper()
	w := newWire()
	s := newSource(c, env())
	s.listen = w.listen
	info, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !info.Live || info.Width != c.Width || info.Height != c.Height || info.Modality != pipeline.EventStream {
		t.Errorf("info %+v", info)
	}
	return s, w
}

func read(t *testing.T, s *source) pipeline.Batch {
	t.Helper()
	var b pipeline.Batch
	if err := s.Read(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func counts(d []pipeline.Damage) map[string]uint64 {
	m := map[string]uint64{}
	for _, d := range d {
		m[d.Kind] = d.Count
	}
	return m
}

// spif are timed SPIF words at y 0, one for each time.
func spif(times ...uint32) (b []byte) {
	for _, t := range times {
		b = binary.LittleEndian.AppendUint32(b, 7<<16)
		b = binary.LittleEndian.AppendUint32(b, t)
	}
	return b
}

func at(times ...int64) (events []pipeline.Event) {
	for _, t := range times {
		events = append(events, pipeline.Event{T: t, X: 7})
	}
	return events
}

func TestWhatIsSentArrives(t *testing.T) {
	t.Parallel()
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			c := configOf(protocol)
			s := newSource(c, env())
			if _, err := s.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			w, err := Dial(s.queue.conn.LocalAddr().String(), protocol, sensor)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			var want, got []pipeline.Event
			for i := range 500 {
				want = append(want, pipeline.Event{T: int64(i) * 300, X: uint16(i % 240), Y: uint16(i % 180), P: uint8(i & 1)})
			}
			if err := w.Write(want); err != nil || w.flush() != nil {
				t.Fatal(err)
			}
			for len(got) < len(want) {
				got = append(got, read(t, s).Events...)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-sent +received:\n%s", diff)
			}
			if len(s.Damage()) > 0 {
				t.Errorf("damage %v", s.Damage())
			}
		})
	}
}

func TestSourceKeepsItsContract(t *testing.T) {
	t.Parallel()
	pipelinetest.Source(t, pipelinetest.SourceCase{
		New:     func() (pipeline.Source, error) { return newSource(configOf(SPIF), env()), nil },
		Endless: true,
	})
}

func TestComponentIsDeclaredWithoutFault(t *testing.T) {
	t.Parallel()
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*config){
		"":        func(*config) {},
		"listen":  func(c *config) { c.Listen = "localhost" },
		"window:": func(c *config) { c.Window = 1500 },
	} {
		c := configOf(SPIF)
		change(&c)
		if err := c.Validate(); (err == nil) != (want == "") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func TestAWindowGoesOutWhenAnEventBehindItHasCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := opened(t, configOf(SPIF))
		defer s.Close()
		go w.Write(spif(100, 9_999, 10_000, 31_000))
		want := []pipeline.Batch{
			{Seq: 0, Window: pipeline.Window{Start: 0, End: 10_000}, Events: at(100, 9_999)},
			{Seq: 1, Window: pipeline.Window{Start: 10_000, End: 20_000}, Events: at(10_000)},
		}
		start := time.Now()
		for i := range want {
			if diff := cmp.Diff(want[i], read(t, s)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestAnEventWaitsNoLongerThanItsWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := opened(t, configOf(SPIF))
		defer s.Close()
		start := time.Now()
		go func() {
			w.Write(spif(100))
			<-time.After(4 * time.Millisecond) // in the bubble's time
			w.Write(spif(4_100))
			<-time.After(26 * time.Millisecond)
			w.Write(spif(4_000, 9_000))
		}()
		first := read(t, s)
		if diff := cmp.Diff(pipeline.Batch{Window: pipeline.Window{Start: 0, End: 4_101}, Events: at(100, 4_100)}, first); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if waited := time.Since(start); waited != 10*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
		second := read(t, s)
		if diff := cmp.Diff(pipeline.Batch{Seq: 1, Window: pipeline.Window{Start: 4_101, End: 9_001}, Events: at(4_101, 9_000)},
			second); diff != "" {
			t.Errorf("late events: -want +got:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]uint64{"time_backwards": 1}, counts(s.Damage())); diff != "" {
			t.Errorf("damage: -want +got:\n%s", diff)
		}
	})
}

func TestASenderThatBeginsAnewGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := opened(t, configOf(SPIF))
		defer s.Close()
		go func() {
			w.Write(spif(5_000_000, 5_000_100))
			w.Write(spif(50, 60, 30_000))
		}()
		if diff := cmp.Diff(at(5_000_000, 5_000_100, 5_000_100, 5_000_110), read(t, s).Events); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]uint64{"time_restart": 1}, counts(s.Damage())); diff != "" {
			t.Errorf("damage: -want +got:\n%s", diff)
		}
	})
}

func TestWordsWithoutATimeTakeThatOfTheirArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := opened(t, configOf(SPIF))
		defer s.Close()
		arrival := time.Now().UnixMicro()
		go w.Write(binary.LittleEndian.AppendUint32(nil, spifUntimed|3<<16|spifOn|5))
		b := read(t, s)
		if diff := cmp.Diff([]pipeline.Event{{T: arrival, X: 3, Y: 5, P: 1}}, b.Events); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestAFullQueueDropsAndCounts(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string][]pipeline.Event{
		dropOldest: at(4, 5, 30_000),
		dropNewest: at(1, 2),
	} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := configOf(SPIF)
				c.Queue, c.Policy = 2, policy
				s, w := opened(t, c)
				defer s.Close()
				for _, times := range [][]uint32{{1}, {2}, {3, 3, 3}, {4}, {5, 30_000}} {
					w.Write(spif(times...))
					synctest.Wait()
				}
				got := read(t, s).Events
				if policy == dropOldest {
					got = append(got, read(t, s).Events...)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if n := counts(s.Damage())["queue_full"]; int(n)+len(got) != 8 {
					t.Errorf("8 events came, %d were read and %d counted as dropped", len(got), n)
				}
			})
		})
	}
}

func TestEventsOutsideTheSensorAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := opened(t, configOf(SPIF))
		defer s.Close()
		out := newWriter(w, SPIF, sensor)
		go func() {
			out.Write([]pipeline.Event{{T: 1, X: 240}, {T: 2, Y: 180}, {T: 3, X: 7}})
			out.flush()
		}()
		if diff := cmp.Diff(at(3), read(t, s).Events); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]uint64{"out_of_range_x": 1, "out_of_range_y": 1}, counts(s.Damage())); diff != "" {
			t.Errorf("damage: -want +got:\n%s", diff)
		}
	})
}

func TestTheEndOfTheConnectionDeliversWhatHasCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := opened(t, configOf(SPIF))
		go func() {
			w.Write(spif(1, 2))
			w.Close()
		}()
		if diff := cmp.Diff(at(1, 2), read(t, s).Events); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if err := s.Read(t.Context(), &pipeline.Batch{}); !errors.Is(err, io.EOF) {
			t.Errorf("error %v", err)
		}
	})
}

func TestASocketThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	cause := errors.New("the cable is cut")
	w := newWriter(writerFunc(func([]byte) (int, error) { return 0, cause }), EventStream, sensor)
	if err := w.Write(at(1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	if _, err := Dial("nowhere", SPIF, sensor); err == nil {
		t.Error("dialled nowhere")
	}
	c := configOf(SPIF)
	c.Listen = "256.0.0.1:1"
	if _, err := newSource(c, env()).Open(t.Context()); err == nil {
		t.Error("listened nowhere")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// traffic is n events as datagrams.
func traffic(tb testing.TB, protocol string, n int) (sent datagrams) {
	r := rand.New(rand.NewPCG(1, 2))
	w := newWriter(&sent, protocol, sensor)
	for i := range n {
		e := pipeline.Event{T: int64(i * 3), X: uint16(r.IntN(240)), Y: uint16(r.IntN(180)), P: uint8(r.IntN(2))}
		if err := w.Write([]pipeline.Event{e}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		tb.Fatal(err)
	}
	return sent
}

func TestTakingAndSendingAllocateNothing(t *testing.T) {
	for _, protocol := range protocols {
		s := newSource(configOf(protocol), env())
		s.windows = live.NewWindows(s.cfg.Window, s.cfg.Width, s.cfg.Height, &s.decoder.damage)
		sent := traffic(t, protocol, 50_000)
		w := newWriter(io.Discard, protocol, sensor)
		var b pipeline.Batch
		i := 0
		run := func() {
			p := packet{b: sent[i]}
			i++
			s.take(&p)
			b.Reset()
			s.windows.Cut(&b)
			if err := w.Write(b.Events); err != nil {
				t.Fatal(err)
			}
		}
		for range 200 {
			run()
		}
		if n := testing.AllocsPerRun(200, run); n != 0 {
			t.Errorf("%s: %v allocations", protocol, n)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	for _, protocol := range protocols {
		b.Run(protocol, func(b *testing.B) {
			sent := traffic(b, protocol, 100_000)
			var batch pipeline.Batch
			for b.Loop() {
				s := newSource(configOf(protocol), env())
				s.windows = live.NewWindows(s.cfg.Window, s.cfg.Width, s.cfg.Height, &s.decoder.damage)
				for _, d := range sent {
					p := packet{b: d}
					s.take(&p)
					batch.Reset()
					s.windows.Cut(&batch)
				}
			}
			b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}

func TestOtherMachinesAreHeardOnlyWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	for configured, loopback := range map[string]bool{":0": true, "127.0.0.1:0": true, "0.0.0.0:0": false} {
		c := configOf(SPIF)
		c.Listen = configured
		s := newSource(c, env())
		if _, err := s.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.queue.conn.LocalAddr().(*net.UDPAddr).IP.IsLoopback(); got != loopback {
			t.Errorf("%s listens at %s", configured, s.queue.conn.LocalAddr())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
