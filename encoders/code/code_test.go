package code

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

const period = 10_000 // µs

var types = []string{"level", "gaussian", "rate", "poisson", "latency", "log_latency", "ttfs", "phase", "burst", "delta"}

func config(kind string) Config {
	c := NewDefaultConfig()
	c.Type = kind
	if kind == "gaussian" {
		c.Size = 8
	}
	return c
}

func build(t testing.TB, c Config, values int) Code {
	t.Helper()
	code, err := New(c, values, period)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// signal is frame n of a slow stream: each value its own sine, touching 0 and 1.
func signal(n int, x []float32) []float32 {
	for i := range x {
		x[i] = float32(0.5 - 0.5*math.Cos(float64(n)*0.02*float64(i+1)))
	}
	return x
}

// stray are values that a front end should not deliver.
var stray = []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), -3, 7, 1, 0}

func TestTheDescriptionStatesEveryCode(t *testing.T) {
	t.Parallel()
	var names []string
	for _, e := range equations {
		names = append(names, e.name)
		if e.equation == "" || e.source == "" || !strings.Contains(About(), "- "+e.name+": "+e.equation) {
			t.Errorf("%+v", e)
		}
	}
	if diff := cmp.Diff(types, names); diff != "" {
		t.Error(diff)
	}
}

func TestSpikesStayInTheirFrameAndInOrder(t *testing.T) {
	t.Parallel()
	for _, kind := range types {
		code := build(t, config(kind), len(stray))
		var s pipeline.Spikes
		x := make([]float32, len(stray))
		spikes := 0
		for n := range 400 {
			signal(n, x)
			if n%10 == 0 {
				copy(x, stray)
			}
			s.Reset()
			at := int64(n * period)
			code.Append(at, x, &s)
			if err := s.Check(code.Channels() * len(x)); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if s.Runs() > 0 && (s.T[0] < at || s.T[s.Runs()-1] >= at+period) {
				t.Fatalf("%s: spikes from %d to %d in the frame at %d", kind, s.T[0], s.T[s.Runs()-1], at)
			}
			spikes += s.Len()
		}
		if spikes == 0 {
			t.Errorf("%s: no spikes", kind)
		}
	}
}

// resolution is the error that each code may make of a value.
func resolution(c Config, x float64) float64 {
	const us = 1. / period
	tau := float64(c.Tau.Microseconds())
	switch c.Type {
	case "level":
		return 0.5/float64(c.Size+1) + 1e-6
	case "gaussian": // near the middle between fields the latency is steep
		return 2e-3
	case "rate": // one spike more or less in a frame
		return 1 / (c.Rate * period / 1e6)
	case "latency":
		if x <= c.Floor {
			return c.Floor
		}
		return us
	case "log_latency": // dx/dt = -x(x-floor)/(floor·tau); silence from the period on
		return math.Max(x*(x-c.Floor)/(c.Floor*tau)*1.2, c.Floor/-math.Expm1(-period/tau))
	case "ttfs":
		return math.Max(x/tau, math.Exp(-period/tau))
	case "phase":
		return math.Exp2(-float64(c.Phases))
	case "burst":
		if x <= 1/float64(c.MaxSpikes) {
			return 0.5 / float64(c.MaxSpikes)
		}
		return 1 / float64((c.MaxInterval - c.MinInterval).Microseconds())
	case "delta":
		return c.Step
	}
	return math.NaN()
}

func TestDecodingIsRightToTheResolutionOfTheCode(t *testing.T) {
	t.Parallel()
	for _, kind := range types {
		if kind == "poisson" {
			continue
		}
		c := config(kind)
		if kind == "log_latency" {
			c.Tau = 3 * time.Millisecond
		}
		code := build(t, c, 3)
		decoder, err := NewDecoder(c, 3, period)
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float32, 3), make([]float32, 3)
		var s pipeline.Spikes
		var square float64
		var spikes int
		for n := range 1000 {
			s.Reset()
			at := int64(n * period)
			code.Append(at, signal(n, x), &s)
			decoder.Decode(at, &s, y)
			spikes += s.Len()
			for i := range x {
				e := math.Abs(float64(x[i] - y[i]))
				square += e * e
				if e > resolution(c, float64(x[i]))+1e-6 {
					t.Fatalf("%s: frame %d value %d is %v, decoded %v, resolution %v", kind, n, i, x[i], y[i], resolution(c, float64(x[i])))
				}
			}
		}
		t.Logf("%-11s %5.1f spikes a second and value, RMS error %.5f", kind, float64(spikes)/30, math.Sqrt(square/3000))
	}
}

