package filter

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// The conformance suite runs over one chain for each type of filter, and some
// variants, on one stream that makes every filter decide something.
const testWidth, testHeight = 24, 17

var conformance = []struct {
	name   string
	config Config
	all    bool // it removes nothing
}{
	{"crop", Config{Type: "crop", X: 3, Y: 5, Width: 10}, false},
	{"mask", Config{Type: "mask", Pixels: []Pixel{{1, 2}, {20, 16}, {12, 8}}}, false},
	{"time", Config{Type: "time", Start: 100 * time.Millisecond, End: 300 * time.Millisecond}, false},
	{"polarity", Config{Type: "polarity", Polarity: "off"}, false},
	{"polarity invert", Config{Type: "polarity", Polarity: "invert"}, true},
	{"downsample", Config{Type: "downsample", Factor: 5}, true},
	{"flip_x", Config{Type: "flip_x"}, true},
	{"flip_y", Config{Type: "flip_y"}, true},
	{"rotate", Config{Type: "rotate", Degrees: 270}, true},
	{"transpose", Config{Type: "transpose"}, true},
	{"refractory", Config{Type: "refractory", DT: 20 * time.Millisecond}, false},
	{"baf", Config{Type: "baf", DT: 5 * time.Millisecond}, false},
	{"stcf", Config{Type: "stcf", DT: 10 * time.Millisecond}, false},
	{"stcf matching polarity and counting itself", Config{Type: "stcf", K: 3, MatchPolarity: true, CountSelf: true}, false},
	{"neighbor_lif", Config{Type: "neighbor_lif", Tau: 500 * time.Microsecond, Threshold: 0.1}, false},
	{"neighbor_lif matching polarity", Config{Type: "neighbor_lif", Tau: time.Millisecond, MatchPolarity: true}, false},
	{"hot_pixel", Config{Type: "hot_pixel", Ratio: 3, MinEvents: 10}, false},
	{"anti_flicker", Config{Type: "anti_flicker"}, false},
	{"rate_limit", Config{Type: "rate_limit", Events: 15}, false},
	{"undistort", Config{Type: "undistort", Calibration: "testdata/calib.txt"}, false},
}

// testStream is noise with a hot pixel, a flickering pixel, steps back in time
// and a silence of several seconds.
func testStream() []pipeline.Event {
	rng := rand.New(rand.NewPCG(1, 7))
	var events []pipeline.Event
	for t := int64(0); len(events) < 20_000; t += 1 + rng.Int64N(80) {
		if len(events) == 15_000 {
			t += 7_000_000
		}
		e := pipeline.Event{
			T: t - rng.Int64N(3), X: uint16(rng.IntN(testWidth)), Y: uint16(rng.IntN(testHeight)), P: uint8(rng.IntN(2)),
		}
		switch rng.IntN(8) {
		case 0:
			e.X, e.Y = 20, 16
		case 1:
			e.X, e.Y, e.P = 12, 8, uint8(t/5000%2)
		}
		events = append(events, e)
	}
	return events
}

