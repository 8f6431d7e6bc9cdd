package bptt

import (
	"math"
	"testing"

	"ganglion/internal/random"
)

func TestLossesHaveTheDerivativesOfFiniteDifferences(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	// Class 0 is strong once, class 1 a little ahead most of the time.
	logits := []float32{9, 0, 0, 1, 0, 1, 0, 1, 0, 1}
	for pool, want := range map[Pool]int{MeanProbability: 1, MeanLogit: 0, MaxLogit: 0} {
		if got := pool.Decide(logits, 2); got != want {
			t.Errorf("%s decides for %d", pool, got)
		}
	}
}

// TestStatisticsCountByTheirWeight follows batches whose inputs have the mean 3
// and the variance 4: however few they were, the network that is exported
// normalises by just these.
func TestStatisticsCountByTheirWeight(t *testing.T) {
	t.Parallel()
	for _, batches := range []int{1, 2, 50} {
		tr, err := New(chirpConfig())
		if err != nil {
			t.Fatal(err)
		}
		parts := make([][]norm[float32], 2)
		for i := range parts {
			for _, n := range tr.norms {
				part := norm[float32]{mean: make([]float32, len(n.mean)), variance: make([]float32, len(n.mean))}
				for k := range part.mean {
					part.mean[k], part.variance[k] = 2+2*float32(i), 4 // 3 on average
				}
				parts[i] = append(parts[i], part)
			}
		}
		for range batches {
			tr.follow(parts)
		}
		p := &tr.p.layers[0]
		f := tr.fold(p, &tr.norms[0])
		scale := float64(p.gamma[0]) / math.Sqrt(4+epsilon)
		if got, want := float64(f.w[0]), float64(p.w[0])*scale; math.Abs(got-want) > 1e-5*math.Abs(want) {
			t.Errorf("%d batches: a weight of %v, want %v", batches, got, want)
		}
		if got, want := float64(f.bias[0]), float64(p.beta[0])-3*scale; math.Abs(got-want) > 1e-5 {
			t.Errorf("%d batches: a bias of %v, want %v", batches, got, want)
		}
	}
}
