package cochlea

import (
	"math"

	"ganglion/internal/portable"
)

// spectrum is the short-time power spectrum of one window.
type spectrum struct {
	window []float64 // Hann, scaled so that a sine of full scale sums to the power 1
	fft    *fft
	in     []float64 // the windowed samples
	power  []float64 // bins 0 to half the FFT's size
}

// leastFFT keeps the bins fine enough for the lowest bands.
const leastFFT = 512

func newSpectrum(samples int) *spectrum {
	size := leastFFT
	for size < samples {
		size *= 2
	}
	s := &spectrum{
		window: make([]float64, samples), in: make([]float64, samples),
		fft: newFFT(size), power: make([]float64, size/2+1),
	}
	var square float64
	for i := range s.window {
		s.window[i] = 0.5 - float64(0.5*portable.Cos(2*math.Pi*(float64(i)+0.5)/float64(samples)))
		square += float64(s.window[i] * s.window[i])
	}
	// By Parseval the bins of a sine of amplitude 1 sum to size·square/4 on
	// one side; the window makes that 1.
	scale := 2 / math.Sqrt(float64(size)*square)
	for i := range s.window {
		s.window[i] *= scale
	}
	return s
}

// of computes the power of the window's samples.
func (s *spectrum) of(x []float32) []float64 {
	for i, w := range s.window {
		s.in[i] = float64(x[i]) * w
	}
	s.fft.power(s.power, s.in)
	return s.power
}
