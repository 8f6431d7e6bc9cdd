package words

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// White is white noise of power 1 (mean square).
func White(samples int, key random.Key) []float32 {
	pcm := make([]float32, samples)
	for i := range pcm {
		pcm[i] = float32(key.Normal(uint64(i)))
	}
	return pcm
}

// Colour is how much of white noise a low-pass of first order leaves of each
// band: corner is in Hz.
func (e *Ear) Colour(corner float64) []float64 {
	w := make([]float64, len(e.centres))
	for i, f := range e.centres {
		w[i] = 1 / (1 + float64(f/corner*f/corner))
	}
	return w
}

// coloured is noise of power 1 behind a low-pass of first order.
func coloured(samples, rate int, corner float64, key random.Key) []float32 {
	pcm := White(samples, key)
	keep := portable.Exp(-2 * math.Pi * corner / float64(rate))
	var y, square float64
	for i, x := range pcm {
		y = float64(keep*y) + float64((1-keep)*float64(x))
		pcm[i] = float32(y)
		square += float64(y * y)
	}
	scale := float32(math.Sqrt(float64(samples) / max(square, 1e-30)))
	for i := range pcm {
		pcm[i] *= scale
	}
	return pcm
}

// Corner draws the corner of a noise's low-pass, Hz: each octave from 100 Hz to
// 6.4 kHz is as likely.
func Corner(key random.Key) float64 { return 100 * portable.Exp(math.Ln2*key.Between(0, 0, 6)) }

// InNoise is a sound in the middle of noise of at least the given number of
// samples, snr dB below it: the mean square of the sound over its own duration
// to that of the noise. The noise's colour is drawn too.
func InNoise(pcm []float32, samples, rate int, snr float64, key random.Key) []float32 {
	samples = max(samples, len(pcm))
	out := coloured(samples, rate, Corner(key), key.With(1))
	var square float64
	for _, v := range pcm {
		square += float64(float64(v) * float64(v))
	}
	scale := float32(math.Sqrt(square / float64(max(len(pcm), 1)) * Decibels(-snr)))
	for i := range out {
		out[i] *= scale
	}
	at := (samples - len(pcm)) / 2
	for i, v := range pcm {
		out[at+i] += v
	}
	return out
}

// ToDecibels is the reverse of [Decibels], at least -200 dB.
func ToDecibels(power float64) float64 { return 10 * portable.Log10(max(power, 1e-20)) }

// Decibels is the factor of a power that so many dB are.
func Decibels(db float64) float64 { return portable.Exp(db * (math.Ln10 / 10)) }
