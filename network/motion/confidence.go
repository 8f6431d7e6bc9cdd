package motion

import "math"

// noise estimates how often a coincidence neuron of a quiet pixel fires, from
// the spikes that no track claims.
type noise struct {
	rate   float64 // spikes per pixel and second
	pixels float64
}

// The estimate starts at what 5 Hz of shot noise gives and follows slowly.
const (
	noiseStart = .01 // 1/(px s)
	noiseFloor = 1e-4
	noiseGain  = .02 // per period
)

func newNoise(pixels int) noise { return noise{rate: noiseStart, pixels: float64(pixels)} }

// observe takes a period in.
func (n *noise) observe(r *Readout) {
	free := 0
	for i := len(r.spikes) - 1; i >= 0 && r.spikes[i].t >= r.end-r.period; i-- {
		if s := &r.spikes[i]; s.track < 0 {
			if c := r.grid.cell(s.x, s.y); c < 0 || r.grid.until[c] < r.end {
				free++
			}
		}
	}
	seen := float64(free) / (n.pixels * float64(r.period) * 1e-6)
	n.rate = max(n.rate+noiseGain*(seen-n.rate), noiseFloor)
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

// confidence of n spikes in an area over a time, px² and s.
func (n *noise) confidence(spikes int, area, span float64) float64 {
	tail := poissonTail(spikes, n.rate*max(area, 1)*span)
	for i := 1; i < len(calibration); i++ {
		a, b := calibration[i-1], calibration[i]
		if tail < b.tail {
			return a.probability + (b.probability-a.probability)*(tail-a.tail)/(b.tail-a.tail)
		}
	}
	return calibration[len(calibration)-1].probability
}
