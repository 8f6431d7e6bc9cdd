package track

import (
	"math"
	"slices"
	"time"

	"ganglion/internal/portable"
)

// Noise estimates how often a quiet pixel gives a point. It counts points in
// blocks of the sensor, averages each block's rate over time, and takes the
// median of the blocks: what moves is in few blocks for most of the time.
type Noise struct {
	blockW, blockH int     // px
	columns        int     // of blocks
	area           float64 // of a block, px²
	periods        int     // seen so far, up to noiseMemory
	dt             float64 // of a period, s
	rate           float64 // points per pixel and second
	blocks         []block
	sorted         []float64 // scratch
}

type block struct {
	points int32   // in this period
	mean   float64 // points per period
}

const (
	noiseSide   = 8    // blocks along each side of the sensor, fewer on tiny ones
	noiseFloor  = 1e-4 // 1/(px s)
	noisePrior  = 10   // periods that the start is worth
	noiseMemory = 50   // periods of the average
	noiseNone   = 1e-9 // points per period that count as none
)

// NewNoise makes an estimator for a sensor, px, and a period. Until it has seen
// some periods it assumes start, 1/(px s).
func NewNoise(width, height int, period time.Duration, start float64) *Noise {
	w, h := (width+noiseSide-1)/noiseSide, (height+noiseSide-1)/noiseSide
	columns, rows := (width+w-1)/w, (height+h-1)/h
	n := &Noise{
		dt: period.Seconds(), rate: start, blockW: w, blockH: h, columns: columns,
		blocks: make([]block, columns*rows), sorted: make([]float64, columns*rows),
	}
	n.area = float64(n.blockW * n.blockH)
	for i := range n.blocks {
		n.blocks[i].mean = start * n.area * n.dt
	}
	return n
}

// Add counts a point at a pixel.
func (n *Noise) Add(x, y int) { n.blocks[y/n.blockH*n.columns+x/n.blockW].points++ }

// Turn ends a period.
func (n *Noise) Turn() {
	gain := max(1./noiseMemory, 1/float64(noisePrior+n.periods))
	n.periods = min(n.periods+1, noiseMemory)
	for i := range n.blocks {
		b := &n.blocks[i]
		points := min(float64(b.points), 4+float64(4*b.mean)) // a flash is not noise
		b.mean += float64(gain * (points - b.mean))
		if b.mean < noiseNone {
			b.mean = 0
		}
		b.points = 0
		n.sorted[i] = b.mean
	}
	slices.Sort(n.sorted)
	n.rate = max(n.sorted[len(n.sorted)/2]/(n.area*n.dt), noiseFloor)
}

// Silent says that nothing changes while there are no points.
func (n *Noise) Silent() bool {
	return n.periods == noiseMemory && n.sorted[len(n.sorted)-1] == 0 && n.rate == noiseFloor
}

// Expected is how many points noise puts into an area over a time, px² and s.
func (n *Noise) Expected(area, span float64) float64 { return n.rate * area * span }

// Evidence is -log10 of the probability that noise alone gives a number of
// points within a box of a size, px, over a time, s. The box is taken a cell
// larger, since it was drawn around the points.
func (n *Noise) Evidence(points int, size Vec, span float64) float64 {
	return poissonTail(points, n.rate*(size.X+cellSize)*(size.Y+cellSize)*span)
}

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
// boxes that overlap an object by half: isotonic regression over simulated
// scenes, as `GANGLION_LONG=1 go test ./network/motion/track -run Calibrated -v`
// prints it. Between points, and from nothing to the first, it is linear; the
// last point is a hair below certainty.
var calibration = []struct{ tail, probability float64 }{
	{0, 0}, {15, .899}, {25, .953}, {44, .955}, {86, .971}, {118, .993}, {197, .997}, {300, .998},
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

// Fields carries the estimate.
func (n *Noise) Fields(s *Codec) {
	Integer(s, &n.periods)
	s.Float(&n.rate)
	s.Demand(n.periods >= 0 && n.periods <= noiseMemory && n.rate >= noiseFloor)
	for i := range n.blocks {
		Integer(s, &n.blocks[i].points)
		s.Float(&n.blocks[i].mean)
	}
	for i := range n.sorted {
		s.Float(&n.sorted[i])
	}
}
