package filter

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// ev is an event at time t µs, in the order people read it.
func ev(t int64, x, y uint16, p uint8) pipeline.Event {
	return pipeline.Event{T: t, X: x, Y: y, P: p}
}

func TestWhatAFilterKeeps(t *testing.T) {
	t.Parallel()
	const on, off = pipeline.On, pipeline.Off
	ms := func(n float64) int64 { return int64(n * 1000) }
	for _, tc := range []struct {
		name     string
		config   Config
		in, want []pipeline.Event
	}{
		{
			"a crop moves the origin", Config{Type: "crop", X: 2, Y: 1, Width: 2, Height: 2},
			[]pipeline.Event{ev(0, 1, 1, on), ev(1, 2, 1, on), ev(2, 3, 2, off), ev(3, 4, 2, on), ev(4, 3, 3, on), ev(5, 3, 0, on)},
			[]pipeline.Event{ev(1, 0, 0, on), ev(2, 1, 1, off)},
		},
		{
			"a time slice is half open", Config{Type: "time", Start: time.Millisecond, End: 2 * time.Millisecond},
			[]pipeline.Event{ev(-1, 0, 0, on), ev(999, 0, 0, on), ev(1000, 0, 0, on), ev(1999, 0, 0, on), ev(2000, 0, 0, on)},
			[]pipeline.Event{ev(1000, 0, 0, on), ev(1999, 0, 0, on)},
		},
		{
			"a time slice without end continues", Config{Type: "time", Start: time.Millisecond},
			[]pipeline.Event{ev(999, 0, 0, on), ev(math.MaxInt64-1, 0, 0, on)},
			[]pipeline.Event{ev(math.MaxInt64-1, 0, 0, on)},
		},
		{
			"inversion swaps polarities", Config{Type: "polarity", Polarity: "invert"},
			[]pipeline.Event{ev(0, 0, 0, on), ev(1, 0, 0, off)},
			[]pipeline.Event{ev(0, 0, 0, off), ev(1, 0, 0, on)},
		},
		{
			"events outside the sensor never reach a filter", Config{Type: "stcf"},
			[]pipeline.Event{ev(0, testWidth, 0, on), ev(0, 0, testHeight, on), ev(0, 65535, 65535, off)},
			[]pipeline.Event{},
		},
		{
			"a refractory pixel rests after the event it kept", Config{Type: "refractory", DT: time.Millisecond},
			[]pipeline.Event{ev(0, 1, 1, on), ev(600, 1, 1, off), ev(700, 1, 2, off), ev(1000, 1, 1, on), ev(1999, 1, 1, on), ev(1990, 1, 1, on)},
			[]pipeline.Event{ev(0, 1, 1, on), ev(700, 1, 2, off), ev(1000, 1, 1, on)},
		},
		{
			"baf needs one of the eight neighbours within dt, the pixel itself does not count", Config{Type: "baf", DT: time.Millisecond},
			[]pipeline.Event{
				ev(0, 0, 0, on), ev(10, 0, 0, on), ev(1000, 1, 1, off), ev(1001, 2, 2, off), ev(2002, 3, 3, off), ev(2002, 1, 3, off),
				ev(2100, 5, 5, on),
			},
			[]pipeline.Event{ev(1000, 1, 1, off), ev(1001, 2, 2, off)},
		},
		{
			"baf does not reach around the edge", Config{Type: "baf"},
			[]pipeline.Event{ev(0, testWidth-1, 3, on), ev(1, 0, 4, on), ev(2, 0, 3, on)},
			[]pipeline.Event{ev(2, 0, 3, on)},
		},
		{
			"stcf needs two neighbours, not two events", Config{Type: "stcf"},
			[]pipeline.Event{ev(0, 4, 4, on), ev(1, 4, 4, on), ev(2, 5, 4, on), ev(3, 6, 4, on), ev(4, 5, 5, off)},
			[]pipeline.Event{ev(4, 5, 5, off)},
		},
		{
			"stcf counts the pixel itself on request", Config{Type: "stcf", CountSelf: true},
			[]pipeline.Event{ev(0, 4, 4, on), ev(1, 5, 4, on), ev(2, 5, 4, on)},
			[]pipeline.Event{ev(2, 5, 4, on)},
		},
		{
			"stcf asks for the polarity of the neighbour's newest event", Config{Type: "stcf", K: 1, MatchPolarity: true},
			[]pipeline.Event{ev(0, 4, 4, on), ev(1, 5, 4, off), ev(2, 4, 4, off), ev(3, 4, 5, on), ev(4, 4, 5, off)},
			[]pipeline.Event{ev(2, 4, 4, off), ev(4, 4, 5, off)},
		},
		{
			"an event in another one's future supports it", Config{Type: "baf", DT: time.Millisecond},
			[]pipeline.Event{ev(500, 4, 4, on), ev(498, 5, 4, on)},
			[]pipeline.Event{ev(498, 5, 4, on)},
		},
		{
			// exp(-1) + exp(-0.1) = 1.27 at the third event
			"neighbor_lif sums what leaks", Config{Type: "neighbor_lif", Tau: 10 * time.Millisecond, Threshold: 1.27},
			[]pipeline.Event{ev(0, 4, 4, on), ev(ms(9), 5, 4, off), ev(ms(10), 5, 5, on), ev(ms(10), 5, 5, on)},
			[]pipeline.Event{ev(ms(10), 5, 5, on), ev(ms(10), 5, 5, on)},
		},
		{
			"rate_limit keeps the first events of a burst", Config{Type: "rate_limit", Events: 2},
			[]pipeline.Event{ev(0, 0, 0, on), ev(1, 0, 0, on), ev(2, 0, 0, on), ev(1000, 0, 0, on)},
			[]pipeline.Event{ev(0, 0, 0, on), ev(1, 0, 0, on), ev(1000, 0, 0, on)},
		},
		{
			"rate_limit thins a window by what the one before had", Config{Type: "rate_limit", Events: 2},
			[]pipeline.Event{
				ev(-4, 0, 0, on), ev(-3, 0, 0, on), ev(-2, 0, 0, on), ev(-1, 0, 0, on),
				ev(0, 0, 0, on), ev(1, 0, 0, on), ev(2, 0, 0, on), ev(3, 0, 0, on),
			},
			[]pipeline.Event{ev(-4, 0, 0, on), ev(-3, 0, 0, on), ev(0, 0, 0, on), ev(2, 0, 0, on)},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := newChain(t, tc.config).Filter(slices.Clone(tc.in))
			if diff := gocmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	// The corner at the upper right of 24x17 px.
	in := ev(0, 23, 0, pipeline.On)
	for _, tc := range []struct {
		config Config
		size   Size
		x, y   uint16
	}{
		{Config{Type: "flip_x"}, Size{24, 17}, 0, 0},
		{Config{Type: "flip_y"}, Size{24, 17}, 23, 16},
		{Config{Type: "transpose"}, Size{17, 24}, 0, 23},
		{Config{Type: "rotate"}, Size{17, 24}, 16, 23},
		{Config{Type: "rotate", Degrees: 180}, Size{24, 17}, 0, 16},
		{Config{Type: "rotate", Degrees: 270}, Size{17, 24}, 0, 0},
		{Config{Type: "downsample"}, Size{12, 9}, 11, 0},
	} {
		c := newChain(t, tc.config)
		got := c.Filter([]pipeline.Event{in})[0]
		if got.X != tc.x || got.Y != tc.y || c.Size() != tc.size {
			t.Errorf("%s by %d: (%d, %d) of %v", tc.config.Type, tc.config.Degrees, got.X, got.Y, c.Size())
		}
	}
}

func TestFourQuarterTurnsAreNone(t *testing.T) {
	t.Parallel()
	stream := testStream()
	quarter := Config{Type: "rotate", Degrees: 90}
	c := newChain(t, quarter, quarter, Config{Type: "rotate", Degrees: 270}, quarter, quarter, quarter)
	if diff := diffEvents(stream, c.Filter(slices.Clone(stream))); diff != "" {
		t.Error(diff)
	}
}

func TestAHotPixelIsLearnedAndABusyAreaIsNot(t *testing.T) {
	t.Parallel()
	var stream []pipeline.Event
	for i := range int64(400) {
		stream = append(stream, ev(1000*i, 12, 8, uint8(i%2))) // alone
		for x := range uint16(3) {                             // a busy corner
			for y := range uint16(3) {
				stream = append(stream, ev(1000*i+1, x, y, 1))
			}
		}
	}
	c := newChain(t, Config{Type: "hot_pixel"})
	kept := map[[2]uint16]int{}
	for _, e := range c.Filter(stream) {
		kept[[2]uint16{e.X, e.Y}]++
	}
	if n := kept[[2]uint16{12, 8}]; n != 31 {
		t.Errorf("kept %d events of the hot pixel, want those before the 32nd", n)
	}
	if n := kept[[2]uint16{0, 0}]; n != 400 {
		t.Errorf("kept %d of 400 events of a pixel with busy neighbours", n)
	}
}

func TestAntiFlickerStopsTheBandAlone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		period func(i int64) int64 // µs
		kept   bool
	}{
		{"100 Hz is stopped", func(int64) int64 { return 10_000 }, false},
		{"120 Hz is stopped", func(int64) int64 { return 8_333 }, false},
		{"70 Hz passes", func(int64) int64 { return 14_286 }, true},
		{"200 Hz passes", func(int64) int64 { return 5_000 }, true},
		{"irregular periods within the band pass", func(i int64) int64 { return 8_500 + i%2*2_000 }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var stream []pipeline.Event
			at := int64(0)
			for i := range int64(100) {
				period := tc.period(i)
				for j := range int64(4) { // two ON, two OFF events
					stream = append(stream, ev(at+j*period/4, 5, 5, uint8(1-j/2)))
				}
				at += period
			}
			n := len(newChain(t, Config{Type: "anti_flicker"}).Filter(slices.Clone(stream)))
			if tc.kept && n != len(stream) || !tc.kept && n > 30 {
				t.Errorf("kept %d of %d events", n, len(stream))
			}
		})
	}
}

