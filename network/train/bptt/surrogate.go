package bptt

import (
	"math"

	"ganglion/internal/portable"
)

// spiking is how a neuron fires and how its gradient continues.
type spiking[F real] struct {
	slope  F
	arc    bool
	smooth bool // graded spikes, whose derivative is the surrogate, to check gradients
}

func newSpiking[F real](c Config) spiking[F] {
	s := spiking[F]{slope: F(c.Slope), arc: c.Surrogate == arctangent}
	if s.arc {
		s.slope *= math.Pi / 2
	}
	return s
}

// spike is the output at a membrane d above the threshold.
func (s *spiking[F]) spike(d F) F {
	switch {
	case s.smooth && s.arc:
		return .5 + F(portable.Atan2(float64(s.slope*d), 1))/s.slope
	case s.smooth:
		return .5 + d/(1+F(s.slope*max(d, -d)))
	case d > 0:
		return 1
	}
	return 0
}

// derivative is what stands for that of a spike.
func (s *spiking[F]) derivative(d F) F {
	x := s.slope * d
	if s.arc {
		return 1 / (1 + F(x*x))
	}
	x = 1 + max(x, -x)
	return 1 / (x * x)
}
