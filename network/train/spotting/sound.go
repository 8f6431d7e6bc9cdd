package spotting

import "ganglion/network/train/words"

// clip is a recording of a word, which lies from frame Start to frame End.
type clip struct {
	words.Clip
	Start, End int
	Word       int // which of the words, from 0
}

// material is what a network learns from.
type material struct {
	Clips  []clip       // of the word
	Speech []words.Clip // without the word
	Noise  []words.Clip // may be empty
}

// level is the mean power of the frames that hold sound, dB: those within 30 dB
// of the loudest, all bands together.
func level(c words.Clip) float64 {
	bands := len(c.Power) / max(c.Frames, 1)
	powers := make([]float64, c.Frames)
	loud := 0.
	for k := range powers {
		for _, v := range c.Power[k*bands : (k+1)*bands] {
			powers[k] += v
		}
		loud = max(loud, powers[k])
	}
	sum, n := 0., 0
	for _, p := range powers {
		if p >= loud/1000 {
			sum, n = sum+p, n+1
		}
	}
	return words.ToDecibels(sum / float64(max(n, 1)))
}
