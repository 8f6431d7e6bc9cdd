package bptt

import (
	"errors"
	"fmt"
	"time"
)

// Config describes what is trained and how.
type Config struct {
	Inputs  int    // neurons of the encoder
	Steps   int    // of an example
	Classes int    // of the readout
	Shape   [3]int // channels, rows, columns of the inputs; only convolutions need it

	Step         time.Duration `key:"step" doc:"Sensor time of a step." min:"1us" max:"1s"`
	Convolutions []Convolution `key:"convolutions" doc:"Convolutional layers before the hidden ones."`
	Hidden       []int         `key:"hidden" doc:"Neurons of each hidden layer, which are recurrent." min:"1" max:"16384"`

	Membrane   Span          `key:"membrane" doc:"Within which time constants of the membranes are learned."`
	Adaptation Span          `key:"adaptation" doc:"Likewise of the adaptation."`
	Readout    Span          `key:"readout" doc:"Likewise of the readout."`
	Delay      time.Duration `key:"delay" doc:"Longest time that a recurrent spike may take beyond a step, learned for each neuron." min:"0s" max:"10s"`
	Settle     float64       `key:"settle" doc:"After which share of the epochs delays are whole steps and stay." min:"0" max:"1"`
	Subtract   bool          `key:"subtract" doc:"A spike takes the threshold off the membrane; else it resets it to 0."`

	Surrogate string  `key:"surrogate" doc:"What stands for the derivative of a spike, d above the threshold: 1/(1+slope|d|)², or 1/(1+(π/2 slope d)²)." enum:"fast-sigmoid,arctangent"`
	Slope     float64 `key:"slope" doc:"Slope of the surrogate." min:"0.001" max:"1000"`

	Epochs   int     `key:"epochs" doc:"How often every example is learned from." min:"1" max:"100000"`
	Batch    int     `key:"batch" doc:"Examples of a step of the optimiser." min:"1" max:"65536"`
	Part     int     `key:"part" doc:"Examples that one processor takes at once, over which batch norm is taken." min:"1" max:"65536"`
	Rate     float64 `key:"rate" doc:"Highest learning rate of the cycle." min:"0" max:"1"`
	Clip     float64 `key:"clip" doc:"Greatest norm of a gradient." min:"0"`
	Dropout  float64 `key:"dropout" doc:"Chance that a hidden neuron's output is left out for a whole example." min:"0" max:"0.99"`
	Shrink   float64 `key:"shrink" doc:"Decoupled weight decay: of the weights in a step, in units of the rate." min:"0"`
	Seed     uint64  `key:"seed" doc:"Of the first weights, the order and the dropout."`
	Firing   float64 `key:"firing" doc:"First spread of the input currents, in thresholds." min:"0"`
	Adaptive float64 `key:"adaptive" doc:"Greatest first strength of adaptation, in thresholds." min:"0"`
}

// Span is a range of time constants.
type Span struct {
	Least time.Duration `key:"least" doc:"Shortest, longer than a step." min:"1us"`
	Most  time.Duration `key:"most" doc:"Longest." min:"1us" max:"1h"`
}

// NewDefaultConfig is a network of one hidden layer on frames of 10 ms.
func NewDefaultConfig() Config {
	return Config{
		Steps: 100, Step: 10 * time.Millisecond, Hidden: []int{128},
		Membrane:   Span{20 * time.Millisecond, 125 * time.Millisecond},
		Adaptation: Span{50 * time.Millisecond, time.Second},
		Readout:    Span{20 * time.Millisecond, 200 * time.Millisecond},
		Settle:     .7, Surrogate: fastSigmoid, Slope: 5,
		Epochs: 25, Batch: 64, Part: 16, Rate: 5e-3, Clip: 1, Dropout: .1, Seed: 1, Firing: 2, Adaptive: 1,
	}
}

// The surrogates of the derivative of a spike, by the membrane's distance d
// from the threshold.
const (
	fastSigmoid = "fast-sigmoid" // 1/(1+slope|d|)² (Zenke and Ganguli 2018, eq. 18)
	arctangent  = "arctangent"   // 1/(1+(π/2·slope·d)²) (Fang et al. 2021)
)

