package audio

import (
	"fmt"
	"math"

	"ganglion/internal/portable"
)

// The filter of a [Resampler], in units of half the lower rate: it passes up to
// 0.9 and stops from 1.
const (
	passEdge    = 0.9
	attenuation = 96 // dB, of the Kaiser design; float32 sums cost some of it
	maxTable    = 1 << 24
)

// Resampler brings sound from one rate to another by a polyphase FIR filter: a
// sinc windowed by Kaiser's window (Kaiser 1974; Oppenheim and Schafer,
// Discrete-Time Signal Processing, 7.5.3), evaluated for each phase that the
// two rates have to each other. The tests hold it to a pass-band ripple below
// 0.01 dB up to 0.9 of half the lower rate, and to 90 dB from half the lower
// rate on.
//
// The phase is linear and its delay taken out: output frame m is at the time
// of input position m*in/out. Output does not depend on how input is cut.
type Resampler struct {
	up, down int // out/in in lowest terms
	channels int
	half     int // taps on each side
	table    []float32

	hist  [][]float32 // by channel: input from frame base on
	base  int64
	total int64 // input frames so far
	next  int64 // number of the next output frame
}

// NewResampler makes a resampler for interleaved channels.
func NewResampler(in, out, channels int) (*Resampler, error) {
	if in < 1 || out < 1 || channels < 1 {
		return nil, fmt.Errorf("resampling %d channels from %d to %d Hz", channels, in, out)
	}
	g := gcd(in, out)
	r := &Resampler{up: out / g, down: in / g, channels: channels, hist: make([][]float32, channels)}
	low := float64(min(in, out)) / float64(in) // the lower rate, per input sample
	width := (1 - passEdge) / 2 * low          // of the transition, cycles per input sample
	r.half = int(math.Ceil((attenuation - 7.95) / (2.285 * 2 * math.Pi * width) / 2))
	if r.up*2*r.half > maxTable {
		return nil, fmt.Errorf("resampling from %d to %d Hz takes %d filter phases: choose a rate with a larger common divisor", in, out, r.up)
	}
	r.design((1+passEdge)/4*low, 0.1102*(attenuation-8.7))
	for c := range r.hist {
		r.hist[c] = make([]float32, r.half, 4*r.half+inputBlock) // silence before the beginning
	}
	r.base = -int64(r.half)
	return r, nil
}

// design fills the table: for phase p the weights of the inputs from
// 1-half to half around it.
func (r *Resampler) design(cut, beta float64) {
	taps := 2 * r.half
	r.table = make([]float32, r.up*taps)
	for p := range r.up {
		for j := range taps {
			t := float64(j-r.half+1) - float64(p)/float64(r.up)
			r.table[p*taps+j] = float32(2 * cut * sinc(2*cut*t) * kaiser(t/float64(r.half), beta))
		}
	}
}

// Append adds the output that the input so far settles to dst.
func (r *Resampler) Append(dst, src []float32) []float32 {
	for c := range r.hist {
		for i := c; i < len(src); i += r.channels {
			r.hist[c] = append(r.hist[c], src[i])
		}
	}
	r.total += int64(len(src) / r.channels)
	dst = r.run(dst, math.MaxInt64)
	r.forget()
	return dst
}

// Flush adds what is left at the end of the stream, as if silence followed. In
// all there are as many output frames as begin before the input's end.
func (r *Resampler) Flush(dst []float32) []float32 {
	end := (r.total*int64(r.up) + int64(r.down) - 1) / int64(r.down)
	for c := range r.hist {
		r.hist[c] = append(r.hist[c], make([]float32, r.half)...)
	}
	return r.run(dst, end)
}

// run computes the frames before end that the history settles.
func (r *Resampler) run(dst []float32, end int64) []float32 {
	taps := 2 * r.half
	for ; r.next < end; r.next++ {
		position := r.next * int64(r.down)
		first := int(position/int64(r.up)-r.base) - r.half + 1
		if first+taps > len(r.hist[0]) {
			break
		}
		p := int(position%int64(r.up)) * taps
		for _, h := range r.hist {
			dst = append(dst, dot(h[first:first+taps], r.table[p:p+taps]))
		}
	}
	return dst
}

// forget drops input that no output needs any more, once it is worth a copy.
func (r *Resampler) forget() {
	keep := r.next*int64(r.down)/int64(r.up) - int64(r.half) + 1 - r.base
	if keep < int64(2*r.half) {
		return
	}
	keep = min(keep, int64(len(r.hist[0])))
	for c, h := range r.hist {
		r.hist[c] = h[:copy(h, h[keep:])]
	}
	r.base += keep
}

// dot sums in four strands of one fixed order.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
	}
	for ; i < len(a); i++ {
		s0 += float32(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return portable.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is Kaiser's window at x in [-1, 1].
func kaiser(x, beta float64) float64 {
	if x < -1 || x > 1 {
		return 0
	}
	return bessel0(beta*math.Sqrt(1-float64(x*x))) / bessel0(beta)
}

// bessel0 is the modified Bessel function of the first kind and order 0, by
// its power series (Abramowitz and Stegun 9.6.10).
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term = float64(term * (x / (2 * k) * (x / (2 * k))))
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
