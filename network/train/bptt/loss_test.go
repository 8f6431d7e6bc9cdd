package bptt

import (
	"math"
	"testing"

	"ganglion/internal/random"
)

func TestLossesHaveTheDerivativesOfFiniteDifferences(t *testing.T) {
	const steps, classes, label = 7, 4, 2
	for _, pool := range []Pool{MeanProbability, MeanLogit, MaxLogit} {
		logits, grad := make([]float32, steps*classes), make([]float32, steps*classes)
		for i := range logits {
			logits[i] = float32(random.New(1).Normal(uint64(i)))
		}
		_, right := pool.Loss(logits, grad, classes, label, .1)
		if right != (pool.Decide(logits, classes) == label) {
			t.Errorf("%s: loss and decision disagree", pool)
		}
		sum := 0.
		for i := range logits {
			const h = 1e-2
			old := logits[i]
			unused := make([]float32, len(grad))
			logits[i] = old + h
			above, _ := pool.Loss(logits, unused, classes, label, .1)
			logits[i] = old - h
			below, _ := pool.Loss(logits, unused, classes, label, .1)
			logits[i] = old
			if want := (above - below) / (2 * h); math.Abs(want-float64(grad[i])) > 1e-4 {
				t.Errorf("%s, logit %d: derivative %v, differences say %v", pool, i, grad[i], want)
			}
			sum += math.Abs(float64(grad[i]))
		}
		if sum < .1 {
			t.Errorf("%s: nothing is learned from", pool)
		}
	}
}

func TestPoolsDecideByWhatTheySay(t *testing.T) {
	// Class 0 is strong once, class 1 a little ahead most of the time.
	logits := []float32{9, 0, 0, 1, 0, 1, 0, 1, 0, 1}
	for pool, want := range map[Pool]int{MeanProbability: 1, MeanLogit: 0, MaxLogit: 0} {
		if got := pool.Decide(logits, 2); got != want {
			t.Errorf("%s decides for %d", pool, got)
		}
	}
}
