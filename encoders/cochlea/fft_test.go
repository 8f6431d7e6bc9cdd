package cochlea

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

func TestTheFFTAgreesWithGonum(t *testing.T) {
	t.Parallel()
	for _, size := range []int{4, 8, 512, 1024, 4096} {
		x := make([]float64, size)
		for i, v := range voice(8000, 1, 1)[:size] {
			x[i] = float64(v)
		}
		got := make([]float64, size/2+1)
		newFFT(size).power(got, x)
		for k, c := range fourier.NewFFT(size).Coefficients(nil, x) {
			if want := real(c)*real(c) + imag(c)*imag(c); math.Abs(got[k]-want) > 1e-12*float64(size) {
				t.Fatalf("size %d, bin %d: %v, gonum has %v", size, k, got[k], want)
			}
		}
	}
}

func BenchmarkFFT512(b *testing.B) {
	x, dst := make([]float64, 512), make([]float64, 257)
	x[3] = 1
	b.Run("own", func(b *testing.B) {
		f := newFFT(512)
		for b.Loop() {
			f.power(dst, x)
		}
	})
	b.Run("gonum", func(b *testing.B) {
		f, out := fourier.NewFFT(512), make([]complex128, 257)
		for b.Loop() {
			f.Coefficients(out, x)
		}
	})
}
