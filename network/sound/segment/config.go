package segment

import (
	"fmt"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config configures the readout.
type Config struct {
	Layer    string        `key:"layer" doc:"The layer that is read; empty reads the last." example:"channel"`
	Label    string        `key:"label" doc:"What the segments are called." example:"vowel"`
	Tau      time.Duration `key:"tau" doc:"Time constant of the rate's estimate." min:"100us" max:"10s"`
	On       float64       `key:"begin_at" live:"true" was:"on" doc:"A segment begins when the layer's rate reaches this." unit:"spikes/s" min:"0.001"`
	Off      float64       `key:"end_below" live:"true" was:"off" doc:"It ends when the rate has fallen below this, at most begin_at." unit:"spikes/s" min:"0.001"`
	Hangover time.Duration `key:"hangover" live:"true" doc:"How long the rate must stay below end_below." min:"0s" max:"10s"`
	Shortest time.Duration `key:"shortest" live:"true" doc:"Segments shorter than this are left out." min:"0s" max:"10s"`
}

// NewDefaultConfig suits the mel bands of speech in the level code.
func NewDefaultConfig() Config {
	return Config{
		Label: "sound", Tau: 20 * time.Millisecond, On: 1500, Off: 700,
		Hangover: 50 * time.Millisecond, Shortest: 40 * time.Millisecond,
	}
}

// Component declares the readout.
func Component() component.Spec {
	return component.Readout("segment", "stretches of activity in a layer, such as vowels", NewDefaultConfig(),
		func(c Config, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			return New(c, layers)
		})
}

// Validate reports what the field tags cannot say.
func (c Config) Validate() error {
	if !(c.Off <= c.On) {
		return fmt.Errorf("end_below: %g spikes/s is above begin_at, %g", c.Off, c.On)
	}
	return nil
}
