package binaural

import (
	"fmt"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// config configures the network.
type config struct {
	Reach  time.Duration   `key:"reach" doc:"Largest time difference between the ears that is heard, a multiple of step." min:"10us" max:"100ms"`
	Step   time.Duration   `key:"step" doc:"From tap to tap of the delay lines, an even number of microseconds." min:"2us" max:"10ms"`
	Tau    time.Duration   `key:"tau" doc:"Membrane time constant of the coincidence cells." min:"1us" max:"100ms"`
	Weight float64         `key:"weight" doc:"What a spike lifts the membrane by; the threshold is 1." min:"0.501" max:"0.999"`
	Shards component.Count `key:"shards" doc:"Goroutines that share the cells; auto measures at start."`
}

// newDefaultConfig suits a human head.
func newDefaultConfig() config {
	return config{
		Reach: 800 * time.Microsecond, Step: 50 * time.Microsecond, Tau: 120 * time.Microsecond, Weight: 0.6, Shards: 1,
	}
}

// Component declares the network.
func Component() component.Spec {
	return component.Network("binaural", "delay lines and coincidence cells that hear the time between two ears", newDefaultConfig(),
		func(c config, in pipeline.Shape) (pipeline.Network, error) { return newNetwork(c, in) })
}

// Validate reports what the field tags cannot say.
func (c config) Validate() error {
	switch {
	case c.Step%(2*time.Microsecond) != 0:
		return fmt.Errorf("step: %v is not an even number of microseconds", c.Step)
	case c.Reach%c.Step != 0:
		return fmt.Errorf("reach: %v is not a multiple of step, %v", c.Reach, c.Step)
	case c.Reach/c.Step > maxTaps:
		return fmt.Errorf("reach: %d taps, %d at most", c.taps(), 2*maxTaps+1)
	}
	return nil
}

// maxTaps bounds the taps on both sides of 0.
const maxTaps = 256

func (c config) taps() int { return 2*int(c.Reach/c.Step) + 1 }

// readoutConfig configures the readout.
type readoutConfig struct {
	Layer     string        `key:"layer" doc:"The layer of coincidence cells; empty reads the last."`
	Reach     time.Duration `key:"reach" doc:"That of the network." min:"10us" max:"100ms"`
	Period    time.Duration `key:"period" doc:"Time between two estimates." min:"1ms" max:"1m"`
	MinSpikes int           `key:"min_spikes" live:"true" doc:"Fewest coincidences of an estimate." min:"1"`
	Head      float64       `key:"head" doc:"Radius of the head." unit:"m" min:"0.001" max:"10"`
	Sound     float64       `key:"sound" doc:"Speed of sound." unit:"m/s" min:"1" max:"10000"`
}

// newDefaultReadoutConfig suits a human head in air.
func newDefaultReadoutConfig() readoutConfig {
	return readoutConfig{
		Reach: newDefaultConfig().Reach, Period: 100 * time.Millisecond, MinSpikes: 50, Head: 0.0875, Sound: 343,
	}
}

// ReadoutComponent declares the readout.
func ReadoutComponent() component.Spec {
	return component.Readout("azimuth", "direction of a sound from the coincidences of two ears", newDefaultReadoutConfig(),
		func(c readoutConfig, _ pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			return newReadout(c, layers)
		})
}
