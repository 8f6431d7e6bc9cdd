package simulator

import (
	"math"
	"testing"
	"time"

	"ganglion/pipeline"
)

func TestNoiseHasTheConfiguredRates(t *testing.T) {
	t.Parallel()
	const side, seconds = 96, 5
	r := record(t, Config{Scene: "noise", Seed: 2, Noise: 5, Width: side, Height: side, Duration: seconds * time.Second})
	var shot, shotOn, leak int
	perPixel := make([]float64, side*side)
	for i, e := range r.Events {
		switch r.Causes[i] {
		case Shot:
			shot++
			shotOn += int(e.P)
			perPixel[int(e.Y)*side+int(e.X)] += 1. / seconds
		case Leak:
			leak++
			if e.P != pipeline.On {
				t.Fatalf("leak event %+v is not ON", e)
			}
		default:
			t.Fatalf("event %+v of cause %d in noise", e, r.Causes[i])
		}
	}
	const pixelSeconds = side * side * seconds
	// The log-normal spread alone gives the mean over 9216 pixels a standard
	// deviation of 1.7 %.
	within(t, "shot rate", float64(shot)/pixelSeconds, 5, .06)
	within(t, "leak rate", float64(leak)/pixelSeconds, .3, .08)
	within(t, "ON share of shot noise", float64(shotOn)/float64(shot), .5, .02)

	// log10 of the rates of pixels with enough events for it.
	var n, sum, squares float64
	for _, rate := range perPixel {
		if rate > 0 {
			n++
			sum += math.Log10(rate)
			squares += math.Log10(rate) * math.Log10(rate)
		}
	}
	within(t, "spread of the rates, decades", math.Sqrt(squares/n-sum/n*sum/n), .5, .1)
}

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want {
		t.Errorf("%s is %v, want %v within %v %%", what, got, want, 100*tolerance)
	}
}

func TestShotNoiseIsPoissonAndLeakIsPeriodic(t *testing.T) {
	t.Parallel()
	rnd := source(1)
	for _, tt := range []struct {
		kind      purpose
		variation float64 // standard deviation of the gaps, share of their mean
	}{{forShot, 1}, {forLeak, leakJitter}, {forHot, 1}} {
		n := noise{rnd: rnd}
		k := clock{mean: 1e5, kind: tt.kind}
		var sum, squares float64
		const count = 20000
		for range count {
			g := float64(n.gap(&k))
			k.fired++
			sum += g
			squares += g * g
		}
		mean := sum / count
		within(t, "mean gap", mean, 1e5, .03)
		within(t, "variation of the gaps", math.Sqrt(squares/count-mean*mean)/mean, tt.variation, .03)
	}
}

func TestLeakRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ shot, want float64 }{{0, 0}, {.5, .05}, {1, .1}, {3, .2}, {5, .3}, {10, .3}} {
		if got := leakRate(tt.shot); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("leak rate at %v Hz is %v, want %v", tt.shot, got, tt.want)
		}
	}
}

func TestCleanRecordingsHaveNoNoise(t *testing.T) {
	t.Parallel()
	for i, c := range record(t, Config{Scene: "disk", Duration: 100 * time.Millisecond}).Causes {
		if c < 0 {
			t.Fatalf("event %d has cause %d", i, c)
		}
	}
}

func TestFlickerHasHotPixelsAndALampOf100Hz(t *testing.T) {
	t.Parallel()
	r := record(t, Config{Scene: "flicker", Duration: time.Second})
	hot := map[[2]uint16]int{}
	var phase [2][10]int // of lamp events by polarity, in milliseconds
	lamp := 0
	for i, e := range r.Events {
		switch r.Causes[i] {
		case Hot:
			hot[[2]uint16{e.X, e.Y}]++
		case Background:
			if e.X >= 4 && e.X < 16 && e.Y >= 4 && e.Y < 16 {
				lamp++
				phase[e.P][e.T/1000%10]++
			}
		}
	}
	if len(hot) < 12 || len(hot) > 15 {
		t.Errorf("%d hot pixels", len(hot))
	}
	for at, n := range hot {
		if n < 15 || n > 1000 {
			t.Errorf("hot pixel %v has %d events in a second", at, n)
		}
	}
	if lamp < 144*100 {
		t.Errorf("the lamp's 144 pixels made %d events in 100 periods", lamp)
	}
	for ms := range 10 {
		if on, off := phase[1][ms], phase[0][ms]; on > lamp/50 && off > lamp/50 {
			t.Errorf("millisecond %d of the lamp's period has %d ON and %d OFF events", ms, on, off)
		}
	}
}
