package cochlea

import (
	"math"
	"math/cmplx"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// frames collects what a front end hears.
func frames(t testing.TB, c MelConfig, rate int, x []float32) (times []int64, values [][]float32) {
	t.Helper()
	m, err := NewMel(c, rate, 1)
	if err != nil {
		t.Fatal(err)
	}
	m.Hear(0, x, func(at int64, power []float64) {
		v := make([]float32, m.values())
		m.finish(v, power)
		times, values = append(times, at), append(values, v)
	})
	return times, values
}

func melConfig(edit func(*MelConfig)) MelConfig {
	c := NewDefaultConfig().Mel
	c.NoiseRise = 0
	if edit != nil {
		edit(&c)
	}
	return c
}

func TestFramesEndOnMultiplesOfTheHop(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{8000, 16000, 44100} {
		times, _ := frames(t, melConfig(nil), rate, make([]float32, rate/10))
		if diff := cmp.Diff([]int64{30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000}, times); diff != "" {
			t.Errorf("at %d Hz: %s", rate, diff)
		}
	}
}

func TestAFrameHearsItsWindowAndNothingLater(t *testing.T) {
	t.Parallel()
	x := voice(8000, 1, 0.2)
	_, want := frames(t, melConfig(nil), 8000, x)
	for i := range x {
		if i > 80*8 || i <= 80*8-200 { // all but the window of the frame at 80 ms
			x[i] = 0
		}
	}
	c := melConfig(func(c *MelConfig) { c.Release = 0; c.Quietest = 0 })
	_, wantAlone := frames(t, c, 8000, voice(8000, 1, 0.2))
	_, got := frames(t, c, 8000, x)
	if !cmp.Equal(wantAlone[5], got[5]) || len(want) != len(got) {
		t.Error("the frame at 80 ms hears more than the 25 ms before it")
	}
}

func TestTheSpectrumIsADiscreteFourierTransform(t *testing.T) {
	t.Parallel()
	s := newSpectrum(200)
	x := voice(8000, 1, 0.025)
	got := s.of(x)
	for k := 0; k < len(got); k += 37 {
		var sum complex128
		for i, w := range s.window {
			sum += complex(float64(x[i])*w, 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(k)*float64(i)/512))
		}
		if want := real(sum)*real(sum) + imag(sum)*imag(sum); math.Abs(got[k]-want) > 1e-12+1e-9*want {
			t.Errorf("bin %d: %v, want %v", k, got[k], want)
		}
	}
}

func TestASineOfFullScaleIsAtZeroDecibels(t *testing.T) {
	t.Parallel()
	s := newSpectrum(400)
	var sum float64
	for _, p := range s.of(sine(16000, 1000, 1, 0, 0.025)) {
		sum += p
	}
	if db := 10 * math.Log10(sum); math.Abs(db) > 0.01 {
		t.Errorf("%v dB", db)
	}
}

func TestASineExcitesTheBandThatHoldsIt(t *testing.T) {
	t.Parallel()
	c := melConfig(nil)
	for band := range c.Bands {
		at := hertz(mel(c.Low) + (mel(c.High)-mel(c.Low))*float64(band+1)/float64(c.Bands+1))
		_, v := frames(t, c, 8000, sine(8000, at, 0.3, 0, 0.1))
		best := 0
		for i, x := range v[3] {
			if x > v[3][best] {
				best = i
			}
		}
		if best != band {
			t.Errorf("%.0f Hz in the middle of band %d is loudest in band %d", at, band, best)
		}
	}
}

