package words_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/encoders/cochlea"
	"ganglion/internal/random"
	"ganglion/network/train/words"
	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const rate = 8000

func ear(t testing.TB, change func(*cochlea.Config)) *words.Ear {
	t.Helper()
	c := cochlea.NewDefaultConfig()
	if change != nil {
		change(&c)
	}
	e, err := words.NewEar(c, rate)
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

// TestAnUnchangedClipGivesTheSpikesOfTheStream hears a noisy chirp as a stream
// and as a scene.
func TestAnUnchangedClipGivesTheSpikesOfTheStream(t *testing.T) {
	t.Parallel()
	pcm := words.InNoise(chirp(), rate, rate, 20, random.New(1))
	for name, change := range map[string]func(*cochlea.Config){
		"default": nil,
		"pcen":    func(c *cochlea.Config) { c.Mel.Gain = "pcen" },
		"delta":   func(c *cochlea.Config) { c.Code.Type = "delta" },
	} {
		e := ear(t, change)
		c := cochlea.NewDefaultConfig()
		if change != nil {
			change(&c)
		}
		stream, err := cochlea.New(c, pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: rate, Channels: 1})
		if err != nil {
			t.Fatal(err)
		}
		padded := append(append(make([]float32, 200), pcm...), make([]float32, 200)...) // as the clip is
		var want, got pipeline.Spikes
		b := pipeline.Batch{PCM: padded}
		b.End = 2_000_000
		if _, err := stream.Encode(&b, &want); err != nil {
			t.Fatal(err)
		}
		clip := e.Clip(pcm)
		s := e.NewScene(clip.Frames)
		s.Add(clip, 0, words.Variation{})
		s.Encode(&got)
		for i := range got.T {
			got.T[i] += 30_000 // the end of the first whole window
		}
		if d := cmp.Diff(want, got); d != "" || got.Len() < 500 {
			t.Errorf("%s: %d spikes: %s", name, got.Len(), d)
		}
	}
}

// loudest is the band with most of the power, and that power.
func loudest(s *words.Scene, e *words.Ear, j int) (band int, power float64) {
	row := s.Powers()[j*e.Bands():][:e.Bands()]
	for i, p := range row {
		if p > row[band] {
			band = i
		}
	}
	return band, row[band]
}

func TestVariationsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	tone := make([]float32, rate)
	for i := range tone {
		tone[i] = float32(math.Sin(2 * math.Pi * 1000 * float64(i) / rate))
	}
	clip := e.Clip(tone)
	heard := func(v words.Variation) (band int, power float64) {
		s := e.NewScene(100)
		s.Add(clip, 0, v)
		return loudest(s, e, 50)
	}
	band, power := heard(words.Variation{})
	if math.Abs(clip.Level-1) > .05 || power < .5 || power > 1.01 {
		t.Errorf("a sine of full scale has the level %v, %v in its band", clip.Level, power)
	}
	if _, p := heard(words.Variation{Gain: -20}); math.Abs(p/power-.01) > 1e-9 {
		t.Errorf("-20 dB leave %v", p/power)
	}
	higher, _ := heard(words.Variation{Shift: 1.2})
	lower, _ := heard(words.Variation{Shift: 1 / 1.2})
	centres := cochlea.NewDefaultConfig().Mel.Centres()
	if math.Abs(centres[higher]/1200-1) > .06 || math.Abs(centres[lower]/833-1) > .06 {
		t.Errorf("1 kHz in band %d goes to %v and %v Hz", band, centres[higher], centres[lower])
	}
	if _, p := heard(words.Variation{Tilt: 6}); math.Abs(p/power-1) > .3 {
		t.Errorf("a tilt changes 1 kHz to %v", p/power)
	}
	if n := (words.Variation{Stretch: 1.25}).Length(clip); n != int(math.Ceil(1.25*float64(clip.Frames))) {
		t.Errorf("%d frames become %d", clip.Frames, n)
	}
}

func TestNoiseHasTheLevelAskedFor(t *testing.T) {
	t.Parallel()
	e := ear(t, nil)
	noise := e.Clip(words.White(4*rate, random.New(3)))
	for _, corner := range []float64{100, 1000, 6400} {
		s := e.NewScene(noise.Frames)
		s.AddNoise(noise, 77, .25, e.Colour(corner))
		var sum float64
		for j := range s.Steps {
			for _, p := range s.Powers()[j*e.Bands():][:e.Bands()] {
				sum += p
			}
		}
		if got := sum / float64(s.Steps); math.Abs(got-.25) > 1e-9 {
			t.Errorf("corner %v: level %v", corner, got)
		}
	}
	pcm := chirp()
	for _, snr := range []float64{45, 10} {
		loud := words.InNoise(pcm, rate, rate, snr, random.New(5))
		var signal, rest float64
		at := (len(loud) - len(pcm)) / 2
		for _, v := range pcm {
			signal += float64(v) * float64(v) / float64(len(pcm))
		}
		for i, v := range loud {
			if i >= at && i < at+len(pcm) {
				v -= pcm[i-at]
			}
			rest += float64(v) * float64(v) / float64(len(loud))
		}
		if got := 10 * math.Log10(signal/rest); math.Abs(got-snr) > .1 {
			t.Errorf("%v dB below: %v", snr, got)
		}
	}
}

func TestAnEarNeedsFrames(t *testing.T) {
	t.Parallel()
	if _, err := words.NewEar(cochlea.Config{Front: "gammatone"}, rate); err == nil {
		t.Error("an ear without frames was made")
	}
}
