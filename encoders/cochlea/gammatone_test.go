package cochlea

import (
	"math"
	"math/cmplx"
	"testing"
	"time"

	"ganglion/pipeline"
)

// gainAt measures the steady gain of a filter.
func gainAt(f filter, rate int, hz float64) float64 {
	var z stages
	x := make([]float64, rate)
	for i := range x {
		x[i] = math.Sin(2 * math.Pi * hz * float64(i) / float64(rate))
	}
	f.run(&z, x)
	var sum float64
	for _, v := range x[rate/2:] {
		sum += v * v
	}
	return math.Sqrt(sum / float64(rate/2) * 2)
}

func TestFiltersHaveUnitGainAndTheirBandwidth(t *testing.T) {
	t.Parallel()
	const rate = 16000
	for _, centre := range []float64{200, 1000, 3000} {
		f := newFilter(centre, rate)
		if g := gainAt(f, rate, centre); math.Abs(g-1) > 0.01 {
			t.Errorf("%v Hz: gain %v", centre, g)
		}
		var area float64 // of the power, which the equivalent rectangle has too
		for hz := 10.0; hz < 8000; hz += 10 {
			g := gainAt(f, rate, hz)
			area += g * g * 10
		}
		if d := area / erb(centre); math.Abs(d-1) > 0.05 {
			t.Errorf("%v Hz: bandwidth %.1f Hz, want %.1f Hz", centre, area, erb(centre))
		}
	}
}

func TestAFilterIsItsImpulseResponse(t *testing.T) {
	t.Parallel()
	// Four equal poles: the response is binomial(n+3, 3)·poleⁿ.
	f := newFilter(700, 8000)
	var z stages
	x := make([]float64, 200)
	x[0] = 1
	f.run(&z, x)
	for n := range x {
		b := float64((n+1)*(n+2)*(n+3)) / 6
		want := f.gain * b * real(cmplx.Pow(complex(f.re, f.im), complex(float64(n), 0)))
		if math.Abs(x[n]-want) > 1e-9 {
			t.Fatalf("sample %d: %v, want %v", n, x[n], want)
		}
	}
}

func TestCentresAreEquallySpacedInBandwidths(t *testing.T) {
	t.Parallel()
	for _, f := range []float64{100, 1000, 5000} {
		if g := erbHertz(erbNumber(f)); math.Abs(g-f) > 1e-6 {
			t.Errorf("%v Hz becomes %v Hz", f, g)
		}
		if d := erbNumber(f+erb(f)/2) - erbNumber(f-erb(f)/2); math.Abs(d-1) > 0.02 {
			t.Errorf("around %v Hz a bandwidth counts %v", f, d)
		}
	}
}

// TestBushyCellsFireAtTheExactTimes drives a cell with a constant current: it
// fires at -tau·ln(1-θ/I) and then after that and the dead time again, in
// whatever steps time is cut.
func TestBushyCellsFireAtTheExactTimes(t *testing.T) {
	t.Parallel()
	const tau, threshold, current, refractory = 0.001, 0.1, 0.15, 0.0007
	first := -tau * math.Log(1-threshold/current)
	for _, rate := range []float64{8000, 44100, 700} {
		kind := newCellKind(threshold, tau*rate, refractory*rate)
		var cell bushyCell
		var spikes []float64
		for n := range int(0.1 * rate) {
			if cell.sleep(&kind, []float64{current}) == 1 {
				continue
			}
			for left := cell.wake(); left > 0; {
				var fired bool
				if left, fired = cell.advance(&kind, current, left); fired {
					spikes = append(spikes, (float64(n)+1-cell.at)/rate)
				}
			}
		}
		if want := int(0.1/(first+refractory)) - 1; len(spikes) < want {
			t.Errorf("at %v Hz: %d spikes, want %d", rate, len(spikes), want)
		}
		for i, at := range spikes {
			if want := first + float64(i)*(first+refractory); math.Abs(at-want) > 1e-9 {
				t.Fatalf("at %v Hz: spike %d at %v s, want %v s", rate, i, at, want)
			}
		}
	}
}

func toneConfig() Config {
	c := NewDefaultConfig()
	c.Front = "gammatone"
	c.Gammatone.Bands, c.Gammatone.Low, c.Gammatone.High, c.Gammatone.Cells = 1, 300, 300, 1
	c.Gammatone.Refractory = 2 * time.Millisecond // one spike in a period of 3.3 ms
	return c
}

func TestSpikesFollowThePhaseOfALowTone(t *testing.T) {
	t.Parallel()
	s := encode(t, build(t, toneConfig(), 8000, 1), 8000, sine(8000, 300, 0.1, 0, 1))
	var sum complex128
	for _, at := range s.T {
		sum += cmplx.Exp(complex(0, 2*math.Pi*300*float64(at)/1e6))
	}
	if v := cmplx.Abs(sum) / float64(s.Len()); v < 0.9 || s.Len() < 250 {
		t.Errorf("vector strength %.3f of %d spikes", v, s.Len())
	}
}

// TestSpikeTimesResolveLessThanASample delays a tone by parts of a sample
// (125 µs) and finds the delay again: what hearing direction needs.
func TestSpikeTimesResolveLessThanASample(t *testing.T) {
	t.Parallel()
	late := func(delay float64) (phase float64) {
		s := encode(t, build(t, toneConfig(), 8000, 1), 8000, sine(8000, 300, 0.1, delay, 1))
		var sum complex128
		for _, at := range s.T {
			if at > 200_000 {
				sum += cmplx.Exp(complex(0, 2*math.Pi*300*float64(at)/1e6))
			}
		}
		return cmplx.Phase(sum) / (2 * math.Pi * 300) * 1e6
	}
	base := late(0)
	for _, us := range []float64{10, 30, 60, 100, 250} {
		d := math.Mod(late(us/1e6)-base+1e6/300, 1e6/300)
		if math.Abs(d-us) > 10 {
			t.Errorf("a delay of %v µs reads as %.1f µs", us, d)
		}
	}
}

func TestLouderToneMoreCellsAndSilenceNone(t *testing.T) {
	t.Parallel()
	last := 0
	for i, amplitude := range []float64{0, 0.01, 0.05, 0.5} {
		n := encodeCount(t, gammatoneConfig(), sine(8000, 800, amplitude, 0, 0.5))
		if i == 0 && n != 0 || i > 0 && n <= last {
			t.Errorf("amplitude %v gives %d spikes after %d", amplitude, n, last)
		}
		last = n
	}
}

func encodeCount(t *testing.T, c Config, x []float32) int {
	t.Helper()
	var s pipeline.Spikes = encode(t, build(t, c, 8000, 1), 8000, x)
	return s.Len()
}
