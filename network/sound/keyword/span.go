package keyword

import (
	"slices"
	"time"

	"ganglion/internal/portable"
)

// Span finds where the word is in a clip that holds one word, by its energy:
// from frame start to frame end of sound. Of the groups that [Groups] finds the
// one with the most energy is the word. A clip in which nothing stands out gives
// its whole length.
func Span(pcm []float32, rate int) (start, end int) {
	groups := Groups(pcm, rate)
	if len(groups) == 0 {
		return 0, len(pcm)
	}
	best := groups[0]
	for _, g := range groups[1:] {
		if g.Energy > best.Energy {
			best = g
		}
	}
	return best.Start, best.End
}

// Group is sound that belongs together, from frame Start to End.
type Group struct {
	Start, End int
	Energy     float64
}

// Groups finds the sounds of a clip. The level of frames of 10 ms counts as
// sound where it is nearer to the loudest (the 97th percentile) than to the
// quietest (the 10th), in decibels, and within 30 dB of the loudest. Sounds less
// than 180 ms apart, as the halves of a stop consonant are, belong together.
// Where the loudest is not 6 dB above the quietest there are none.
func Groups(pcm []float32, rate int) (groups []Group) {
	hop := max(rate/100, 1)
	level := levels(pcm, hop)
	if len(level) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(level))
	loud, low := sorted[len(sorted)*97/100], sorted[len(sorted)/10]
	threshold := max(loud-30, (loud+low)/2)
	if loud-low < 6 {
		return nil
	}
	const gap = int(180 * time.Millisecond / (10 * time.Millisecond))
	last := 0
	for i, l := range level {
		if l < threshold {
			continue
		}
		if len(groups) == 0 || i-last > gap {
			groups = append(groups, Group{Start: i * hop})
		}
		last = i
		g := &groups[len(groups)-1]
		g.End = min((i+1)*hop, len(pcm))
		g.Energy += portable.Pow(10, l/10)
	}
	return groups
}

// levels are the mean powers of successive frames, dB; a sine of full scale is
// at -3 dB.
func levels(pcm []float32, hop int) []float64 {
	level := make([]float64, 0, len(pcm)/hop)
	for ; len(pcm) >= hop; pcm = pcm[hop:] {
		sum := 0.
		for _, v := range pcm[:hop] {
			sum += float64(float64(v) * float64(v))
		}
		level = append(level, 10*portable.Log10(max(sum/float64(hop), 1e-12)))
	}
	return level
}

// Level is the level of the sound in a recording, dB: the power over all frames
// of 10 ms within 30 dB of the loudest ones (the 97th percentile). Silence
// between the words of a long recording does not count.
func Level(pcm []float32, rate int) float64 {
	level := levels(pcm, max(rate/100, 1))
	if len(level) == 0 {
		return -120
	}
	loud := slices.Sorted(slices.Values(level))[len(level)*97/100]
	sum, n := 0., 0
	for _, l := range level {
		if l >= loud-30 {
			sum, n = sum+portable.Pow(10, l/10), n+1
		}
	}
	return 10 * portable.Log10(max(sum/float64(n), 1e-12))
}
