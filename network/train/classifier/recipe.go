package classifier

import (
	"errors"
	"fmt"
	"time"

	"ganglion/network/train/bptt"
)

// Recipe is how a classifier is trained: all that --set can change.
type Recipe struct {
	Training  bptt.Config   `key:"training"`
	Vary      Ranges        `key:"vary"`
	Window    time.Duration `key:"window" doc:"What the network sees of a recording, from a place at random." min:"1ms" max:"1m"`
	Smoothing float64       `key:"smoothing" doc:"Label smoothing." min:"0" max:"0.5"`
}

// NewDefaultRecipe is a recipe for short recordings of small cameras, such as
// N-MNIST. Without convolutions it takes two that fit the sensor.
func NewDefaultRecipe() Recipe {
	r := Recipe{Training: bptt.NewDefaultConfig(), Window: 300 * time.Millisecond, Smoothing: .05}
	t := &r.Training
	t.Hidden, t.Epochs, t.Batch, t.Part, t.Dropout, t.Rate, t.Step = nil, 100, 32, 8, .2, 1e-2, 20*time.Millisecond
	t.Membrane.Least, t.Adaptation.Least, t.Readout.Least = 30*time.Millisecond, 60*time.Millisecond, 40*time.Millisecond
	r.Vary = Ranges{Shift: 2, Turn: 10, Scale: 1.15, Drop: .3, Jitter: 2 * time.Millisecond}
	return r
}

// config is the training's for an input, in px, and some classes.
func (r Recipe) config(width, height, classes int) (bptt.Config, error) {
	c := r.Training
	c.Classes, c.Shape, c.Inputs, c.Steps = classes, [3]int{2, height, width}, 2*height*width, int(r.Window/c.Step)
	if len(c.Convolutions) == 0 {
		c.Convolutions = convolutionsFor(max(width, height))
	}
	switch {
	case c.Delay > 0 && len(c.Hidden) == 0:
		return c, errors.New("delays are between neurons of hidden layers, and there are none")
	case r.Window < c.Step:
		return c, fmt.Errorf("a window of %v in steps of %v", r.Window, c.Step)
	}
	return c, nil
}

// convolutionsFor are two convolutions that bring an edge below 16 neurons or
// so.
func convolutionsFor(edge int) []bptt.Convolution {
	stride := 2
	for (edge+stride-1)/stride > 32 {
		stride *= 2
	}
	return []bptt.Convolution{
		{Channels: 16, Kernel: 2*stride + 1, Stride: stride, Padding: stride},
		{Channels: 32, Kernel: 3, Stride: 2, Padding: 1},
	}
}
