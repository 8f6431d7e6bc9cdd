package asm

// Scatter is what the spikes of a presynaptic layer touch behind a convolution:
// Lines rows of up to four leaky neurons, each row as far from the one before
// as the others are.
type Scatter struct {
	V      *float32 // membranes
	Spent  *float32 // of the synaptic resources, by presynaptic neuron
	Weight *float32
	// Row and Col tell, by presynaptic row of all channels and by column, the
	// first neuron and its weight, as [Touch] puts them together: the sum of the
	// two counts.
	Row, Col     *int64
	Reciprocal   uint64   // of Width, see [Reciprocal]
	Width, Size  int64    // presynaptic columns and neurons
	Lines        int64    // at least 1
	Stride, Step int64    // from line to line, of V and Weight, bytes
	Mask         [4]int32 // -1 for the neurons of a line, 0 behind them

	// What lasts decays: exp(t/tau) is Fine[t%512]*Coarse[t/512].
	Fine, Coarse           *float32 // of the membranes
	SpentFine, SpentCoarse *float32 // of the resources
	Threshold, Use         float32  // Use is the fraction of its resource that a spike spends
}

// Touch is a row or a column of [Scatter] that touches neurons from first on,
// whose weights stand from weight on.
func Touch(first, weight int32) int64 { return int64(weight)<<32 + int64(first) }

// Apart is a row or a column of [Scatter] that touches less than others do.
const Apart = -1 << 62

// Reciprocal of n, at least 2, makes the upper half of its product with an id below
// 2^24 their quotient.
func Reciprocal(n int) uint64 { return ^uint64(0)/uint64(n) + 1 }

// Stretch is a part of a spike train. Its spikes are added in their order from
// At in run Run on.
type Stretch struct {
	T       *int64  // of the runs, µs
	Offsets *uint32 // of the runs in IDs
	IDs     *uint32
	N       int64 // spikes of the train

	Run, At int64
	Runs    int64 // where to end
	Until   int64 // where to end, µs
	Start   int64 // when the growth of the membranes began, at most as long ago as Coarse reaches, µs
	Began   int64 // and that of the resources

	Added int64 // spikes
	Above bool  // the last of them lifted a neuron above the threshold
	End   int64 // of the run in IDs, for Add itself
}

// ScatterVectors reports whether Add may be called.
func ScatterVectors() bool { return fast }

// Add adds spikes to the neurons that they touch,
//
//	r = 1 - spent/grown,  spent += r*Use*grown,  v += weight*(growth*r)
//
// with growth and grown those of membranes and resources at the time of the
// spike. It ends behind a spike that lifts a neuron above Threshold*growth, and
// before one that is [Apart], that is no presynaptic neuron, or whose r is 0.
func (s *Scatter) Add(st *Stretch) { scatterAVX(s, st) }
