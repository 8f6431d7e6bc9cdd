package keyword_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ganglion/internal/random"
	"ganglion/network/nir"
	"ganglion/network/sound/keyword"
)

const rate = 16_000

// sound is noise of a level, dB, for each stretch of 10 ms.
func sound(levels ...float64) []float32 {
	key := random.New(7)
	var pcm []float32
	for i, l := range levels {
		for k := range rate / 100 {
			pcm = append(pcm, float32(math.Pow(10, l/20)*key.With(uint64(i)).Normal(uint64(k))))
		}
	}
	return pcm
}

// stretch is n times a level.
func stretch(n int, level float64) []float64 { return slices.Repeat([]float64{level}, n) }

func TestSpanIsWhereTheWordIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		levels     []float64
		start, end int // stretches
	}{
		"a word between silences": {slices.Concat(stretch(50, -70), stretch(40, -20), stretch(60, -70)), 50, 90},
		"with a closure in it": {slices.Concat(stretch(50, -70), stretch(20, -20), stretch(12, -65), stretch(10, -25), stretch(60, -70)),
			50, 92},
		"after a short click": {slices.Concat(stretch(10, -70), stretch(2, -25), stretch(60, -70), stretch(40, -20), stretch(60, -70)),
			72, 112},
		"in a noisy room": {slices.Concat(stretch(50, -45), stretch(40, -20), stretch(60, -45)), 50, 90},
		"with a soft sound long after": {slices.Concat(stretch(50, -70), stretch(40, -20), stretch(30, -70), stretch(10, -35), stretch(60, -70)),
			50, 90},
		"nothing but noise": {stretch(100, -40), 0, 100},
	} {
		start, end := keyword.Span(sound(c.levels...), rate)
		if start != c.start*rate/100 || end != c.end*rate/100 {
			t.Errorf("%s: %d to %d, not %d to %d", name, start*100/rate, end*100/rate, c.start, c.end)
		}
	}
	if start, end := keyword.Span(nil, rate); start != 0 || end != 0 {
		t.Errorf("nothing: %d to %d", start, end)
	}
}

func TestLevelLeavesSilenceOut(t *testing.T) {
	t.Parallel()
	word := stretch(40, -20)
	long := slices.Concat(stretch(200, -80), word, stretch(200, -80))
	a, b := keyword.Level(sound(word...), rate), keyword.Level(sound(long...), rate)
	if math.Abs(a+20) > .3 || math.Abs(b+20) > .3 {
		t.Errorf("%.2f and %.2f dB, not -20", a, b)
	}
	if l := keyword.Level(nil, rate); !(l < -100) {
		t.Errorf("nothing has %v dB", l)
	}
}

func TestNoiseLiesBelowTheSoundByTheRatio(t *testing.T) {
	t.Parallel()
	word, noise := sound(slices.Concat(stretch(50, -90), stretch(40, -20), stretch(60, -90))...), sound(stretch(30, -3)...)
	for _, snr := range []float64{20, 10, 0} {
		mixed := keyword.InNoise(word, noise, rate, snr, 12345)
		sum := 0.
		for i := range mixed {
			d := float64(mixed[i] - word[i])
			sum += d * d
		}
		if got := -20 - 10*math.Log10(sum/float64(len(mixed))); math.Abs(got-snr) > .3 {
			t.Errorf("%.2f dB, not %v", got, snr)
		}
	}
	if !slices.Equal(keyword.InNoise(word, nil, rate, 10, 0), word) {
		t.Error("no noise changes the sound")
	}
}

func TestThresholdsAscendBetweenZeroAndOne(t *testing.T) {
	t.Parallel()
	all := keyword.ThresholdsWith(0)
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) || all[0] <= 0 || all[len(all)-1] >= 1 {
		t.Errorf("%v", all)
	}
}

// modelFile writes a NIR file with metadata and no more than it needs.
func modelFile(t *testing.T, md nir.Metadata) string {
	t.Helper()
	g := &nir.Graph{
		Nodes:    []nir.Node{{Name: "input", Op: &nir.Input{Shape: []int{2}}}, {Name: "output", Op: &nir.Output{Shape: []int{2}}}},
		Edges:    []nir.Edge{{From: "input", To: "output"}},
		Metadata: md,
	}
	var b bytes.Buffer
	if err := nir.Write(&b, &nir.Model{Graph: g}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.nir")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func labelled(values ...string) nir.Meta {
	return nir.Meta{Key: "labels", Value: nir.Text{Shape: []int{len(values)}, Values: values}}
}

func thresholds(values ...float64) nir.Meta {
	return nir.Meta{Key: "thresholds", Value: nir.Float64([]int{len(values)}, values)}
}

func TestAModelSaysWhatItHears(t *testing.T) {
	t.Parallel()
	smooth := nir.Meta{Key: "smooth_s", Value: nir.Float64(nil, []float64{.08})}
	path := modelFile(t, nir.Metadata{labelled("_other", "yes", "no"), thresholds(0, .75, .5), smooth})
	m, err := keyword.ReadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	if m.Threshold("yes") != .75 || m.Threshold("maybe") != 0 || m.Smooth != 80*time.Millisecond || len(m.Hash) != 16 {
		t.Errorf("%+v", m)
	}
	c := keyword.NewDefaultConfig()
	c.Model = path
	s := newStream().add(20, true, quiet, quiet).add(20, true, 50, quiet).add(60, true, quiet, quiet)
	ds := s.detect(t, c)
	expect(t, ds, heard{"yes", 75}) // 6 of 8 steps, and half a second for a better one
	if len(ds) == 1 && ds[0].Model != m.Hash {
		t.Errorf("the detection names model %q, not %q", ds[0].Model, m.Hash)
	}
	c.Words = []keyword.Word{{Label: "yes", Threshold: .2}}
	expect(t, s.detect(t, c), heard{"yes", 21})
}

func TestAModelThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	for name, md := range map[string]nir.Metadata{
		"no labels":           nil,
		"too many thresholds": {labelled("_other", "yes", "no"), thresholds(0, .5, .5, .5)},
		"a threshold above 1": {labelled("_other", "yes", "no"), thresholds(0, 1.5, .5)},
		"smoothing over a day": {labelled("_other", "yes", "no"), thresholds(0, .5, .5),
			{Key: "smooth_s", Value: nir.Float64(nil, []float64{86400})}},
		"a word without one":     {labelled("_other", "yes", "no"), thresholds(0, .5, 0)},
		"classes but no word":    {labelled("_a", "_b", "_c"), thresholds(0, 0, 0)},
		"a label for each layer": {labelled("_other", "yes"), thresholds(0, .5)},
	} {
		c := keyword.NewDefaultConfig()
		c.Model = modelFile(t, md)
		if _, err := keyword.New(c, layers()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
