package stdp

import (
	"fmt"
	"time"

	"ganglion/network"
	"ganglion/pipeline"
)

// Recording is one labelled camera recording. Its events are in order of time.
type Recording struct {
	Name   string // for errors
	Label  int    // 0..MaxLabel
	Events []pipeline.Event
}

// MaxLabel bounds labels.
const MaxLabel = 999

// Config describes what is trained and how.
type Config struct {
	Width, Height int           // of the recordings, px
	Step          time.Duration // of the network
	Channels      int           // features to learn
	Kernel        int           // side of a feature, px; odd
	Stride        int           // of the convolution, px
	Pool          int           // side of the regions in which spikes are counted, neurons
	Tau           time.Duration // of the membranes; longer than a step
	Threshold     float64       // of the membranes, before homeostasis
	Rule          network.STDP
	Homeostasis   network.Homeostasis
	Learn         int     // recordings that features are learned from, at most
	Ridge         float64 // weight of the readout's penalty, where a sample's counts have length 1
	Seed          uint64  // of the first weights and the split
}

// NewDefaultConfig is what the command trains: features of N-MNIST digits.
func NewDefaultConfig() Config {
	return Config{
		Width: 34, Height: 34, Step: time.Millisecond,
		Channels: 32, Kernel: 5, Stride: 2, Pool: 3,
		Tau: 10 * time.Millisecond, Threshold: 6,
		Rule: network.STDP{
			APlus: .002, AMinus: -.0015, TauPlus: 10 * time.Millisecond, TauMinus: 10 * time.Millisecond, Max: 1,
		},
		Homeostasis: network.Homeostasis{Rise: .02, Tau: 10 * time.Second, ByChannel: true},
		Learn:       100, Ridge: .01, Seed: 1,
	}
}

// Validate reports what is wrong with a configuration, before anything is read.
func (c Config) Validate() error {
	switch {
	case c.Width < 1 || c.Height < 1 || c.Width > 1<<10 || c.Height > 1<<10:
		return fmt.Errorf("recordings of %dx%d px", c.Width, c.Height)
	case c.Channels < 1 || c.Channels > 1<<10 || c.Kernel < 1 || c.Kernel > 1<<6 || c.Kernel%2 == 0 || c.Stride < 1:
		return fmt.Errorf("%d features of %dx%d px, %d px apart", c.Channels, c.Kernel, c.Kernel, c.Stride)
	case c.Step < time.Microsecond || c.Tau <= c.Step || !(c.Threshold > 0):
		return fmt.Errorf("a step of %v, a time constant of %v and a threshold of %v", c.Step, c.Tau, c.Threshold)
	case c.Learn < 1 || !(c.Ridge > 0):
		return fmt.Errorf("%d recordings to learn from and a penalty of %v", c.Learn, c.Ridge)
	}
	if _, _, h, w := c.maps(); c.Pool < 1 || h < 1 || w < 1 {
		return fmt.Errorf("regions of %dx%d neurons do not fit the maps", c.Pool, c.Pool)
	}
	return nil
}

func (c Config) input() pipeline.Shape { return pipeline.Shape{2, c.Height, c.Width} }

func (c Config) conv(weights []float32) network.Conv2d {
	return network.Conv2d{
		Weight: weights, OutChannels: c.Channels, KH: c.Kernel, KW: c.Kernel,
		Stride: network.Pair{Y: c.Stride, X: c.Stride}, Pad: network.PadAll(c.Kernel / 2),
	}
}

// decay is what a membrane keeps of itself in a step, by Euler's rule.
func (c Config) decay() float64 { return 1 - c.Step.Seconds()/c.Tau.Seconds() }

// maps is the size of a feature's map and of the pooled one, neurons.
func (c Config) maps() (h, w, ph, pw int) {
	h, w = (c.Height-1)/c.Stride+1, (c.Width-1)/c.Stride+1
	return h, w, h / c.Pool, w / c.Pool
}
