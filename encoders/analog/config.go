package analog

import (
	"fmt"
	"time"

	"ganglion/encoders/code"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config is the configuration of the encoder.
type Config struct {
	Period time.Duration `key:"period" doc:"From value to value, a whole number of samples; 0 takes every sample." min:"0s" max:"1h" example:"10ms"`
	Take   string        `key:"take" doc:"What stands for a period: the mean of its samples, or the last." enum:"mean,last"`
	Low    float64       `key:"low" doc:"The sample that becomes the value 0; full scale of the source is -1 to 1."`
	High   float64       `key:"high" doc:"The sample that becomes the value 1."`
	Code   code.Config   `key:"code" doc:"How values become spikes."`
}

// newDefaultConfig takes every sample, over the full scale of the source.
func newDefaultConfig() Config {
	return Config{Take: "mean", Low: -1, High: 1, Code: code.NewDefaultConfig()}
}

// Component declares the encoder.
func Component() component.Spec {
	return component.Encoder("analog", "any sampled values as spikes: each channel of the stream in a neural code", newDefaultConfig(),
		func(c Config, info pipeline.StreamInfo) (pipeline.Encoder, error) { return newEncoder(c, info) }).About(code.About())
}

// Validate reports what the field tags cannot say.
func (c *Config) Validate() error {
	if !(c.High > c.Low) {
		return fmt.Errorf("high: %g is not above low, %g", c.High, c.Low)
	}
	if c.Period%time.Microsecond != 0 {
		return fmt.Errorf("period: %v is not a whole number of microseconds", c.Period)
	}
	return nil
}

// samples is the length of a period at a rate, samples.
func (c *Config) samples(rate int) (int64, error) {
	if c.Period == 0 {
		return 1, nil
	}
	n := int64(rate) * c.Period.Microseconds()
	if n%1_000_000 != 0 || n == 0 {
		return 0, fmt.Errorf("period: %v is not a whole number of samples at %d Hz", c.Period, rate)
	}
	return n / 1_000_000, nil
}
