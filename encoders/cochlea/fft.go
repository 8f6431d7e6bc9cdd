package cochlea

import (
	"math"
	"math/bits"

	"ganglion/internal/portable"
)

// fft computes the power spectrum of real input of a power of two by a complex
// transform of half the size (Press et al., Numerical Recipes, 12.3). It stands
// here because it takes a third of the time of gonum's, which the tests hold it
// to, and rounds every product, so that its bits are those of every processor.
type fft struct {
	re, im   []float64 // of half the size
	cos, sin []float64 // of -2πk/size, k < size/2
	swap     []int     // bit reversal
}

func newFFT(size int) *fft {
	half := size / 2
	f := &fft{
		re: make([]float64, half), im: make([]float64, half),
		cos: make([]float64, half), sin: make([]float64, half), swap: make([]int, half),
	}
	for k := range half {
		angle := -2 * math.Pi * float64(k) / float64(size)
		f.cos[k], f.sin[k] = portable.Cos(angle), portable.Sin(angle)
		f.swap[k] = int(bits.Reverse64(uint64(k)) >> (65 - bits.Len(uint(half))))
	}
	return f
}

// power fills dst[k], k = 0..size/2, with |X[k]|² of the real input x, whose
// missing end counts as zero.
func (f *fft) power(dst, x []float64) {
	clear(f.re)
	clear(f.im)
	for i, v := range x {
		if at := f.swap[i/2]; i%2 == 0 {
			f.re[at] = v
		} else {
			f.im[at] = v
		}
	}
	for span := 1; span < len(f.re); span *= 2 {
		f.stage(span)
	}
	f.split(dst)
}

// stage joins transforms of the size span to those of twice the size.
func (f *fft) stage(span int) {
	stride := len(f.re) / span // of the twiddles, which are of twice the size
	for at := 0; at < len(f.re); at += 2 * span {
		ar, ai := f.re[at:at+span], f.im[at:at+span]
		br, bi := f.re[at+span:at+2*span], f.im[at+span:at+2*span]
		ai, br, bi = ai[:len(ar)], br[:len(ar)], bi[:len(ar)]
		for k, w := 0, 0; k < len(ar); k, w = k+1, w+stride {
			c, s := f.cos[w], f.sin[w]
			r := float64(br[k]*c) - float64(bi[k]*s)
			i := float64(br[k]*s) + float64(bi[k]*c)
			br[k], bi[k] = ar[k]-r, ai[k]-i
			ar[k], ai[k] = ar[k]+r, ai[k]+i
		}
	}
}

// split takes the transform Z of even samples + i·odd samples apart:
// X[k] = (Z[k]+Z*[-k])/2 - i·exp(-2πik/size)·(Z[k]-Z*[-k])/2.
func (f *fft) split(dst []float64) {
	half := len(f.re)
	for k := 1; k < half; k++ {
		er, ei := float64((f.re[k]+f.re[half-k])/2), float64((f.im[k]-f.im[half-k])/2)
		or, oi := (f.im[k]+f.im[half-k])/2, (f.re[half-k]-f.re[k])/2
		r := er + (float64(or*f.cos[k]) - float64(oi*f.sin[k]))
		i := ei + (float64(or*f.sin[k]) + float64(oi*f.cos[k]))
		dst[k] = float64(r*r) + float64(i*i)
	}
	sum, difference := f.re[0]+f.im[0], f.re[0]-f.im[0]
	dst[0], dst[half] = sum*sum, difference*difference
}