// check reports what is wrong with a whole configuration.
func (c Config) check() error {
	switch {
	case c.Inputs < 1 || c.Inputs > maxSize && len(c.Convolutions) == 0 || c.Classes < 1 || c.Classes > maxSize:
		return fmt.Errorf("%d inputs, %d classes: at most %d, or more inputs with convolutions", c.Inputs, c.Classes, maxSize)
	case len(c.Hidden)+len(c.Convolutions) == 0:
		return errors.New("neither convolutions nor hidden layers")
	case c.Steps < 1 || c.Steps > 1<<20:
		return fmt.Errorf("examples of %d steps", c.Steps)
	}
	if err := c.Validate(); err != nil {
		return err
	}
	if len(c.Convolutions) == 0 {
		return nil
	}
	if c.Shape[0]*c.Shape[1]*c.Shape[2] != c.Inputs {
		return fmt.Errorf("%d inputs in a shape of %v: convolutions want channels, rows and columns", c.Inputs, c.Shape)
	}
	_, err := c.shapes()
	return err
}

// Validate reports what is wrong with a configuration but for Inputs, Shape, Steps
// and Classes, which follow from the task, and layers that a recipe adds.
func (c Config) Validate() error {
	switch {
	case len(c.Hidden)+len(c.Convolutions) > 8:
		return fmt.Errorf("%d convolutional and %d hidden layers: at most 8 in all", len(c.Convolutions), len(c.Hidden))
	case c.Step < time.Microsecond || c.Step%time.Microsecond != 0:
		return fmt.Errorf("step: %v is not a whole number of microseconds", c.Step)
	case c.Surrogate != fastSigmoid && c.Surrogate != arctangent:
		return fmt.Errorf("surrogate: %q is neither %q nor %q", c.Surrogate, fastSigmoid, arctangent)
	case c.Delay < 0 || c.longest() > maxDelay:
		return fmt.Errorf("delay: %v is not from 0 to %d steps of %v", c.Delay, maxDelay, c.Step)
	case c.Epochs < 1:
		return fmt.Errorf("epochs: %d is less than 1", c.Epochs)
	case c.Part < 1 || c.Batch < c.Part || c.Batch%c.Part != 0:
		return fmt.Errorf("batch: %d is not a multiple of the %d that are taken at once", c.Batch, c.Part)
	}
	for _, v := range []struct {
		name  string
		value float64
		ok    bool
		want  string
	}{
		{"slope", float64(c.Slope), c.Slope > 0, "above 0"},
		{"settle", float64(c.Settle), c.Settle >= 0 && c.Settle <= 1, "from 0 to 1"},
		{"rate", float64(c.Rate), c.Rate > 0, "above 0"},
		{"clip", float64(c.Clip), c.Clip > 0, "above 0"},
		{"dropout", float64(c.Dropout), c.Dropout >= 0 && c.Dropout < 1, "from 0 to below 1"},
		{"shrink", float64(c.Shrink), c.Shrink >= 0, "0 or above"},
		{"firing", float64(c.Firing), c.Firing > 0, "above 0"},
		{"adaptive", float64(c.Adaptive), c.Adaptive >= 0, "0 or above"},
	} {
		if !v.ok {
			return fmt.Errorf("%s: %v is not %s", v.name, v.value, v.want)
		}
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

// maxSize bounds a layer, maxDelay a delay in steps.
const (
	maxSize  = 1 << 14
	maxDelay = 1 << 10
)

// longest is the longest delay, in whole steps.
func (c Config) longest() int { return int(c.Delay / c.Step) }

// decays are the bounds of what a state keeps of itself in a step, 1 - dt/tau.
func (c Config) decays(s Span) (lo, hi float64) {
	dt := c.Step.Seconds()
	return 1 - dt/s.Least.Seconds(), 1 - dt/s.Most.Seconds()
}
