package track

import (
	"math"

	"ganglion/internal/portable"
)

// Evidence is -log10 of the probability that noise alone gives a number of
// points within a box of a size, px, over a time, s. The box is taken a cell
// larger, since it was drawn around the points.
func (n *Noise) Evidence(points int, size Vec, span float64) float64 {
	mean := n.rate * (size.X + cellSize) * (size.Y + cellSize) * span
	return poissonTail(int(float64(points)/evidenceClump), mean/evidenceClump)
}

// evidenceClump is how many points are worth one happening: noise comes in clumps.
const evidenceClump = 1.2

// poissonTail is -log10 P(N >= n) for a Poisson variable of mean m.
func poissonTail(n int, m float64) float64 {
	if n <= 0 {
		return 0
	}
	if m > float64(n) {
		return math.Ln2 / math.Ln10 // about the median: no evidence
	}
	// P(N >= n) = e^-m m^n / n! * (1 + m/(n+1) + m^2/((n+1)(n+2)) + ...)
	series, term := 1.0, 1.0
	for k := 1; term > 1e-9*series && k < 1000; k++ {
		term = float64(term * (m / float64(n+k)))
		series += term
	}
	log := float64(float64(n)*portable.Log(m)) - m - logFactorial(n) + portable.Log(series)
	return -log / math.Ln10
}

// logFactorial is ln n!, by Stirling's series where the product is long.
func logFactorial(n int) float64 {
	if n < 16 {
		product := 1.0
		for k := 2; k <= n; k++ {
			product *= float64(k)
		}
		return portable.Log(product)
	}
	x := float64(n)
	square := float64(x * x)
	return float64((x+.5)*portable.Log(x)) - x + .5*log2Pi + (1./12-(1./360-(1./1260)/square)/square)/x
}

const log2Pi = 1.83787706640934548356 // ln 2π

// calibration maps the Poisson tail of a published box to the share of such
// boxes that overlap an object by half: isotonic regression over the scenes of
// two simulators, which weigh the same, as docs/motion.md tells. Between points,
// and from nothing to the first, it is linear; beyond the last the share stays.
var calibration = []struct{ tail, probability float64 }{
	{0, 0}, {13, .782}, {32, .803}, {54, .819}, {171, .882}, {300, .935},
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