func TestAPixelThatStopsFlickeringIsHeardAgain(t *testing.T) {
	t.Parallel()
	var stream []pipeline.Event
	for i := range int64(50) {
		stream = append(stream, ev(i*10_000, 5, 5, 1), ev(i*10_000+5_000, 5, 5, 0))
	}
	stream = append(stream, ev(540_000, 5, 5, 0))
	kept := newChain(t, Config{Type: "anti_flicker"}).Filter(stream)
	if last := kept[len(kept)-1]; last.T != 540_000 {
		t.Errorf("the last event kept is %+v", last)
	}
}

func TestNeighborLIFStaysExactOverLongStreams(t *testing.T) {
	t.Parallel()
	// The reference moves at multiples of 5.12 s.
	for _, at := range []int64{0, 5_119_000, 5_119_999, 5_115_000, 1e15, 1e15 + 5_119_999, -1e15 - 1} {
		s, err := NewScorer(Config{Type: "neighbor_lif"}, 4, 4)
		if err != nil {
			t.Fatal(err)
		}
		got := s.Score([]pipeline.Event{ev(at, 1, 1, 1), ev(at+5000, 2, 1, 0), ev(at+4999, 2, 2, 0)}, nil)
		want := []float64{0, math.Exp(-.5), math.Exp(-.4999) + 1.0001}
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-4 {
				t.Errorf("from %d µs: score %d is %v, want %v", at, i, got[i], want[i])
			}
		}
	}
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		configs []Config
		want    string
	}{
		{"an unknown type", []Config{{Type: "stfc"}}, `filter "stfc" is unknown; the filters are crop, mask,`},
		{"a parameter of another type", []Config{{Type: "baf"}, {Type: "baf", K: 2}}, `filter "baf" has no parameter "k"; it has dt`},
		{"a parameter where there is none", []Config{{Type: "flip_x", X: 2}}, `has no parameter "x"; it has none`},
		{"a crop beyond the edge", []Config{{Type: "crop", X: 20, Width: 10}}, "10x17 px at (20, 0) does not lie within 24x17 px"},
		{"a crop of a negative origin", []Config{{Type: "crop", X: -1}}, "x is negative"},
		{"a crop behind a rotation", []Config{{Type: "rotate"}, {Type: "crop", Width: 20}}, "within 17x24 px"},
		{"a masked pixel beyond the edge", []Config{{Type: "mask", Pixels: []Pixel{{0, 17}}}}, "pixel (0, 17)"},
		{"a time slice that ends before it starts", []Config{{Type: "time", Start: 2, End: 1}}, "is not after start"},
		{"a time slice of nothing", []Config{{Type: "time", Start: 2, End: 2}}, "is not after start"},
		{"no polarity", []Config{{Type: "polarity"}}, `polarity is ""`},
		{"an odd rotation", []Config{{Type: "rotate", Degrees: 45}}, "degrees is 45"},
		{"more neighbours than there are", []Config{{Type: "stcf", K: 9}}, "k is 9"},
		{"an empty band", []Config{{Type: "anti_flicker", MinFrequency: 130}}, "130 Hz is not below"},
		{"a limit without a number", []Config{{Type: "rate_limit"}}, "events is missing"},
		{"a negative number", []Config{{Type: "downsample", Factor: -1}}, `filter "downsample": factor is negative`},
		{"a negative duration", []Config{{Type: "baf", DT: -1}}, `filter "baf": dt is negative`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(tc.configs, testWidth, testHeight)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
	for size, ok := range map[Size]bool{
		{1, 1}: true, {0, 1}: false, {1, 0}: false, {1 << 16, 1}: true, {1<<16 + 1, 1}: false, {1, 1 << 16}: true, {1, 1<<16 + 1}: false,
		{1 << 12, 1 << 12}: true, {1<<12 + 1, 1 << 12}: false, {1 << 15, 1 << 15}: false,
	} {
		if _, err := New(nil, size.Width, size.Height); (err == nil) != ok {
			t.Errorf("a sensor of %dx%d px: %v", size.Width, size.Height, err)
		}
	}
	for _, c := range []Config{{Type: "time", Start: 2, End: 3}, {Type: "time", Start: 2}} {
		if _, err := New([]Config{c}, testWidth, testHeight); err != nil {
			t.Errorf("a time slice from %v to %v: %v", c.Start, c.End, err)
		}
	}
	if _, err := NewScorer(Config{Type: "refractory"}, 4, 4); err == nil || !strings.Contains(err.Error(), "gives no scores") {
		t.Errorf("a refractory scorer: %v", err)
	}
}

func FuzzRestoreState(f *testing.F) {
	var configs []Config
	for _, tc := range conformance {
		if !strings.Contains("crop downsample rotate transpose", tc.config.Type) {
			configs = append(configs, tc.config)
		}
	}
	build := func(t testing.TB) *Chain {
		c, err := New(configs, testWidth, testHeight)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	valid, err := build(f).AppendState(nil)
	if err != nil {
		f.Fatal(err)
	}
	stream := testStream()[:500]
	f.Add([]byte{})
	f.Add(valid[:100])
	f.Add(valid)
	f.Fuzz(func(t *testing.T, b []byte) {
		c := build(t)
		if c.RestoreState(b) == nil {
			c.Filter(slices.Clone(stream)) // whatever the state says, no panic
		}
	})
}

// The median is that of the neighbours on the sensor, in all eight directions, the lower
// one where there are two; without neighbours it is 0.
func TestAHotPixelsNeighboursAreThoseOnTheSensor(t *testing.T) {
	t.Parallel()
	const w, h = 4, 3
	f := newHotPixel(Config{}, Size{Width: w, Height: h}).(*hotPixel)
	for i := range f.count {
		f.count[i] = 1 << i
	}
	for _, c := range []struct{ x, y, want int }{
		{0, 0, 4}, // of 1, 4, 5
		{3, 0, 6}, // of 2, 6, 7
		{0, 2, 5}, // of 4, 5, 9
		{3, 2, 7}, // of 6, 7, 10
		{1, 1, 4}, // of 0, 1, 2, 4, 6, 8, 9, 10
		{3, 1, 6}, // of 2, 3, 6, 10, 11
		{1, 2, 6}, // of 4, 5, 6, 8, 10
	} {
		if got := f.median(c.x, c.y); got != 1<<c.want {
			t.Errorf("pixel (%d, %d): %b, want pixel %d's", c.x, c.y, got, c.want)
		}
	}
	one := newHotPixel(Config{}, Size{Width: 1, Height: 1}).(*hotPixel)
	if one.count[0] = 9; one.median(0, 0) != 0 {
		t.Error("a pixel without neighbours has a median")
	}
}
