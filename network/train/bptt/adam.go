package bptt

import (
	"math"

	"ganglion/internal/portable"
)

// adam is the optimiser (Kingma and Ba 2015) with decoupled weight decay
// (Loshchilov and Hutter 2019) and a one-cycle rate (Smith and Topin 2019).
type adam struct {
	first, second []float32 // moments of the gradient
	steps         int
}

const (
	beta1    = .9
	beta2    = .999
	adamTiny = 1e-8
)

func newAdam(n int) adam { return adam{first: make([]float32, n), second: make([]float32, n)} }

// clip scales a gradient down to a norm of at most limit.
func clip(g []float32, limit float64) {
	var square float64
	for _, v := range g {
		square += float64(float64(v) * float64(v))
	}
	if norm := math.Sqrt(square); norm > limit {
		for i := range g {
			g[i] *= float32(limit / norm)
		}
	}
}

// step moves the parameters against the gradient. shrink is the weight decay
// of those that decay names.
func (a *adam) step(p, g []float32, decay []bool, rate, shrink float64) {
	a.steps++
	fix1 := 1 - portable.Exp(float64(a.steps)*portable.Log(beta1))
	fix2 := 1 - portable.Exp(float64(a.steps)*portable.Log(beta2))
	size, root := float32(rate/fix1), float32(1/math.Sqrt(fix2))
	for i, v := range g {
		m := float32(beta1*a.first[i]) + float32((1-beta1)*v)
		s := float32(beta2*a.second[i]) + float32((1-beta2)*float32(v*v))
		a.first[i], a.second[i] = m, s
		if decay[i] {
			p[i] -= float32(float32(rate*shrink) * p[i])
		}
		p[i] -= float32(size*m) / (float32(float32(math.Sqrt(float64(s)))*root) + adamTiny)
	}
}

// cycle is the learning rate, of a highest one, when a fraction of training is
// done: up for three tenths from a 25th, then down to nearly nothing, both along
// a cosine.
func cycle(highest, done float64) float64 {
	const rise, first, last = .3, 1. / 25, 1e-5
	from, to, at := first, 1., done/rise
	if done > rise {
		from, to, at = 1, last, (done-rise)/(1-rise)
	}
	return highest * (to + float64((from-to)*(1+portable.Cos(math.Pi*min(at, 1)))/2))
}
