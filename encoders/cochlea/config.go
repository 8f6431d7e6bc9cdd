package cochlea

import (
	"fmt"
	"time"

	"ganglion/encoders/code"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config is the configuration of the encoder.
type Config struct {
	Front     string          `key:"front" doc:"Mel: frames of band levels, for recognising; gammatone: spikes timed within the sample, for hearing when and where." enum:"mel,gammatone"`
	Mel       MelConfig       `key:"mel" doc:"The mel front end."`
	Code      code.Config     `key:"code" doc:"How mel bands become spikes."`
	Gammatone GammatoneConfig `key:"gammatone" doc:"The gammatone front end."`
}

// MelConfig configures the mel front end.
type MelConfig struct {
	Window     time.Duration `key:"window" doc:"Sound that a frame hears." min:"1ms" max:"1s"`
	Hop        time.Duration `key:"hop" doc:"From frame to frame; a whole number of samples." min:"1ms" max:"1s"`
	Bands      int           `key:"bands" doc:"Triangular bands, equally wide in mel." min:"1" max:"256"`
	Low        float64       `key:"low" doc:"Lower edge of the first band." unit:"Hz" min:"0" max:"384000"`
	High       float64       `key:"high" doc:"Upper edge of the last band." unit:"Hz" min:"1" max:"384000"`
	NoiseRise  float64       `key:"noise_rise" doc:"How fast the noise floor of a band rises; 0 subtracts no noise." unit:"dB/s" min:"0" max:"100"`
	NoiseTimes float64       `key:"noise_times" doc:"How many times the noise floor is taken off a band's power." min:"0" max:"10"`
	Gain       string        `key:"gain" doc:"Agc: decibels below a running peak; pcen: per-channel energy normalisation." enum:"agc,pcen"`
	Release    float64       `key:"release" doc:"Agc: how fast the running peak falls." unit:"dB/s" min:"0" max:"1000"`
	Range      float64       `key:"range" doc:"Agc: this far below the peak the value is 0." unit:"dB" min:"1" max:"200"`
	Quietest   float64       `key:"quietest" doc:"Agc: the peak never falls below this level; a sine of full scale is at 0 dB." unit:"dB" min:"-200" max:"0"`
	PCEN       PCENConfig    `key:"pcen" doc:"Per-channel energy normalisation."`
}

// PCENConfig has the parameters of Wang et al. 2017, eq. 1 and 2.
type PCENConfig struct {
	Smooth   time.Duration `key:"smooth" doc:"Time constant of the smoothed energy M." min:"1ms" max:"1m"`
	Alpha    float64       `key:"alpha" doc:"Exponent of M: 1 takes the level out altogether." min:"0" max:"1"`
	Delta    float64       `key:"delta" doc:"Offset before the root." min:"0" max:"100"`
	Root     float64       `key:"root" doc:"Exponent of the compression." min:"0.01" max:"1"`
	Floor    float64       `key:"floor" doc:"Least smoothed energy; a sine of full scale has 0 dB." unit:"dB" min:"-200" max:"0"`
	Greatest float64       `key:"greatest" doc:"What becomes the value 1." min:"0.001" max:"1000"`
}

// GammatoneConfig configures the gammatone front end.
type GammatoneConfig struct {
	Bands       int           `key:"bands" doc:"Filters, equally spaced in equivalent rectangular bandwidths." min:"1" max:"512"`
	Low         float64       `key:"low" doc:"Centre of the first filter." unit:"Hz" min:"20" max:"100000"`
	High        float64       `key:"high" doc:"Centre of the last filter." unit:"Hz" min:"20" max:"100000"`
	Cells       int           `key:"cells" doc:"Bushy cells for each filter; each is half as sensitive as the one before." min:"1" max:"8"`
	Compression float64       `key:"compression" doc:"Exponent of the hair cell; 0.5 is the fastest." min:"0.05" max:"1"`
	HairCell    float64       `key:"hair_cell" doc:"Corner of the hair cell's low-pass filter: up to here spikes follow the fine structure." unit:"Hz" min:"10" max:"10000"`
	Tau         time.Duration `key:"tau" doc:"Membrane time constant of the bushy cells." min:"100us" max:"100ms"`
	Threshold   float64       `key:"threshold" doc:"Threshold of the most sensitive cell, for a hair cell at full scale driving to 1." min:"0.001" max:"10"`
	Refractory  time.Duration `key:"refractory" doc:"Dead time after a spike." min:"100us" max:"1s"`
}

// NewDefaultConfig is the configuration of the figures in docs: 40 mel bands of the
// telephone band and four thresholds for each.
func NewDefaultConfig() Config {
	return Config{
		Front: "mel",
		Mel: MelConfig{
			Window: 25 * time.Millisecond, Hop: 10 * time.Millisecond, Bands: 40, Low: 60, High: 3880,
			NoiseRise: 3, NoiseTimes: 1, Gain: "agc", Release: 10, Range: 45, Quietest: -60,
			PCEN: PCENConfig{Smooth: 400 * time.Millisecond, Alpha: 0.98, Delta: 2, Root: 0.5, Floor: -60, Greatest: 5},
		},
		Code: code.NewDefaultConfig(),
		Gammatone: GammatoneConfig{
			Bands: 64, Low: 100, High: 3600, Cells: 3, Compression: 0.5, HairCell: 1000,
			Tau: time.Millisecond, Threshold: 0.025, Refractory: time.Millisecond,
		},
	}
}

// Component declares the encoder.
func Component() component.Spec {
	return component.Encoder("cochlea", "sound as spikes: mel bands or gammatone filters, and a neural code", NewDefaultConfig(),
		func(c Config, info pipeline.StreamInfo) (pipeline.Encoder, error) { return New(c, info) }).About(code.About())
}

// Validate reports what the field tags cannot say.
func (c *Config) Validate() error {
	switch {
	case c.Front == "mel" && c.Mel.High <= c.Mel.Low:
		return fmt.Errorf("mel.high: %g Hz is not above low, %g Hz", c.Mel.High, c.Mel.Low)
	case c.Front == "gammatone" && c.Gammatone.High <= c.Gammatone.Low && c.Gammatone.Bands > 1:
		return fmt.Errorf("gammatone.high: %g Hz is not above low, %g Hz", c.Gammatone.High, c.Gammatone.Low)
	case c.Front == "mel" && c.Mel.Hop%time.Microsecond != 0:
		return fmt.Errorf("mel.hop: %v is not a whole number of microseconds", c.Mel.Hop)
	}
	if c.Front == "mel" {
		if _, err := code.New(c.Code, 1, c.Mel.Hop.Microseconds()); err != nil {
			return err
		}
	}
	return nil
}
