package track

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestPoissonTail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n int
		m float64
	}{{1, .1}, {3, .01}, {6, 2}, {20, 19}, {50, 5}} {
		below := 0. // P(N < n), summed term by term
		term := math.Exp(-c.m)
		for k := range c.n {
			below += term
			term *= c.m / float64(k+1)
		}
		tail := 0. // P(N >= n), from the small end for precision
		for k := c.n + 200; k >= c.n; k-- {
			logFact, _ := math.Lgamma(float64(k) + 1)
			tail += math.Exp(float64(k)*math.Log(c.m) - c.m - logFact)
		}
		if got, want := poissonTail(c.n, c.m), -math.Log10(tail); math.Abs(got-want) > 1e-6*max(want, 1) || math.Abs(below+tail-1) > 1e-9 {
			t.Errorf("n %d, mean %v: %v, want %v", c.n, c.m, got, want)
		}
	}
	if got := poissonTail(0, 3); got != 0 {
		t.Errorf("no points: %v", got)
	}
	if got := poissonTail(3, 30); got > .5 {
		t.Errorf("fewer points than noise gives: %v", got)
	}
}

func TestNoiseIsThatOfQuietCells(t *testing.T) {
	t.Parallel()
	n := NewNoise(128, 128, 10*time.Millisecond, 20*time.Millisecond, 1, .01)
	rng := rand.New(rand.NewPCG(1, 2))
	rate := .03
	for i := range 500 {
		for range int(rate*128*128*.01 + .5) {
			n.Add(rng.IntN(128), rng.IntN(128))
		}
		for range 200 { // something moves back and forth over three quarters of the sensor
			n.Add(i%100+rng.IntN(28), rng.IntN(96))
		}
		n.Turn()
	}
	if math.Abs(n.rate/rate-1) > .3 {
		t.Errorf("%v points per pixel and second, want %v", n.rate, rate)
	}
	before := n.rate
	for x := range 128 {
		for y := range 128 {
			n.Add(x, y) // a flash
		}
	}
	n.Turn()
	if n.rate > 1.5*before {
		t.Errorf("a flash moves the estimate from %v to %v", before, n.rate)
	}
}

func TestNoiseIsFoundWhereItStartsHigh(t *testing.T) {
	t.Parallel()
	n := NewNoise(128, 128, 10*time.Millisecond, 20*time.Millisecond, 1, .01)
	rng := rand.New(rand.NewPCG(1, 2))
	rate := .6
	for range 300 {
		for range int(rate * 128 * 128 * .01) {
			n.Add(rng.IntN(128), rng.IntN(128))
		}
		n.Turn()
	}
	if math.Abs(n.rate/rate-1) > .3 {
		t.Errorf("%v points per pixel and second, want %v", n.rate, rate)
	}
}

func TestNoiseComesToRest(t *testing.T) {
	t.Parallel()
	n := NewNoise(30, 20, 10*time.Millisecond, 20*time.Millisecond, 1, .05)
	for range 100 {
		n.Add(29, 19)
		n.Turn()
	}
	periods := 0
	for ; !n.Silent() && periods < 10_000; periods++ {
		n.Turn()
	}
	if periods < 10 || periods > 5000 || n.rate != noiseFloor {
		t.Errorf("silent after %d periods at %v", periods, n.rate)
	}
}

func TestConfidenceRisesWithEvidence(t *testing.T) {
	t.Parallel()
	last := -1.
	for tail := 0.; tail < 400; tail++ {
		c := confidence(tail)
		if c < last || c < 0 || c >= 1 {
			t.Fatalf("confidence %v at evidence %v after %v", c, tail, last)
		}
		last = c
	}
}

// TestStrongNoiseTakesLongerToSettle holds how soon noise is told from what moves
// slowly: weaker noise than was assumed sooner than stronger.
func TestStrongNoiseTakesLongerToSettle(t *testing.T) {
	t.Parallel()
	settles := func(points int) int {
		n := NewNoise(128, 128, 10*time.Millisecond, 100*time.Millisecond, 1, .05)
		for period := range 100 {
			if n.Settled() {
				return period
			}
			for i := range points { // spread evenly
				n.Add(i*37%128, i*53%128)
			}
			n.Turn()
		}
		return 100
	}
	if weak, strong := settles(1), settles(200); weak != noiseSettled/2 || strong != noiseSettled {
		t.Errorf("weak noise settles after %d periods and strong noise after %d: want %d and %d", weak, strong, noiseSettled/2, noiseSettled)
	}
}