func TestGainControlTakesTheLevelOut(t *testing.T) {
	t.Parallel()
	loud := voice(8000, 1, 1)
	quiet := make([]float32, len(loud))
	for i, x := range loud {
		quiet[i] = x * 0.1
	}
	for _, kind := range []string{"agc", "pcen"} {
		c := melConfig(func(c *MelConfig) { c.Gain = kind; c.Quietest = -80; c.PCEN.Floor = -100; c.PCEN.Alpha = 1 })
		_, a := frames(t, c, 8000, loud)
		_, b := frames(t, c, 8000, quiet)
		if diff := cmp.Diff(a[50], b[50], cmpopts.EquateApprox(0, 0.01)); diff != "" {
			t.Errorf("%s: 20 dB show: %s", kind, diff)
		}
	}
	// The control: without a release a loud beginning keeps its mark.
	_, a := frames(t, melConfig(func(c *MelConfig) { c.Quietest = 0; c.Release = 0 }), 8000, loud)
	_, b := frames(t, melConfig(func(c *MelConfig) { c.Quietest = 0; c.Release = 0 }), 8000, quiet)
	if cmp.Equal(a[50], b[50], cmpopts.EquateApprox(0, 0.01)) {
		t.Error("without gain control the level does not show")
	}
}

func TestThePeakFallsAtTheStatedRate(t *testing.T) {
	t.Parallel()
	x := append(sine(8000, 1000, 0.5, 0, 0.2), make([]float32, 8000)...)
	m, err := NewMel(melConfig(nil), 8000, 1)
	if err != nil {
		t.Fatal(err)
	}
	var first, last float64
	m.Hear(0, x, func(at int64, power []float64) {
		m.finish(make([]float32, m.values()), power)
		switch at {
		case 300_000:
			first = m.adapt.gain.(*agc).peak
		case 1_100_000:
			last = m.adapt.gain.(*agc).peak
		}
	})
	if d := first - last; math.Abs(d-8) > 1e-6 {
		t.Errorf("the peak fell by %v dB in 0.8 s", d)
	}
}

func TestSteadyNoiseIsTakenOffAndSpeechStays(t *testing.T) {
	t.Parallel()
	x := make([]float32, 8000*4)
	seed := uint32(7)
	for i := range x {
		seed = seed*1664525 + 1013904223
		x[i] = 0.02 * float32(int32(seed)) / (1 << 31)
	}
	copy(x[3*8000:], sine(8000, 1000, 0.2, 0, 0.3))
	mean := func(v [][]float32) (m float32) {
		for _, f := range v {
			for _, x := range f {
				m += x / float32(len(f)*len(v))
			}
		}
		return m
	}
	with := melConfig(func(c *MelConfig) { c.NoiseRise, c.NoiseTimes = 3, 2 })
	_, clean := frames(t, with, 8000, x)
	_, noisy := frames(t, melConfig(nil), 8000, x)
	if a, b := mean(clean[200:290]), mean(noisy[200:290]); a > 0.8*b {
		t.Errorf("noise has the mean value %v with subtraction and %v without", a, b)
	}
	if m := clean[310][bandOf(with, 1000)]; m < 0.9 {
		t.Errorf("the tone has the value %v", m)
	}
}

func bandOf(c MelConfig, f float64) int {
	return int(math.Round((mel(f)-mel(c.Low))/(mel(c.High)-mel(c.Low))*float64(c.Bands+1))) - 1
}

// TestTheNoiseFloorRisesOutOfDigitalSilence feeds zeros, whose floor is 0, and
// then steady noise: a floor that only multiplies would stay at 0 for good.
func TestTheNoiseFloorRisesOutOfDigitalSilence(t *testing.T) {
	t.Parallel()
	n := newNoiseFloor(MelConfig{Hop: 10 * time.Millisecond, NoiseRise: 100, NoiseTimes: 1}, 1) // 1 dB a frame
	for range 200 {
		p := []float64{0}
		if n.subtract(p); p[0] != 0 {
			t.Fatalf("silence became %v", p[0])
		}
	}
	const power = 1e-3
	for frame := range 200 {
		p := []float64{power}
		n.subtract(p)
		switch {
		case frame == 0 && p[0] < .99*power:
			t.Errorf("the first frame after silence is %v of %v", p[0], power)
		case frame == 199 && p[0] > 1e-9:
			t.Errorf("after 200 frames, %v of steady noise is left", p[0])
		}
	}
}
