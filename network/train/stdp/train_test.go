package stdp

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bars are recordings of an edge that sweeps over the sensor: in class 0 it
// lies and moves down, in class 1 it stands and moves right, in class 2 it is
// slanted.
func bars(n int, seed uint64) []Recording {
	r := rand.New(rand.NewPCG(seed, 4))
	var all []Recording
	for i := range n {
		label := i % 3
		dx, dy := []float64{0, 1, .7}[label], []float64{1, 0, .7}[label] // of its way
		rec := Recording{Name: fmt.Sprint("bar ", i), Label: label}
		from := -13 + 6*r.Float64()
		for t := int64(0); t < 50_000; t += 30 {
			along, across := from+float64(t)/2500, 30*(r.Float64()-.5)
			x, y := 17+dx*along-dy*across, 17+dy*along+dx*across
			if x >= 0 && x < 34 && y >= 0 && y < 34 {
				rec.Events = append(rec.Events, pipeline.Event{T: t, X: uint16(x), Y: uint16(y), P: 1})
			}
		}
		all = append(all, rec)
	}
	return all
}

// small is a configuration for the bars.
func small() Config {
	c := NewDefaultConfig()
	c.Channels, c.Learn, c.Threshold = 8, 12, 2
	c.Rule.APlus, c.Rule.AMinus = .01, -.0075
	return c
}

func train(t *testing.T, c Config, recordings []Recording) *Result {
	t.Helper()
	r, err := Train(t.Context(), c, recordings, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBarsAreToldApartByFeaturesLearnedWithoutLabels(t *testing.T) {
	t.Parallel()
	r := train(t, small(), bars(60, 1))
	if r.TestRate < .9 || r.Classes != 3 || r.Train != 48 || r.Test != 12 || r.Learned != 12 || !(r.Drift > .1) {
		t.Errorf("%+v", r)
	}
	decided := 0
	for _, row := range r.Confusion {
		for _, n := range row {
			decided += n
		}
	}
	if decided != r.Test {
		t.Errorf("%d decisions on %d recordings", decided, r.Test)
	}
}

func TestTrainingDependsOnTheSeedAndNotOnProcessors(t *testing.T) {
	recordings := bars(30, 2)
	c := small()
	c.Learn = 6
	encode := func(c Config) []byte {
		var b bytes.Buffer
		if err := nir.Write(&b, &nir.Model{Graph: train(t, c, recordings).Graph}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	before := runtime.GOMAXPROCS(1)
	one := encode(c)
	runtime.GOMAXPROCS(4)
	four := encode(c)
	runtime.GOMAXPROCS(before)
	if !bytes.Equal(one, four) {
		t.Error("1 and 4 processors give different networks")
	}
	c.Seed++
	if bytes.Equal(one, encode(c)) {
		t.Error("two seeds give one network")
	}
}

// TestTheFileGivesTheScoresOfTheTraining writes the network, reads it, and runs
// it as the commands do.
func TestTheFileGivesTheScoresOfTheTraining(t *testing.T) {
	t.Parallel()
	c := small()
	recordings := bars(30, 3)
	r := train(t, c, recordings)
	var b bytes.Buffer
	if err := nir.Write(&b, &nir.Model{Graph: r.Graph}); err != nil {
		t.Fatal(err)
	}
	m, err := nir.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, test, _, err := split(c, recordings)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.outputs(t.Context(), r.Graph, test, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	profile, err := nirnet.ProfileByName(Profile)
	if err != nil {
		t.Fatal(err)
	}
	profile.DT = c.Step.Seconds()
	l, err := nirnet.Lower(m.Graph, profile, c.Step)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range test {
		got, err := nirnet.Infer(t.Context(), l, 2, s.spikes, 0, s.steps, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[i], got.Output); d != "" || got.Output[0] == 0 {
			t.Fatalf("recording %d: %s", i, d)
		}
	}
}

func TestLabelsDoNotReachTheFeatures(t *testing.T) {
	t.Parallel()
	c := small()
	samples, _, _, err := split(c, bars(15, 5))
	if err != nil {
		t.Fatal(err)
	}
	quiet := func(int, int) {}
	want, err := learn(t.Context(), c, samples, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for i := range samples {
		samples[i].label = 7
	}
	got, err := learn(t.Context(), c, samples, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(features{})); d != "" {
		t.Error(d)
	}
}

func TestTheReadoutSolvesTheNormalEquations(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	const n, d, penalty = 20, 7, .3
	counts, labels := make([][]float64, n), make([]int, n)
	for i := range counts {
		labels[i] = i % 3
		norm := 0.
		for range d {
			v := math.Floor(10 * r.Float64())
			counts[i] = append(counts[i], v)
			norm += v * v
		}
		for j := range counts[i] { // already of length 1, or a little more
			counts[i][j] *= 1.5 / math.Sqrt(norm)
		}
	}
	w, err := ridge(counts, labels, 3, penalty)
	if err != nil {
		t.Fatal(err)
	}
	for k := range w { // sum over samples of (w·x - y) x + penalty w = 0
		for j := range d {
			left := penalty * w[k][j]
			for i, row := range counts {
				y, score := -1., 0.
				if labels[i] == k {
					y = 1
				}
				for m, v := range row {
					score += w[k][m] * v / 1.5
				}
				left += (score - y) * row[j] / 1.5
			}
			if math.Abs(left) > 1e-10 {
				t.Fatalf("class %d, count %d: %g is left", k, j, left)
			}
		}
	}
}

func TestBadTrainingIsRefusedWithItsCause(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Config, []Recording) []Recording
		want   string
	}{
		"size":     {func(c *Config, r []Recording) []Recording { c.Width = 0; return r }, "stdp: recordings of 0x34 px"},
		"kernel":   {func(c *Config, r []Recording) []Recording { c.Kernel = 4; return r }, "stdp: 8 features of 4x4 px, 2 px apart"},
		"tau":      {func(c *Config, r []Recording) []Recording { c.Tau = time.Microsecond; return r }, "a time constant of 1µs"},
		"pool":     {func(c *Config, r []Recording) []Recording { c.Pool = 18; return r }, "regions of 18x18 neurons"},
		"penalty":  {func(c *Config, r []Recording) []Recording { c.Ridge = 0; return r }, "a penalty of 0"},
		"rule":     {func(c *Config, r []Recording) []Recording { c.Rule.Max = -1; return r }, "bounds 0..-1"},
		"label":    {func(_ *Config, r []Recording) []Recording { r[2].Label = -1; return r }, "bar 2: label -1"},
		"outside":  {func(_ *Config, r []Recording) []Recording { r[1].Events[0].X = 34; return r }, "bar 1: 1 events lie outside 34x34 px"},
		"empty":    {func(_ *Config, r []Recording) []Recording { r[0].Events = nil; return r }, "bar 0: the recording has no events"},
		"short":    {func(_ *Config, r []Recording) []Recording { r[0].Events = r[0].Events[:1]; return r }, "bar 0: shorter than a step"},
		"too few":  {func(_ *Config, r []Recording) []Recording { return r[:3] }, "3 recordings of 3 classes are too few"},
		"no class": {func(_ *Config, r []Recording) []Recording { return nil }, "0 recordings of 0 classes"},
	} {
		cfg := small()
		recordings := c.change(&cfg, bars(6, 6))
		if _, err := Train(t.Context(), cfg, recordings, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