func newChain(t testing.TB, configs ...Config) *Chain {
	t.Helper()
	c, err := New(configs, testWidth, testHeight)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// filterInSlices filters a copy of the stream in slices of 1 to longest events.
func filterInSlices(f filter, events []pipeline.Event, longest int) []pipeline.Event {
	rng := rand.New(rand.NewPCG(uint64(longest), 3))
	events = slices.Clone(events)
	var kept []pipeline.Event
	for len(events) > 0 {
		n := min(1+rng.IntN(longest), len(events))
		kept = append(kept, f.Filter(events[:n])...)
		events = events[n:]
	}
	return kept
}

// diffEvents compares streams, which go-cmp alone does slowly.
func diffEvents(want, got []pipeline.Event) string {
	if slices.Equal(want, got) {
		return ""
	}
	return gocmp.Diff(want, got)
}

func TestEveryFilter(t *testing.T) {
	stream := testStream()
	tested := map[string]bool{}
	for _, tc := range conformance {
		tested[tc.config.Type] = true
		t.Run(tc.name+" keeps the same events however the stream is cut", func(t *testing.T) {
			want := filterInSlices(newChain(t, tc.config), stream, len(stream))
			if tc.all != (len(want) == len(stream)) || len(want) == 0 {
				t.Fatalf("kept %d of %d events", len(want), len(stream))
			}
			for _, longest := range []int{1, 7, 1000} {
				got := filterInSlices(newChain(t, tc.config), stream, longest)
				if diff := diffEvents(want, got); diff != "" {
					t.Fatalf("slices of up to %d: %s", longest, diff)
				}
			}
		})
		t.Run(tc.name+" keeps order and size", func(t *testing.T) {
			c := newChain(t, tc.config)
			kept := c.Filter(slices.Clone(stream))
			if i := slices.IndexFunc(kept, func(e pipeline.Event) bool {
				return int(e.X) >= c.Size().Width || int(e.Y) >= c.Size().Height
			}); i >= 0 {
				t.Errorf("%+v is outside %v", kept[i], c.Size())
			}
			i := 0
			for _, e := range kept {
				for i < len(stream) && stream[i].T != e.T {
					i++
				}
				if i == len(stream) {
					t.Fatalf("%+v is out of order", e)
				}
				i++
			}
		})
		t.Run(tc.name+" counts what it removes", func(t *testing.T) {
			c := newChain(t, tc.config)
			kept := c.Filter(slices.Clone(stream))
			want := []Removed{{"sensor", 0}, {tc.config.Type, uint64(len(stream) - len(kept))}}
			if diff := gocmp.Diff(want, c.Removed()); diff != "" {
				t.Error(diff)
			}
		})
		t.Run(tc.name+" resumes from a snapshot", func(t *testing.T) { testSnapshot(t, tc.config, stream) })
		t.Run(tc.name+" allocates nothing", func(t *testing.T) {
			c := newChain(t, tc.config)
			buffer := make([]pipeline.Event, 1000)
			if n := testing.AllocsPerRun(10, func() {
				copy(buffer, stream)
				c.Filter(buffer)
			}); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
	for _, k := range kinds {
		if !tested[k.name] {
			t.Errorf("filter %q is not in the conformance suite", k.name)
		}
	}
}

func testSnapshot(t *testing.T, config Config, stream []pipeline.Event) {
	first, second := stream[:12_000], stream[12_000:]
	c := newChain(t, config)
	c.Filter(slices.Clone(first))
	snapshot, err := c.AppendState([]byte("prefix"))
	if err != nil {
		t.Fatal(err)
	}
	snapshot = snapshot[len("prefix"):]
	want := c.Filter(slices.Clone(second))

	restored := newChain(t, config)
	if err := restored.RestoreState(snapshot); err != nil {
		t.Fatal(err)
	}
	got := restored.Filter(slices.Clone(second))
	if diff := diffEvents(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(c.Removed(), restored.Removed()); diff != "" {
		t.Error(diff)
	}
	_, stateful := c.stages[1].filter.(pipeline.Stateful)
	fresh := newChain(t, config).Filter(slices.Clone(second))
	if stateful == slices.Equal(want, fresh) {
		t.Errorf("a filter that has a state (%v) must depend on it, and no other", stateful)
	}
	for n := range min(len(snapshot), 64) {
		if err := restored.RestoreState(snapshot[:n]); err == nil {
			t.Errorf("a snapshot of %d of %d bytes was accepted", n, len(snapshot))
		}
	}
	if err := restored.RestoreState(append(snapshot, 0)); err == nil {
		t.Error("a snapshot with a byte too many was accepted")
	}
}

func TestAScoreDecidesAsTheFilterDoes(t *testing.T) {
	t.Parallel()
	stream := testStream()
	for _, tc := range []struct {
		config    Config
		threshold float32
	}{
		{Config{Type: "baf", DT: 5 * time.Millisecond}, -5000},
		{Config{Type: "stcf"}, -25000},
		{Config{Type: "stcf", K: 3, DT: 10 * time.Millisecond}, -10000},
		{Config{Type: "stcf", K: 2, DT: 10 * time.Millisecond, MatchPolarity: true}, -10000},
		{Config{Type: "stcf", K: 9, DT: time.Second, CountSelf: true}, -1e6},
		{Config{Type: "neighbor_lif", Tau: time.Millisecond, Threshold: .25}, .25},
		{Config{Type: "neighbor_lif", MatchPolarity: true}, 1},
	} {
		s, err := NewScorer(tc.config, testWidth, testHeight)
		if err != nil {
			t.Fatal(err)
		}
		var want []pipeline.Event
		for i, score := range s.Score(stream, nil) {
			if score >= tc.threshold {
				want = append(want, stream[i])
			}
		}
		got := newChain(t, tc.config).Filter(slices.Clone(stream))
		if diff := diffEvents(want, got); diff != "" {
			t.Errorf("%+v: %s", tc.config, diff)
		}
		if len(want) == 0 || len(want) == len(stream) {
			t.Errorf("%+v keeps %d of %d events and decides nothing", tc.config, len(want), len(stream))
		}
	}
}
