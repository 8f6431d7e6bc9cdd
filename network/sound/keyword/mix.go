package keyword

import (
	"math"
	"slices"

	"ganglion/internal/portable"
)

// InNoise is a sound with noise added, snr dB below the level of the sound
// (see [Level]). The noise is taken from sample at on, over and over.
func InNoise(pcm, noise []float32, rate int, snr float64, at int) []float32 {
	out := slices.Clone(pcm)
	if len(noise) == 0 || len(pcm) == 0 {
		return out
	}
	sum := 0.
	for i := range pcm {
		v := float64(noise[(at+i)%len(noise)])
		sum += float64(v * v)
	}
	mean := max(sum/float64(len(pcm)), 1e-20)
	factor := float32(math.Sqrt(portable.Pow(10, (Level(pcm, rate)-snr)/10) / mean))
	for i := range out {
		out[i] += float32(factor * noise[(at+i)%len(noise)])
	}
	return out
}

// ThresholdsWith are those that an evaluation goes through, ascending: close
// together where posteriors are near to 0 or 1. One more is among them if it is
// not 0.
func ThresholdsWith(one float64) []float64 {
	var all []float64
	if one > 0 {
		all = append(all, one)
	}
	for x := -2.; x <= 7; x += .125 {
		all = append(all, math.Round(1e4/(1+portable.Exp(-x)))/1e4)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
