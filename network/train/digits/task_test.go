package digits

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/encoders/cochlea"
	"ganglion/network/train/words"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const rate = 8000

func ear(t testing.TB) *words.Ear {
	t.Helper()
	e, err := words.NewEar(cochlea.NewDefaultConfig(), rate)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// chirp is half a second that rises from 300 to 1500 Hz.
func chirp() []float32 {
	pcm := make([]float32, rate/2)
	phase := 0.
	for i := range pcm {
		phase += 2 * math.Pi * (300 + 1200*float64(i)/float64(len(pcm))) / rate
		pcm[i] = float32(.3 * math.Sin(phase))
	}
	return pcm
}

func TestWordsDependOnSeedEpochAndWordAlone(t *testing.T) {
	t.Parallel()
	e := ear(t)
	words := func(seed uint64) *examples {
		w := newExamples(e, 100, NewDefaultRecipe().Vary, seed)
		w.add(chirp(), 4)
		w.add(chirp()[:rate/4], 5)
		return w
	}
	one := words(1)
	sample := func(w *examples, epoch, i int) (s pipeline.Spikes) {
		if err := w.Sample(epoch, i, &s); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(e.Inputs()); err != nil {
			t.Fatal(err)
		}
		if s.Len() < 100 || s.T[len(s.T)-1] >= 1_000_000 {
			t.Fatalf("%d spikes up to %d µs", s.Len(), s.T[len(s.T)-1])
		}
		return s
	}
	first := sample(one, 0, 0)
	sample(one, 1, 1)
	if d := cmp.Diff(first, sample(one, 0, 0)); d != "" {
		t.Errorf("the same word again: %s", d)
	}
	if d := cmp.Diff(first, sample(words(1), 0, 0)); d != "" {
		t.Errorf("the same word of other words: %s", d)
	}
	for name, other := range map[string]pipeline.Spikes{"epoch": sample(one, 1, 0), "word": sample(one, 0, 1),
		"seed": sample(words(2), 0, 0)} {
		if cmp.Equal(first, other) {
			t.Errorf("another %s gives the same spikes", name)
		}
	}
	if one.Sample(0, 2, &pipeline.Spikes{}) == nil {
		t.Error("a word that is not there was sampled")
	}
}

func BenchmarkSample(b *testing.B) {
	e := ear(b)
	w := newExamples(e, 100, NewDefaultRecipe().Vary, 1)
	w.add(chirp(), 0)
	var s pipeline.Spikes
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		s.Reset()
		if err := w.Sample(n, 0, &s); err != nil {
			b.Fatal(err)
		}
	}
}
