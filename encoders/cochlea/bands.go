package cochlea

import (
	"fmt"
	"math"

	"ganglion/internal/portable"
)

// bands is a bank of triangular filters over the bins of a spectrum (Davis and
// Mermelstein 1980), equally spaced on the mel scale of O'Shaughnessy 1987,
// 2595·log10(1+f/700). Each row is scaled so that a sine in the middle of its
// band gives its own power.
type bands struct {
	first  []int // bin of the first weight
	weight [][]float64
}

func mel(f float64) float64     { return float64(2595 * portable.Log10(1+f/700)) }
func hertz(mel float64) float64 { return 700 * (portable.Pow(10, mel/2595) - 1) }

// Centres are the middles of the front end's bands, Hz.
func (c MelConfig) Centres() []float64 {
	f := make([]float64, c.Bands)
	for i := range f {
		f[i] = hertz(mel(c.Low) + float64((mel(c.High)-mel(c.Low))*float64(i+1))/float64(c.Bands+1))
	}
	return f
}

// newBands lays n bands over the bins of an FFT of the given size.
func newBands(n int, low, high float64, rate, size int) (*bands, error) {
	if high > float64(rate)/2 {
		return nil, fmt.Errorf("mel.high: %g Hz is above half the sample rate of %d Hz", high, rate)
	}
	b := &bands{}
	bin := float64(rate) / float64(size)
	edge := func(i int) float64 { return hertz(mel(low) + (mel(high)-mel(low))*float64(i)/float64(n+1)) }
	for i := range n {
		lo, mid, hi := edge(i), edge(i+1), edge(i+2)
		first := int(math.Ceil(lo / bin))
		var w []float64
		for k := first; float64(k)*bin < hi && k <= size/2; k++ {
			f := float64(float64(k) * bin)
			w = append(w, max(0, min((f-lo)/(mid-lo), (hi-f)/(hi-mid))))
		}
		if len(w) == 0 { // narrower than the bins: the nearest
			first, w = int(math.Round(mid/bin)), []float64{1}
		}
		b.first, b.weight = append(b.first, first), append(b.weight, w)
	}
	return b, nil
}

// apply sums the power spectrum into the bands.
func (b *bands) apply(dst, power []float64) {
	for i, w := range b.weight {
		p := power[b.first[i]:][:len(w)]
		var sum float64
		for k, x := range w {
			sum += float64(x * p[k])
		}
		dst[i] = sum
	}
}
