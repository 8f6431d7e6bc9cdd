package class

import (
	"fmt"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// config configures the readout.
type config struct {
	Layer     string        `key:"layer" doc:"The layer whose neurons are the classes; empty reads the last." example:"vote"`
	Labels    []string      `key:"labels" doc:"What the classes are called, in the order of the neurons; without any, their numbers." example:"[disk, bar, cross]"`
	Window    time.Duration `key:"window" doc:"Over which outputs are counted; a multiple of every." min:"1ms" max:"1h"`
	Every     time.Duration `key:"every" doc:"How often the window is looked at." min:"1ms" max:"1m"`
	Smooth    time.Duration `key:"smooth" doc:"Time constant over which the classes' shares are averaged; 0s for none." min:"0s" max:"1h"`
	Shares    string        `key:"shares" doc:"What a class's share is: of what the window holds of all classes above 0 (counts), or the softmax of the outputs' means over its steps (softmax: for membranes that are read, as train classifier makes them)." enum:"counts,softmax"`
	Threshold float64       `key:"threshold" live:"true" doc:"Share that a class needs." min:"0" max:"1"`
	Least     float64       `key:"least" live:"true" doc:"What the window must hold in all, counts or with softmax steps; with less nothing is decided." min:"0.000001"`
	Hold      time.Duration `key:"hold" live:"true" doc:"How long a class must have been away before it is reported again." min:"0s" max:"1h"`
}

// What a class's share is.
const (
	shareCounts  = "counts"
	shareSoftmax = "softmax"
)

// newDefaultConfig suits a classifier of camera recordings.
func newDefaultConfig() config {
	return config{
		Window: 500 * time.Millisecond, Every: 50 * time.Millisecond, Shares: shareCounts, Threshold: .5, Least: 1,
		Hold: 500 * time.Millisecond,
	}
}

// Component declares the readout.
func Component() component.Spec {
	return component.Readout("class", "the class that a classifier's outputs stand for", newDefaultConfig(),
		func(c config, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			return newReadout(c, layers)
		})
}

// maxBins bounds the bins of a window.
const maxBins = 1 << 14

// Validate reports what the field tags cannot say.
func (c config) Validate() error {
	if n := c.Window / c.Every; c.Window%c.Every != 0 || n > maxBins {
		return fmt.Errorf("window: %v is not 1 to %d times every, %v", c.Window, maxBins, c.Every)
	}
	if c.Every%time.Microsecond != 0 {
		return fmt.Errorf("every: %v is not a whole number of µs", c.Every)
	}
	return nil
}
