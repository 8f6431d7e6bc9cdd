package track

import "math"

// Noise estimates how often a quiet pixel gives a point, from the points that
// nothing claims.
type Noise struct {
	rate   float64 // points per pixel and second
	pixels float64
}

// The estimate starts at what 5 Hz of shot noise gives and follows slowly.
const (
	noiseStart = .01 // 1/(px s)
	noiseFloor = 1e-4
	noiseGain  = .02 // per period
)

func newNoise(pixels int) Noise { return Noise{rate: noiseStart, pixels: float64(pixels)} }

// Observe takes in the number of unclaimed points of a period of dt seconds.
func (n *Noise) Observe(points int, dt float64) {
	seen := float64(points) / float64(n.pixels*dt)
	n.rate = max(n.rate+float64(noiseGain*(seen-n.rate)), noiseFloor)
}

func (n *Noise) settled() bool { return n.rate == noiseFloor }

// tail is -log10 of the probability that noise alone gives this many points in
// an area over a time, px² and s.
func (n *Noise) tail(points int, area, span float64) float64 {
	return poissonTail(points, n.rate*max(area, 1)*span)
}

// poissonTail is -log10 P(N >= n) for a Poisson variable of mean m.
func poissonTail(n int, m float64) float64 {
	if n <= 0 {
		return 0
	}
	if m > float64(n) {
		return math.Log10(2) // about the median: no evidence
	}
	// P(N >= n) = e^-m m^n / n! * (1 + m/(n+1) + m^2/((n+1)(n+2)) + ...)
	logFact, _ := math.Lgamma(float64(n) + 1)
	series, term := 1.0, 1.0
	for k := 1; term > 1e-9*series && k < 1000; k++ {
		term *= m / float64(n+k)
		series += term
	}
	return -(float64(n)*math.Log(m) - m - logFact + math.Log(series)) / math.Ln10
}

// calibration maps the Poisson tail of a confirmed box to the share of such
// boxes that overlap an object by half. It is an isotonic regression over the
// simulated scenes of the tuning seeds (docs/motion.md); between points it is
// linear.
var calibration = []struct{ tail, probability float64 }{
	{0, .05}, {5, .3}, {20, .6}, {60, .85}, {150, .95}, {300, .98},
}

// confidence turns a tail into a probability.
func confidence(tail float64) float64 {
	for i := 1; i < len(calibration); i++ {
		a, b := calibration[i-1], calibration[i]
		if tail < b.tail {
			return a.probability + (b.probability-a.probability)*(tail-a.tail)/(b.tail-a.tail)
		}
	}
	return calibration[len(calibration)-1].probability
}
