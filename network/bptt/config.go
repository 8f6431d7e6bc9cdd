package bptt

import (
	"fmt"
	"time"
)

// Config says what is trained and how.
type Config struct {
	Inputs  int           // neurons of the encoder
	Steps   int           // of an example
	Classes int           // of the readout
	Step    time.Duration // sensor time of a step
	Hidden  []int         // neurons of each hidden layer

	Membrane   Span // time constants of the membranes are learned within
	Adaptation Span // of the adaptation
	Readout    Span // of the readout
	Subtract   bool // a spike takes the threshold off the membrane; else it resets it to 0

	Surrogate string  // "fast-sigmoid" or "arctangent"
	Slope     float64 // of the surrogate

	Epochs   int
	Batch    int     // examples of a step of the optimiser
	Part     int     // examples that one processor takes at once, over which batch norm is taken
	Rate     float64 // highest learning rate of the cycle
	Clip     float64 // greatest norm of the gradient
	Dropout  float64 // of a hidden neuron's output, for a whole example
	Shrink   float64 // decoupled weight decay: of the weights, in units of the rate
	Seed     uint64  // of the first weights, the order and the dropout
	Firing   float64 // first spread of the input current, in thresholds
	Adaptive float64 // greatest first strength of adaptation, in thresholds
}

// Span is a range of time constants.
type Span struct{ Least, Most time.Duration }

// Default is a network of one hidden layer on frames of 10 ms.
func Default() Config {
	return Config{
		Steps: 100, Step: 10 * time.Millisecond, Hidden: []int{128},
		Membrane:   Span{20 * time.Millisecond, 125 * time.Millisecond},
		Adaptation: Span{50 * time.Millisecond, time.Second},
		Readout:    Span{20 * time.Millisecond, 200 * time.Millisecond},
		Surrogate:  FastSigmoid, Slope: 5,
		Epochs: 25, Batch: 64, Part: 16, Rate: 5e-3, Clip: 1, Dropout: .1, Seed: 1, Firing: 2, Adaptive: 1,
	}
}

// The surrogates of the derivative of a spike, by the membrane's distance d
// from the threshold.
const (
	FastSigmoid = "fast-sigmoid" // 1/(1+slope|d|)² (Zenke and Ganguli 2018, eq. 18)
	Arctangent  = "arctangent"   // 1/(1+(π/2·slope·d)²) (Fang et al. 2021)
)

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	switch {
	case c.Inputs < 1 || c.Inputs > maxSize || c.Classes < 1 || c.Classes > maxSize || len(c.Hidden) == 0 || len(c.Hidden) > 8:
		return fmt.Errorf("%d inputs, %d hidden layers, %d classes", c.Inputs, len(c.Hidden), c.Classes)
	case c.Steps < 1 || c.Steps > 1<<20 || c.Step < time.Microsecond || c.Step%time.Microsecond != 0:
		return fmt.Errorf("%d steps of %v", c.Steps, c.Step)
	case c.Surrogate != FastSigmoid && c.Surrogate != Arctangent || !(c.Slope > 0):
		return fmt.Errorf("surrogate %q of slope %v", c.Surrogate, c.Slope)
	case c.Epochs < 1 || c.Part < 1 || c.Batch < c.Part || c.Batch%c.Part != 0:
		return fmt.Errorf("%d epochs in batches of %d, %d at once: parts must divide a batch", c.Epochs, c.Batch, c.Part)
	case !(c.Rate > 0) || !(c.Clip > 0) || !(c.Dropout >= 0 && c.Dropout < 1) || !(c.Shrink >= 0) || !(c.Firing > 0) || !(c.Adaptive >= 0):
		return fmt.Errorf("rate %v, clip %v, dropout %v, shrink %v, firing %v, adaptive %v", c.Rate, c.Clip, c.Dropout, c.Shrink, c.Firing, c.Adaptive)
	}
	for _, n := range c.Hidden {
		if n < 1 || n > maxSize {
			return fmt.Errorf("a hidden layer of %d neurons", n)
		}
	}
	for _, s := range []Span{c.Membrane, c.Adaptation, c.Readout} {
		if s.Least <= c.Step || s.Most <= s.Least {
			return fmt.Errorf("time constants of %v to %v at steps of %v", s.Least, s.Most, c.Step)
		}
	}
	return nil
}

// maxSize bounds a layer.
const maxSize = 1 << 14

// decays are the bounds of what a state keeps of itself in a step, 1 - dt/tau.
func (c Config) decays(s Span) (lo, hi float64) {
	dt := c.Step.Seconds()
	return 1 - dt/s.Least.Seconds(), 1 - dt/s.Most.Seconds()
}