func TestRegularRateNeverDriftsByMoreThanASpike(t *testing.T) {
	t.Parallel()
	c := config("rate")
	code := build(t, c, 2)
	var s pipeline.Spikes
	x := make([]float32, 2)
	var sum [2]float64
	var count [2]int
	for n := range 5000 {
		s.Reset()
		code.Append(int64(n*period), signal(n, x), &s)
		for i := range x {
			sum[i] += float64(x[i]) * c.Rate * period / 1e6
		}
		for _, id := range s.IDs {
			count[id]++
		}
		for i := range x {
			if d := sum[i] - float64(count[i]); d < -1e-6 || d > 1 {
				t.Fatalf("frame %d: %v spikes owed", n, d)
			}
		}
	}
}

func TestRegularSpikesOfAConstantAreEquallyFarApart(t *testing.T) {
	t.Parallel()
	c := config("rate")
	c.Rate = 730
	code := build(t, c, 1)
	var s pipeline.Spikes
	for n := range 100 {
		code.Append(int64(n*period), []float32{0.5}, &s)
	}
	for i := 1; i < s.Runs(); i++ {
		if d := s.T[i] - s.T[i-1]; d < 2738 || d > 2741 { // 1 s / 365
			t.Fatalf("spikes %d µs apart", d)
		}
	}
}

func TestPoissonIsRightOnAverageAndKeyedByItsSeed(t *testing.T) {
	t.Parallel()
	c := config("poisson")
	const values, frames = 20, 500
	count := func(seed uint64) (counts []int, train pipeline.Spikes) {
		c.Seed = seed
		code := build(t, c, values)
		x := make([]float32, values)
		for i := range x {
			x[i] = float32(i) / (values - 1)
		}
		for n := range frames {
			code.Append(int64(n*period), x, &train)
		}
		counts = make([]int, values)
		for _, id := range train.IDs {
			counts[id]++
		}
		return counts, train
	}
	counts, first := count(1)
	slots := float64(frames * period / c.Slot.Microseconds())
	for i, n := range counts {
		p := 1 - math.Exp(-float64(i)/(values-1)*c.Rate*c.Slot.Seconds())
		if d := math.Abs(float64(n) - p*slots); d > 5*math.Sqrt(slots*p*(1-p))+1e-9 {
			t.Errorf("value %d: %d spikes, expected %.0f", i, n, p*slots)
		}
	}
	_, again := count(1)
	_, other := count(2)
	if !cmp.Equal(first, again) || cmp.Equal(first, other) {
		t.Error("the train is not a function of the seed")
	}
	decoder, err := NewDecoder(c, values, frames*period)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, values)
	decoder.Decode(0, &first, y)
	for i := range y {
		if math.Abs(float64(y[i])-float64(i)/(values-1)) > 0.08 {
			t.Errorf("value %d decodes to %v", i, y[i])
		}
	}
}

func TestLargerValuesFireEarlier(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"latency", "log_latency", "ttfs"} {
		c := config(kind)
		code := build(t, c, 1)
		last := int64(math.MaxInt64)
		for x := float32(0.1); x < 1; x += 0.01 {
			var s pipeline.Spikes
			code.Append(0, []float32{x}, &s)
			if s.Len() != 1 || s.T[0] >= last {
				t.Fatalf("%s: value %v fires at %v after %d", kind, x, s.T, last)
			}
			last = s.T[0]
		}
	}
}

func TestPublishedEquationsByExample(t *testing.T) {
	t.Parallel()
	one := func(kind string, x float32, edit func(*Config)) (s pipeline.Spikes) {
		c := config(kind)
		if edit != nil {
			edit(&c)
		}
		build(t, c, 1).Append(0, []float32{x}, &s)
		return s
	}
	for _, c := range []struct {
		kind string
		x    float32
		t    []int64
		ids  []uint32
	}{
		{"level", 0.5, []int64{0}, []uint32{0, 1}},                  // above 0.2 and 0.4
		{"latency", 0.25, []int64{7500}, []uint32{0}},               // (1-x)T
		{"ttfs", float32(math.Exp(-1)), []int64{1999}, []uint32{0}}, // one time constant
		{"phase", 0.625, []int64{0, 2500}, []uint32{0, 0}},          // binary 0.101
		{"burst", 0.5, []int64{0, 1250, 2500}, []uint32{0, 0, 0}},   // ceil(5·0.5), 2000-1500·0.5
		{"delta", 0.2, []int64{0}, []uint32{0, 0, 0}},               // 3/16
		{"rate", 1, []int64{9999}, []uint32{0}},                     // 100 Hz: at the frame's end
		{"log_latency", 0.1, []int64{1386}, []uint32{0}},            // tau·ln 2
	} {
		s := one(c.kind, c.x, nil)
		if diff := cmp.Diff(c.t, s.T); diff != "" {
			t.Errorf("%s: %s", c.kind, diff)
		}
		if diff := cmp.Diff(c.ids, s.IDs); diff != "" {
			t.Errorf("%s: %s", c.kind, diff)
		}
	}
	g := one("gaussian", 0.25, nil) // 8 fields: centres (2i-3)/12, width 1/9
	for i, at := range g.T {
		for _, id := range g.Run(i) {
			d := (0.25 - (2*float64(id)-1)/12) * 9
			if want := int64((1 - math.Exp(-d*d/2)) * period); at != want {
				t.Errorf("gaussian field %d at %d, want %d", id, at, want)
			}
		}
	}
	if g.Len() < 2 {
		t.Errorf("%d receptive fields answer", g.Len())
	}
	if s := one("delta", 1, func(c *Config) { c.Limit = 1 }); s.Len() != 1 {
		t.Errorf("%d spikes with a limit of 1", s.Len())
	}
}

