package events

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/encoders/filter"
	"ganglion/pipeline"
)

// reference encodes one event at a time and sorts all spikes of the stream.
func reference(e *Encoder, events []pipeline.Event) pipeline.Spikes {
	type spike struct {
		t  int64
		id uint32
	}
	var spikes []spike
	for _, ev := range events {
		if id := e.channel[ev.P] | e.row[ev.Y] | e.column[ev.X]; id >= 0 {
			spikes = append(spikes, spike{ev.T, uint32(e.channel[ev.P] + e.row[ev.Y] + e.column[ev.X])})
		}
	}
	slices.SortFunc(spikes, func(a, b spike) int { return cmp.Or(cmp.Compare(a.t, b.t), cmp.Compare(a.id, b.id)) })
	var out pipeline.Spikes
	for _, s := range spikes {
		out.Append(s.t, s.id)
	}
	return out
}

// stream makes n events with some equal times and some small steps back.
func stream(rng *rand.Rand, n, width, height int) []pipeline.Event {
	events := make([]pipeline.Event, n)
	t := int64(-5000)
	for i := range events {
		t += rng.Int64N(20)
		events[i] = pipeline.Event{
			T: t - rng.Int64N(3), X: uint16(rng.IntN(width)), Y: uint16(rng.IntN(height)), P: uint8(rng.IntN(2)),
		}
	}
	return events
}

// The neurons of one time are in order however many there are.
func TestTheNeuronsOfATimeAscend(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	e := build(t, config(func(*Config) {}), 300, 240)
	for _, each := range []int{1, 2, 5, 6, 30, 900} {
		events := make([]pipeline.Event, 3000)
		for i := range events {
			events[i] = pipeline.Event{T: int64(i / each), X: uint16(rng.IntN(300)), Y: uint16(rng.IntN(240)), P: uint8(rng.IntN(2))}
		}
		var got pipeline.Spikes
		if _, err := e.Encode(&pipeline.Batch{Window: pipeline.Window{End: 3000}, Events: events}, &got); err != nil {
			t.Fatal(err)
		}
		want := reference(e, events)
		if !slices.Equal(want.T, got.T) || !slices.Equal(want.Offsets, got.Offsets) || !slices.Equal(want.IDs, got.IDs) {
			t.Errorf("%d events a time are not encoded as one by one", each)
		}
	}
}

// encodeInWindows cuts the stream at multiples of window and joins the trains.
func encodeInWindows(t *testing.T, e *Encoder, events []pipeline.Event, window int64) (joined pipeline.Spikes, filtered int) {
	t.Helper()
	var out pipeline.Spikes
	for _, b := range windows(events, window) {
		out.Reset()
		n, err := e.Encode(&b, &out)
		if err != nil {
			t.Fatal(err)
		}
		if n+out.Len() != len(b.Events) {
			t.Fatalf("%d events gave %d spikes and %d filtered", len(b.Events), out.Len(), n)
		}
		filtered += n
		for i, at := range out.T {
			if !b.Contains(at) {
				t.Fatalf("spike at %d µs outside window %v", at, b.Window)
			}
			for _, id := range out.Run(i) {
				joined.Append(at, id)
			}
		}
	}
	return joined, filtered
}

// windows cuts a stream into batches. A source sees to it that an event that
// steps back over a window's start still comes in its own window; here sorting
// the windows, stably, does that.
func windows(events []pipeline.Event, window int64) []pipeline.Batch {
	byWindow := map[int64][]pipeline.Event{}
	var starts []int64
	for _, e := range events {
		start := e.T - (e.T%window+window)%window
		if byWindow[start] == nil {
			starts = append(starts, start)
		}
		byWindow[start] = append(byWindow[start], e)
	}
	slices.Sort(starts)
	var batches []pipeline.Batch
	for i, start := range starts {
		batches = append(batches, pipeline.Batch{
			Seq: uint64(i), Window: pipeline.Window{Start: start, End: start + window}, Events: byWindow[start],
		})
	}
	return batches
}

func TestSpikesEqualTheReferenceForEveryWindow(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	events := stream(rng, 4000, 300, 200)
	for _, downsample := range []int{1, 7} {
		c := config(func(c *Config) {
			c.Downsample, c.ROI = downsample, Region{X: 10, Y: 20, Height: 150}
		})
		want := reference(build(t, c, 300, 200), events)
		for _, window := range []int64{1000, 3000, 1_000_000} {
			e := build(t, c, 300, 200)
			got, filtered := encodeInWindows(t, e, events, window)
			if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("downsample %d, window %d µs: %s", downsample, window, diff)
			}
			if err := got.Check(e.Shape().Size()); err != nil {
				t.Error(err)
			}
			if got.Len()+filtered != len(events) {
				t.Errorf("%d spikes and %d filtered of %d events", got.Len(), filtered, len(events))
			}
		}
	}
}

func TestFiltersDoNotSeeTheWindows(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 1))
	events := stream(rng, 4000, 20, 20)
	slices.SortStableFunc(events, func(a, b pipeline.Event) int { return cmp.Compare(a.T, b.T) })
	c := config(func(c *Config) {
		c.Filters = []filter.Config{{Type: "refractory"}, {Type: "stcf", DT: time.Millisecond}}
	})
	want, _ := encodeInWindows(t, build(t, c, 20, 20), events, 1000)
	if want.Len() == 0 || want.Len() == len(events) {
		t.Fatalf("the filters kept %d of %d events and decide nothing", want.Len(), len(events))
	}
	got, _ := encodeInWindows(t, build(t, c, 20, 20), events, 7000)
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestARestoredEncoderGoesOnAsIfItHadNeverStopped(t *testing.T) {
	t.Parallel()
	c := config(func(c *Config) { c.Filters = []filter.Config{{Type: "stcf", DT: time.Millisecond}} })
	events := stream(rand.New(rand.NewPCG(3, 1)), 2000, 20, 20)
	whole := build(t, c, 20, 20)
	encodeInWindows(t, whole, events[:1000], 1000)
	snapshot, err := whole.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := encodeInWindows(t, whole, events[1000:], 1000)

	restored := build(t, c, 20, 20)
	fresh, _ := encodeInWindows(t, build(t, c, 20, 20), events[1000:], 1000)
	if gocmp.Equal(want, fresh) {
		t.Fatal("the state makes no difference")
	}
	if err := restored.RestoreState(snapshot); err != nil {
		t.Fatal(err)
	}
	got, _ := encodeInWindows(t, restored, events[1000:], 1000)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := restored.RestoreState(snapshot[:len(snapshot)-1]); err == nil {
		t.Error("a truncated snapshot was accepted")
	}
}
