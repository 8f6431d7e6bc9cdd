package recording

import (
	"errors"
	"io"
	"math"
	"path/filepath"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/sources/format"

	"github.com/google/go-cmp/cmp"
)

// turning writes a recording of 400 ms with an event each 100 µs and a sample of the
// gyroscope each 1 ms, in packets of 10 ms: the samples behind the events of their
// time, as a recorder does, and a gap in the events.
func turning(t *testing.T) (path string, want []pipeline.AngularRate) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "turning.aedat4")
	w, err := Create(path, "", format.Info{Width: 64, Height: 48})
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for start := int64(0); start < 400_000; start += 10_000 {
		var b format.Block
		for us := start; us < start+10_000 && (start < 150_000 || start >= 250_000); us += 100 {
			b.Events, last = append(b.Events, pipeline.Event{T: us, X: uint16(us / 100 % 64), Y: 7, P: 1}), us
		}
		for us := start; us < start+10_000; us += 1000 {
			b.Side = append(b.Side, format.Side{Kind: format.IMUSample, T: us, Before: len(b.Events),
				IMU: &format.IMU{Gyro: [3]float32{90, float32(us) / 1000, -45}}})
			want = append(want, pipeline.AngularRate{T: us, At: max(us, last),
				X: -math.Pi / 2, Y: float32(us) / 1000 * math.Pi / 180, Z: math.Pi / 4})
		}
		if err := w.WriteBlock(&b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path, want
}

// turns reads a source to its end and returns what its batches hold of the
// gyroscope, each in the window that brings it.
func turns(t *testing.T, s *Source) (all []pipeline.AngularRate) {
	t.Helper()
	var b pipeline.Batch
	for {
		b.Reset()
		if err := s.Read(t.Context(), &b); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		for _, r := range b.Gyro {
			if r.At >= b.End || len(all) > 0 && r.At < all[len(all)-1].At {
				t.Fatalf("%+v comes with the window [%d, %d)", r, b.Start, b.End)
			}
		}
		all = append(all, b.Gyro...)
	}
}

var nearly = cmp.Comparer(func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-5 })

func TestTheGyroscopeComesWithTheEventsWhateverTheWindow(t *testing.T) {
	t.Parallel()
	path, want := turning(t)
	for _, window := range []time.Duration{time.Millisecond, 3 * time.Millisecond, 10 * time.Millisecond, time.Second} {
		c := config(path)
		c.Window = window
		if diff := cmp.Diff(want, turns(t, open(t, c)), nearly); diff != "" {
			t.Errorf("window %v (-want +got):\n%s", window, diff)
		}
	}
}

func TestTheGyroscopeIsCutAsTheEventsAre(t *testing.T) {
	t.Parallel()
	path, want := turning(t)
	c := config(path)
	c.Window, c.Start, c.End = 10*time.Millisecond, 300*time.Millisecond, 350*time.Millisecond
	var kept []pipeline.AngularRate
	for _, r := range want {
		if r.At >= 300_000 && r.At < 350_000 {
			kept = append(kept, r)
		}
	}
	if diff := cmp.Diff(kept, turns(t, open(t, c)), nearly); diff != "" {
		t.Errorf("from 300 to 350 ms (-want +got):\n%s", diff)
	}
	c.Start, c.End = 0, 0
	s := open(t, c)
	if err := s.Resume(t.Context(), 300_000); err != nil {
		t.Fatal(err)
	}
	got := turns(t, s)
	for len(want) > 0 && want[0].At < 300_000 {
		want = want[1:]
	}
	if diff := cmp.Diff(want, got, nearly); diff != "" {
		t.Errorf("resumed at 300 ms (-want +got):\n%s", diff)
	}
}

func TestAGyroscopeWithoutEventsTakesLittleMemory(t *testing.T) {
	t.Parallel()
	g := Gyro{}
	b := format.Block{Side: make([]format.Side, 4096)}
	for i := range b.Side {
		b.Side[i] = format.Side{Kind: format.IMUSample, T: int64(i), IMU: &format.IMU{}}
	}
	dropped := 0
	for range 20 {
		dropped += g.Take(Rates(nil, &b, [3]float32{1, 1, 1}))
		g.Settle(0, 0, 0, 0, never)
	}
	if len(g.pending) != mostGyro || dropped != 20*4096-mostGyro {
		t.Errorf("%d samples wait, %d were dropped", len(g.pending), dropped)
	}
	if len(Rates(nil, &b, [3]float32{})) != 0 {
		t.Error("counts without a scale are taken for rates")
	}
}

// A damaged sample must not hold back those behind it.
func TestAnImplausibleTimeOfASampleCostsThatSample(t *testing.T) {
	t.Parallel()
	var g Gyro
	b := format.Block{Events: []pipeline.Event{{T: 10_000}, {T: 50_000}}}
	for _, at := range []int64{11_000, 12_000, 1 << 50, 13_000, -1 << 50, 51_000} {
		b.Side = append(b.Side, format.Side{Kind: format.IMUSample, T: at, Before: 1, IMU: &format.IMU{}})
	}
	g.Take(Rates(nil, &b, [3]float32{1, 1, 1}))
	if bad := g.Settle(0, 0, 50_000, 0, never); bad != 1 {
		t.Errorf("%d samples have a time that cannot be, want 1", bad)
	}
	var got []int64
	for _, r := range g.Deliver(nil, 100_000) {
		got = append(got, r.T)
	}
	if diff := cmp.Diff([]int64{11_000, 12_000, 13_000, 51_000}, got); diff != "" {
		t.Error(diff)
	}
}

// A pipeline whose camera has a gyroscope allocates nothing for it once it has grown.
func TestTheGyroscopeAllocatesNothing(t *testing.T) {
	var g Gyro
	b := format.Block{Events: []pipeline.Event{{}}}
	for range 100 {
		b.Side = append(b.Side, format.Side{Kind: format.IMUSample, Before: 1, IMU: &format.IMU{}})
	}
	var out, rates []pipeline.AngularRate
	now := int64(0)
	step := func() {
		for i := range b.Side {
			b.Side[i].T = now + int64(i)
		}
		b.Events[0].T = now
		rates = Rates(rates[:0], &b, [3]float32{1, 1, 1})
		g.Take(rates)
		g.Settle(0, now, now, 0, never)
		now += 1000
		out = g.Deliver(out[:0], now)
	}
	step()
	if n := testing.AllocsPerRun(100, step); n > 0 || len(out) != len(b.Side) {
		t.Errorf("%v allocations, %d samples", n, len(out))
	}
}
