package classifier

import (
	"slices"

	"ganglion/internal/random"
	"ganglion/network/train/exam"
)

// HoldOut splits samples: of each label one in n, drawn by the seed, is held
// out. With n of 0 none is.
func HoldOut(samples []exam.Sample, n int, seed uint64) (train, test []exam.Sample) {
	if n < 1 {
		return samples, nil
	}
	byLabel := map[string][]int{}
	var labels []string
	for i, s := range samples {
		if byLabel[s.Label] == nil {
			labels = append(labels, s.Label)
		}
		byLabel[s.Label] = append(byLabel[s.Label], i)
	}
	held := make([]bool, len(samples))
	for k, label := range labels {
		order := make([]int, len(byLabel[label]))
		random.New(seed).With(uint64(k)).Shuffle(order)
		for _, at := range order[:len(order)/n] {
			held[byLabel[label][at]] = true
		}
	}
	for i, s := range samples {
		if held[i] {
			test = append(test, s)
		} else {
			train = append(train, s)
		}
	}
	return slices.Clip(train), test
}
