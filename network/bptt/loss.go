package bptt

import "math"

// MeanSoftmax is the cross entropy of a label and the softmax of the logits,
// [steps, classes], averaged over the steps. With smoothing e the wanted
// probability of the label is 1-e+e/classes (Szegedy et al. 2016). It adds the
// derivative to grad and says whether the label is the likeliest class.
func MeanSoftmax(logits, grad []float32, classes, label int, smoothing float64) (loss float64, right bool) {
	steps := len(logits) / classes
	var p, mean [64]float64
	probs, sums := p[:0], mean[:0]
	for range classes {
		probs, sums = append(probs, 0), append(sums, 0)
	}
	for t := range steps {
		Softmax(probs, logits[t*classes:(t+1)*classes])
		for k, q := range probs {
			sums[k] += q / float64(steps)
		}
	}
	// L = -Σ w ln mean_k, so dL/dmean_k = -w/mean_k, and mean is over softmaxes.
	slope := make([]float64, classes)
	for k, q := range sums {
		want := smoothing / float64(classes)
		if k == label {
			want += 1 - smoothing
		}
		q = max(q, 1e-12)
		loss -= float64(want * math.Log(q))
		slope[k] = -want / (q * float64(steps))
	}
	for t := range steps {
		Softmax(probs, logits[t*classes:(t+1)*classes])
		var along float64
		for k, q := range probs {
			along += float64(q * slope[k])
		}
		for k, q := range probs {
			grad[t*classes+k] += float32(q * (slope[k] - along))
		}
	}
	return loss, Likeliest(sums) == label
}

// Softmax writes the probabilities of logits to p.
func Softmax(p []float64, logits []float32) {
	greatest := float64(logits[0])
	for _, v := range logits[1:] {
		greatest = max(greatest, float64(v))
	}
	var sum float64
	for k, v := range logits {
		p[k] = math.Exp(float64(v) - greatest)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
}

// Likeliest is the index of the greatest value, the first of equals.
func Likeliest(p []float64) int {
	best := 0
	for k, v := range p {
		if v > p[best] {
			best = k
		}
	}
	return best
}
