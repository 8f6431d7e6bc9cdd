package audio

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var ratePairs = [][2]int{{48000, 16000}, {44100, 16000}, {44100, 8000}, {16000, 8000}, {22050, 16000}, {8000, 16000}, {11025, 8000}}

// response is the gain of the filter at a frequency, in units of half the
// lower rate: the table is one long filter at up times the input rate.
func response(r *Resampler, f float64) float64 {
	low := min(1, float64(r.up)/float64(r.down)) / 2 // cycles per input sample
	var re, im float64
	for p := range r.up {
		for j := range 2 * r.half {
			t := float64(j-r.half+1) - float64(p)/float64(r.up)
			h := float64(r.table[p*2*r.half+j]) / float64(r.up)
			re += h * math.Cos(2*math.Pi*f*low*t)
			im += h * math.Sin(2*math.Pi*f*low*t)
		}
	}
	return math.Hypot(re, im)
}

func decibel(x float64) float64 { return 20 * math.Log10(max(x, 1e-12)) }

func TestPassBandAndStopBandAreAsStated(t *testing.T) {
	t.Parallel()
	for _, p := range ratePairs {
		r, err := NewResampler(p[0], p[1], 1)
		if err != nil {
			t.Fatal(err)
		}
		var ripple float64
		stop := math.Inf(-1)
		step := min(0.1, 1e-3*math.Sqrt(float64(len(r.table)/10)))
		for f := 0.0; f <= passEdge; f += step {
			ripple = max(ripple, math.Abs(decibel(response(r, f))))
		}
		for f := 1.0; f < 3; f += step { // the first image's own pass-band may begin at 3
			stop = max(stop, decibel(response(r, f)))
		}
		t.Logf("%d to %d Hz: ripple %.5f dB, stop-band %.1f dB, %d taps", p[0], p[1], ripple, stop, 2*r.half)
		if ripple > 0.01 || stop > -90 {
			t.Errorf("%d to %d Hz: ripple %.4f dB, stop-band %.1f dB", p[0], p[1], ripple, stop)
		}
	}
}

func sine(rate int, f, seconds float64) []float32 {
	x := make([]float32, int(seconds*float64(rate)))
	for i := range x {
		x[i] = float32(0.5 * math.Sin(2*math.Pi*f*float64(i)/float64(rate)))
	}
	return x
}

func resample(t testing.TB, in, out, channels int, x []float32, cut int) []float32 {
	t.Helper()
	r, err := NewResampler(in, out, channels)
	if err != nil {
		t.Fatal(err)
	}
	var y []float32
	for len(x) > 0 {
		n := min(cut*channels, len(x))
		y = r.Append(y, x[:n])
		x = x[n:]
	}
	return r.Flush(y)
}

// TestASineKeepsItsTimeAndSize compares with the sine taken at the new rate:
// gain, delay and images all show.
func TestASineKeepsItsTimeAndSize(t *testing.T) {
	t.Parallel()
	for _, p := range ratePairs {
		f := 0.8 * float64(min(p[0], p[1])) / 2
		x, want := sine(p[0], f, 0.3), sine(p[1], f, 0.3)
		got := resample(t, p[0], p[1], 1, x, 1000)
		if n := (len(x)*p[1] + p[0] - 1) / p[0]; len(got) != n {
			t.Errorf("%v: %d frames, want %d", p, len(got), n)
		}
		edge := p[1] / 20
		for i := edge; i < len(want)-edge; i++ {
			if d := math.Abs(float64(got[i] - want[i])); d > 2e-4 {
				t.Fatalf("%v: frame %d is %v, want %v", p, i, got[i], want[i])
			}
		}
		// What lies above half the new rate is gone.
		if p[1] < p[0] {
			alias := resample(t, p[0], p[1], 1, sine(p[0], 1.2*float64(p[1])/2, 0.3), 1000)
			for i := edge; i < len(alias)-edge; i++ {
				if math.Abs(float64(alias[i])) > 0.5*3.2e-5 {
					t.Fatalf("%v: an alias of %v at %d", p, alias[i], i)
				}
			}
		}
	}
}

func TestResamplingDoesNotSeeHowTheStreamIsCut(t *testing.T) {
	t.Parallel()
	x := asFloats(tones(6000))
	for _, p := range ratePairs {
		want := resample(t, p[0], p[1], 2, x, len(x))
		for _, cut := range []int{1, 7, 160, 2999} {
			if diff := cmp.Diff(want, resample(t, p[0], p[1], 2, x, cut)); diff != "" {
				t.Errorf("%v cut at %d differs", p, cut)
			}
		}
	}
}

func TestRatesWithoutACommonDivisorAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := NewResampler(767_999, 44_101, 1); err == nil {
		t.Error("a table without bounds")
	}
	if _, err := NewResampler(0, 8000, 1); err == nil {
		t.Error("a rate of 0")
	}
}

func TestResamplingAllocatesNothing(t *testing.T) {
	r, err := NewResampler(44100, 16000, 2)
	if err != nil {
		t.Fatal(err)
	}
	x, y := asFloats(tones(4096)), make([]float32, 0, 8192)
	for range 100 {
		y = r.Append(y[:0], x)
	}
	if n := testing.AllocsPerRun(100, func() { y = r.Append(y[:0], x) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkResample(b *testing.B) {
	for _, p := range [][2]int{{16000, 8000}, {44100, 16000}, {48000, 16000}} {
		b.Run(fmt.Sprintf("%d-%d", p[0], p[1]), func(b *testing.B) {
			r, err := NewResampler(p[0], p[1], 1)
			if err != nil {
				b.Fatal(err)
			}
			x, y := asFloats(tones(p[0]/10)), make([]float32, 0, p[1])
			for b.Loop() {
				y = r.Append(y[:0], x)
			}
			b.ReportMetric(0.1*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
		})
	}
}
