package bptt

import (
	"math"
	"testing"
)

// The values follow from 1/(1+slope|d|)² and 1/(1+(π/2 slope d)²).
func TestTheSurrogateIsTheOneThatIsConfigured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		surrogate      string
		slope, d, want float64
	}{
		{fastSigmoid, 4, 0, 1}, {fastSigmoid, 4, .25, .25}, {fastSigmoid, 4, -.75, 1. / 16},
		{arctangent, 2, 0, 1}, {arctangent, 2, 1 / math.Pi, .5}, {arctangent, 2, -3 / math.Pi, .1},
	} {
		config := NewDefaultConfig()
		config.Surrogate, config.Slope = c.surrogate, c.slope
		s := newSpiking[float64](config)
		if got := s.derivative(c.d); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%s of slope %v at %v: %v, want %v", c.surrogate, c.slope, c.d, got, c.want)
		}
	}
}
