package cochlea

import (
	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// Cochleagram is what the front end hears before the code or the bushy cells:
// values in [0, 1] by frame and neuron of a channel, for pictures.
type Cochleagram struct {
	Period int64       // µs from frame to frame
	Times  []int64     // when each frame ends, µs
	Values [][]float32 // by frame; bands ascend within an audio channel
	Hertz  []float64   // centre of each band

	mel   *Mel
	tone  *gammatone
	count int       // samples of the current frame
	peak  []float64 // of the hair cells in it
}

// NewCochleagram makes one for a stream of sound.
func NewCochleagram(c Config, info pipeline.StreamInfo) (*Cochleagram, error) {
	if _, err := New(c, info); err != nil {
		return nil, err
	}
	g := &Cochleagram{Hertz: c.centres(), Period: c.Mel.Hop.Microseconds()}
	var err error
	if c.Front == "gammatone" {
		g.Period = tonePeriod
		g.tone, err = newGammatone(c.Gammatone, info)
		g.peak = make([]float64, info.Channels*c.Gammatone.Bands)
	} else {
		g.mel, err = NewMel(c.Mel, info.SampleRate, info.Channels)
	}
	return g, err
}

// tonePeriod is the frame in which the gammatone front end's peaks are taken, µs.
const tonePeriod = 5000

// centres are the frequencies of the bands, Hz, ascending.
func (c *Config) centres() []float64 {
	var f []float64
	if c.Front == "gammatone" {
		lo, hi := erbNumber(c.Gammatone.Low), erbNumber(c.Gammatone.High)
		for i := range c.Gammatone.Bands {
			f = append(f, erbHertz(lo+(hi-lo)*float64(i)/float64(max(1, c.Gammatone.Bands-1))))
		}
		return f
	}
	lo, hi := mel(c.Mel.Low), mel(c.Mel.High)
	for i := range c.Mel.Bands {
		f = append(f, hertz(lo+(hi-lo)*float64(i+1)/float64(c.Mel.Bands+1)))
	}
	return f
}

// Hear takes interleaved samples, the first of which belongs to audio frame
// first, and appends the frames that they complete.
func (g *Cochleagram) Hear(first int64, pcm []float32) {
	if g.mel != nil {
		g.mel.Hear(first, pcm, func(t int64, power []float64) {
			values := make([]float32, len(power))
			g.mel.finish(values, power)
			g.Times, g.Values = append(g.Times, t), append(g.Values, values)
		})
		return
	}
	step := max(1, int(tonePeriod*int64(g.tone.rate)/1_000_000))
	for len(pcm) > 0 {
		n := min(len(pcm)/g.tone.ears, step-g.count, blockSize)
		g.listen(pcm[:n*g.tone.ears])
		pcm, first = pcm[n*g.tone.ears:], first+int64(n)
		if g.count += n; g.count == step {
			g.count = 0
			g.Times, g.Values = append(g.Times, micros(first, g.tone.rate)), append(g.Values, g.loudness())
			clear(g.peak)
		}
	}
}

// listen passes a block through the filters and hair cells.
func (g *Cochleagram) listen(pcm []float32) {
	t := g.tone
	for ear := range t.ears {
		for band, f := range t.filters {
			x := t.block[:len(pcm)/t.ears]
			for i := range x {
				x[i] = float64(pcm[i*t.ears+ear])
			}
			at := ear*len(t.filters) + band
			f.run(&t.stages[at], x)
			t.hair[at] = hairCells(x, t.exponent, t.smooth, t.hair[at])
			for _, v := range x {
				g.peak[at] = max(g.peak[at], v)
			}
		}
	}
}

// loudness shows 60 dB of the sound below full scale.
func (g *Cochleagram) loudness() []float32 {
	values := make([]float32, len(g.peak))
	for i, p := range g.peak {
		if db := 20 * portable.Log10(portable.Pow(p, 1/g.tone.exponent)); db > -60 {
			values[i] = float32(min(1, 1+db/60))
		}
	}
	return values
}
