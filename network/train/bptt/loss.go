package bptt

import (
	"ganglion/internal/portable"
)

// Pool is how the logits of all steps become one decision between classes.
type Pool string

// The pools.
const (
	MeanProbability Pool = "mean-probability" // of the softmax of each step
	MeanLogit       Pool = "mean-logit"       // softmax of the mean over the steps
	MaxLogit        Pool = "max-logit"        // softmax of the greatest of each class
)

// Decide is the class that wins: the first of equals.
func (p Pool) Decide(logits []float32, classes int) int {
	pooled := make([]float64, classes)
	switch p {
	case MeanProbability:
		meanProbability(pooled, logits)
	case MaxLogit:
		maxLogit(pooled, logits)
	default:
		meanLogit(pooled, logits)
	}
	return likeliest(pooled)
}

// Loss is the cross entropy of a label and the pooled probabilities of logits,
// [steps, classes]. With smoothing e the wanted probability of the label is
// 1-e+e/classes (Szegedy et al. 2016). It adds the derivative to grad and
// reports whether the label wins.
func (p Pool) Loss(logits, grad []float32, classes, label int, smoothing float64) (loss float64, right bool) {
	pooled, d := make([]float64, classes), make([]float64, classes)
	steps := len(logits) / classes
	switch p {
	case MeanProbability:
		meanProbability(pooled, logits)
		return probabilityLoss(pooled, logits, grad, label, smoothing), likeliest(pooled) == label
	case MaxLogit:
		at := maxLogit(pooled, logits)
		loss = crossEntropy(d, pooled, label, smoothing)
		for k, v := range d {
			grad[at[k]*classes+k] += float32(v)
		}
	default:
		meanLogit(pooled, logits)
		loss = crossEntropy(d, pooled, label, smoothing)
		for i := range grad {
			grad[i] += float32(d[i%classes] / float64(steps))
		}
	}
	return loss, likeliest(pooled) == label
}

func meanLogit(pooled []float64, logits []float32) {
	for i, v := range logits {
		pooled[i%len(pooled)] += float64(v)
	}
	for k := range pooled {
		pooled[k] *= float64(len(pooled)) / float64(len(logits))
	}
}

// maxLogit says in which steps the greatest logits are.
func maxLogit(pooled []float64, logits []float32) (at []int) {
	classes := len(pooled)
	at = make([]int, classes)
	for k := range pooled {
		pooled[k] = float64(logits[k])
	}
	for i, v := range logits {
		if k := i % classes; float64(v) > pooled[k] {
			pooled[k], at[k] = float64(v), i/classes
		}
	}
	return at
}

func meanProbability(pooled []float64, logits []float32) {
	classes := len(pooled)
	p := make([]float64, classes)
	steps := len(logits) / classes
	for t := range steps {
		probabilities(p, logits[t*classes:(t+1)*classes])
		for k, q := range p {
			pooled[k] += q / float64(steps)
		}
	}
}

// probabilityLoss is the loss of mean probabilities: L = -Σ w ln mean_k, so
// dL/dmean_k = -w/mean_k, and from there through the softmax of each step.
func probabilityLoss(mean []float64, logits, grad []float32, label int, smoothing float64) (loss float64) {
	classes := len(mean)
	steps := len(logits) / classes
	slope, p := make([]float64, classes), make([]float64, classes)
	for k, q := range mean {
		want := wanted(k, label, classes, smoothing)
		q = max(q, 1e-12)
		loss -= float64(want * portable.Log(q))
		slope[k] = -want / (q * float64(steps))
	}
	for t := range steps {
		probabilities(p, logits[t*classes:(t+1)*classes])
		var along float64
		for k, q := range p {
			along += float64(q * slope[k])
		}
		for k, q := range p {
			grad[t*classes+k] += float32(q * (slope[k] - along))
		}
	}
	return loss
}

// crossEntropy is that of a label and the softmax of logits, and writes its
// derivative by the logits to d.
func crossEntropy(d, logits []float64, label int, smoothing float64) (loss float64) {
	softmax(d, logits)
	for k, q := range d {
		want := wanted(k, label, len(d), smoothing)
		loss -= float64(want * portable.Log(max(q, 1e-12)))
		d[k] = q - want
	}
	return loss
}

// wanted is the probability that class k should have.
func wanted(k, label, classes int, smoothing float64) float64 {
	if k == label {
		return 1 - smoothing + smoothing/float64(classes)
	}
	return smoothing / float64(classes)
}

// probabilities writes the softmax of logits to p.
func probabilities(p []float64, logits []float32) {
	for k, v := range logits {
		p[k] = float64(v)
	}
	softmax(p, p)
}

// softmax may work in place.
func softmax(p, logits []float64) {
	greatest := logits[0]
	for _, v := range logits[1:] {
		greatest = max(greatest, v)
	}
	var sum float64
	for k, v := range logits {
		p[k] = portable.Exp(v - greatest)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
}

// likeliest is the place of the greatest value, the first of equals.
func likeliest(p []float64) int {
	best := 0
	for k, v := range p {
		if v > p[best] {
			best = k
		}
	}
	return best
}
