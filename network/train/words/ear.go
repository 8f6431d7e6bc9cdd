package words

import (
	"fmt"
	"math"

	"ganglion/encoders/cochlea"
	"ganglion/encoders/code"
	"ganglion/internal/portable"
)

// Ear is a mel front end and code for training: that of a stream of one
// channel at one rate. It may be used from several goroutines.
type Ear struct {
	config  cochlea.Config
	rate    int
	centres []float64 // Hz
	inputs  int
}

// NewEar makes the ear of an encoder.
func NewEar(c cochlea.Config, rate int) (*Ear, error) {
	if c.Front != "mel" {
		return nil, fmt.Errorf("words: front end %q has no frames", c.Front)
	}
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	if _, err := cochlea.NewMel(c.Mel, rate, 1); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	k, err := code.New(c.Code, c.Mel.Bands, c.Mel.Hop.Microseconds())
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return &Ear{config: c, rate: rate, centres: c.Mel.Centres(), inputs: k.Channels() * c.Mel.Bands}, nil
}

// Inputs is the number of neurons of the code.
func (e *Ear) Inputs() int { return e.inputs }

// Bands is the number of bands.
func (e *Ear) Bands() int { return e.config.Mel.Bands }

// Rate is the sample rate, Hz.
func (e *Ear) Rate() int { return e.rate }

// hop is the time from frame to frame, µs.
func (e *Ear) hop() int64 { return e.config.Mel.Hop.Microseconds() }

// Clip is a sound as the powers of its bands, frame by frame; a sine of full
// scale has the power 1.
type Clip struct {
	Power  []float64 // [frames, bands]
	Frames int
	Mean   []float64 // by band, over the frames
	Level  float64   // mean power over the sound's own duration, all bands together
}

// Part is frames [from, to) of a clip, without its figures.
func (c Clip) Part(from, to int) Clip {
	bands := len(c.Power) / max(c.Frames, 1)
	return Clip{Power: c.Power[from*bands : to*bands], Frames: to - from}
}

// Clip hears a sound between silences, so that no frame is lost at its ends.
func (e *Ear) Clip(pcm []float32) Clip {
	window := int(float64(e.config.Mel.Window.Seconds()*float64(e.rate)) + .5)
	padded := make([]float32, window+len(pcm)+window)
	copy(padded[window:], pcm)
	c, _ := e.Hear(padded)
	var sum float64
	for i, p := range c.Mean {
		sum += p
		c.Mean[i] /= float64(max(c.Frames, 1))
	}
	c.Level = sum * e.config.Mel.Hop.Seconds() * float64(e.rate) / float64(max(len(pcm), 1))
	return c
}

// Hear is a sound as it stands in a stream: a frame for each whole window, and
// the time of the first, µs. Its Mean is a sum, and its Level is 0.
func (e *Ear) Hear(pcm []float32) (c Clip, first int64) {
	m, err := cochlea.NewMel(e.config.Mel, e.rate, 1)
	if err != nil {
		panic(err) // NewEar made one
	}
	c.Mean = make([]float64, e.Bands())
	first = -1
	m.Hear(0, pcm, func(t int64, power []float64) {
		if first < 0 {
			first = t
		}
		c.Frames++
		c.Power = append(c.Power, power...)
		for i, p := range power {
			c.Mean[i] += p
		}
	})
	return c, first
}

// place is where between the bands a frequency lies: a whole number at the
// centre of a band.
func (e *Ear) place(f float64) float64 {
	first, last := melOf(e.centres[0]), melOf(e.centres[len(e.centres)-1])
	place := float64((melOf(f) - first) / (last - first) * float64(len(e.centres)-1))
	if whole := math.Round(place); math.Abs(place-whole) < 1e-9 {
		return whole
	}
	return place
}

func melOf(f float64) float64 { return float64(2595 * portable.Log10(1+f/700)) }
