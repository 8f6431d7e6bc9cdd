package stdp

import (
	"fmt"
	"math/rand/v2"

	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

// sample is a recording as spikes of the input.
type sample struct {
	spikes *pipeline.Spikes
	steps  int
	label  int
}

// shifted are the spikes, later by some µs.
func (s sample) shifted(by int64) *pipeline.Spikes {
	out := *s.spikes
	out.T = make([]int64, len(s.spikes.T))
	for i, t := range s.spikes.T {
		out.T[i] = t + by
	}
	return &out
}

// split cuts the recordings into steps and deals one in five of each class, by
// chance from the seed, to the test. The training samples come in an order by
// chance as well.
func split(c Config, recordings []Recording) (train, test []sample, classes int, err error) {
	dealt := make([]int, MaxLabel+1)
	r := rand.New(rand.NewPCG(c.Seed, 1))
	for _, i := range r.Perm(len(recordings)) {
		rec := &recordings[i]
		if rec.Label < 0 || rec.Label > MaxLabel {
			return nil, nil, 0, fmt.Errorf("%s: label %d is outside 0..%d", rec.Name, rec.Label, MaxLabel)
		}
		spikes, steps, outside, err := nirnet.Bin(rec.Events, c.input(), c.Step.Microseconds(), c.Step.Microseconds())
		if err == nil && outside > 0 {
			err = fmt.Errorf("%d events lie outside %dx%d px", outside, c.Width, c.Height)
		}
		if err == nil && steps < 1 {
			err = fmt.Errorf("shorter than a step of %v", c.Step)
		}
		if err != nil {
			return nil, nil, 0, fmt.Errorf("%s: %w", rec.Name, err)
		}
		classes = max(classes, rec.Label+1)
		if dealt[rec.Label]++; dealt[rec.Label]%5 == 1 {
			test = append(test, sample{spikes, steps, rec.Label})
		} else {
			train = append(train, sample{spikes, steps, rec.Label})
		}
	}
	if len(train) == 0 || len(test) == 0 || classes < 2 {
		return nil, nil, 0, fmt.Errorf("%d recordings of %d classes are too few", len(recordings), classes)
	}
	return train, test, classes, nil
}