func TestConfigsThatHoldNoCodeAreRefused(t *testing.T) {
	t.Parallel()
	for want, edit := range map[string]func(*Config){
		"code morse: type: there is no such code":             func(c *Config) { c.Type = "morse" },
		"code gaussian: size: 2 receptive fields, 3 at least": func(c *Config) { c.Type, c.Size = "gaussian", 2 },
		"code poisson: slot: 3ms does not divide the period of 10000 µs": func(c *Config) {
			c.Type, c.Slot = "poisson",
				3*time.Millisecond
		},
		"code burst: max_spikes: 1 spikes, 500µs to 2ms apart, hold no value": func(c *Config) { c.Type, c.MaxSpikes = "burst", 1 },
		"code burst: max_interval: a burst of 2 takes 16400 µs of a period of 10000 µs": func(c *Config) {
			c.Type, c.MaxInterval = "burst",
				20375*time.Microsecond
		},
		"code log_latency: floor: 0 would let every value fire at once": func(c *Config) { c.Type, c.Floor = "log_latency", 0 },
	} {
		c := NewDefaultConfig()
		edit(&c)
		if _, err := New(c, 1, period); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := New(NewDefaultConfig(), 0, period); err == nil {
		t.Error("a code for no values")
	}
	c := NewDefaultConfig()
	c.Type = "level"
	for period, ok := range map[int64]bool{0: false, 1: true} {
		if _, err := New(c, 1, period); (err == nil) != ok {
			t.Errorf("a frame every %d µs: %v", period, err)
		}
	}
}

func TestCodesAllocateNothing(t *testing.T) {
	for _, kind := range types {
		code := build(t, config(kind), 40)
		var s pipeline.Spikes
		x := make([]float32, 40)
		n := 0
		frame := func() {
			s.Reset()
			code.Append(int64(n*period), signal(n, x), &s)
			n++
		}
		for range 1000 {
			frame()
		}
		if a := testing.AllocsPerRun(500, frame); a != 0 {
			t.Errorf("%s: %v allocations a frame", kind, a)
		}
	}
}

func BenchmarkCode(b *testing.B) {
	for _, kind := range types {
		b.Run(kind, func(b *testing.B) {
			code := build(b, config(kind), 40)
			var s pipeline.Spikes
			x := make([]float32, 40)
			var n, spikes int
			for b.Loop() {
				s.Reset()
				code.Append(int64(n*period), x, &s)
				spikes += s.Len()
				signal(n%100, x[n%40:n%40+1])
				n++
			}
			b.ReportMetric(float64(spikes)/b.Elapsed().Seconds(), "spikes/s")
		})
	}
}

// Example shows a second of the value 0.5 in two codes.
func Example() {
	for _, kind := range []string{"level", "rate"} {
		c := NewDefaultConfig()
		c.Type = kind
		code, err := New(c, 1, 10_000)
		if err != nil {
			fmt.Println(err)
			return
		}
		var s pipeline.Spikes
		for n := range 100 {
			code.Append(int64(n)*10_000, []float32{0.5}, &s)
		}
		fmt.Println(kind, s.Len())
	}
	// Output:
	// level 200
	// rate 50
}

func TestALevelAtItsThresholdIsSilent(t *testing.T) {
	t.Parallel()
	c := config("level")
	c.Size = 3 // thresholds at 1/4, 1/2 and 3/4, which are exact
	code := build(t, c, 1)
	for x, want := range map[float32]int{0: 0, .25: 0, .26: 1, .5: 1, .51: 2, .75: 2, .76: 3, 1: 3} {
		var out pipeline.Spikes
		code.Append(0, []float32{x}, &out)
		if out.Len() != want {
			t.Errorf("%v: %d spikes, want %d", x, out.Len(), want)
		}
	}
}

func TestEachTypeIsACode(t *testing.T) {
	t.Parallel()
	for _, name := range Types() {
		if c := (Config{Type: name}); c.Type == "" || !strings.Contains(About(), "- "+name+": ") {
			t.Errorf("%q has no equation", name)
		}
	}
	if len(Types()) != 10 {
		t.Errorf("%d codes", len(Types()))
	}
}
