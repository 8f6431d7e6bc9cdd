package cochlea

import (
	"fmt"

	"ganglion/encoders/code"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Mel is the mel front end without a code, in two steps: [Mel.Hear] turns sound
// into powers of bands, [Mel].finish those into values in [0, 1]. Training
// varies the powers in between. [NewMel] makes it.
type Mel struct {
	channels, rate int
	window, hop    int // samples

	heard [][]float32 // by channel: the last samples, as many as a window and more
	end   int64       // number of the last sample of the next frame, a multiple of hop

	spectrum *spectrum
	bands    *bands
	adapt    *Adaptation
	power    []float64
}

// NewMel makes a front end for sound of the given rate and channels.
func NewMel(c MelConfig, rate, channels int) (*Mel, error) {
	hop := int64(rate) * c.Hop.Microseconds()
	m := &Mel{channels: channels, rate: rate, window: int(float64(c.Window.Seconds()*float64(rate)) + 0.5), hop: int(hop / 1_000_000)}
	if hop%1_000_000 != 0 {
		return nil, fmt.Errorf("mel.hop: %v is not a whole number of samples at %d Hz: resample in the source", c.Hop, rate)
	}
	if m.window < 2 {
		return nil, fmt.Errorf("mel.window: %v is less than two samples at %d Hz", c.Window, rate)
	}
	m.spectrum = newSpectrum(m.window)
	var err error
	if m.bands, err = newBands(c.Bands, c.Low, c.High, rate, 2*(len(m.spectrum.power)-1)); err != nil {
		return nil, err
	}
	n := channels * c.Bands
	m.power, m.adapt = make([]float64, n), NewAdaptation(c, n)
	for range channels {
		m.heard = append(m.heard, make([]float32, 0, 4*m.window+m.hop))
	}
	return m, nil
}

// values is the number of values in a frame: channels times bands, band by
// band within a channel.
func (m *Mel) values() int { return len(m.power) }

// Hear takes interleaved samples, the first of which belongs to audio frame
// first, and calls each for every frame that they complete: t is the time of
// the frame's last sample, µs; the powers of its bands, a sine of full scale
// being 1, are valid during the call.
func (m *Mel) Hear(first int64, pcm []float32, each func(t int64, power []float64)) {
	if len(m.heard[0]) == 0 {
		m.end = (first + int64(m.hop) - 1) / int64(m.hop) * int64(m.hop)
	}
	for len(pcm) > 0 {
		n := int(min(int64(len(pcm)/m.channels), m.end-first+1))
		m.listen(pcm[:n*m.channels])
		pcm, first = pcm[n*m.channels:], first+int64(n)
		if first <= m.end {
			return
		}
		if len(m.heard[0]) >= m.window {
			m.frame()
			each(micros(m.end, m.rate), m.power)
		}
		m.end += int64(m.hop)
	}
}

// listen keeps samples, and of the older ones as many as a window needs.
func (m *Mel) listen(pcm []float32) {
	for c, h := range m.heard {
		if len(h)+len(pcm)/m.channels > cap(h) {
			h = h[:copy(h, h[len(h)-min(len(h), m.window):])]
		}
		for i := c; i < len(pcm); i += m.channels {
			h = append(h, pcm[i])
		}
		m.heard[c] = h
	}
}

// frame computes the powers of the last window.
func (m *Mel) frame() {
	n := len(m.bands.weight)
	for c, h := range m.heard {
		m.bands.apply(m.power[c*n:(c+1)*n], m.spectrum.of(h[len(h)-m.window:]))
	}
}

// finish takes the noise floor off the powers of the next frame, which it
// overwrites, and controls their gain.
func (m *Mel) finish(values []float32, power []float64) { m.adapt.Finish(values, power) }

func (m *Mel) restart() {
	for c := range m.heard {
		m.heard[c] = m.heard[c][:0]
	}
}

// fields carries what is heard before audio frame next.
func (m *Mel) fields(c *state.Codec, next int64) {
	state.Integer(c, &m.end)
	for i, h := range m.heard {
		h = h[max(len(h)-m.window, 0):]
		if state.Slice(c, &h); c.Reading() {
			m.heard[i] = h
			c.Demand(len(h) <= m.window && len(h) == len(m.heard[0]), "the samples heard do not fit the window")
		}
	}
	d := m.end - next
	c.Demand(len(m.heard[0]) == 0 || m.end%int64(m.hop) == 0 && d >= 0 && d < int64(m.hop), "the next frame ends where none can")
	m.adapt.fields(c)
}

// melFront is the mel front end and a code.
type melFront struct {
	mel    *Mel
	code   code.Code
	ears   int
	values []float32
	put    func(t int64, power []float64)
	out    *pipeline.Spikes // while hearing
}

func newMelFront(c Config, info pipeline.StreamInfo) (*melFront, error) {
	m, err := NewMel(c.Mel, info.SampleRate, info.Channels)
	if err != nil {
		return nil, err
	}
	f := &melFront{mel: m, ears: info.Channels, values: make([]float32, m.values())}
	f.code, err = code.New(c.Code, m.values(), c.Mel.Hop.Microseconds())
	f.put = func(t int64, power []float64) {
		m.finish(f.values, power)
		f.code.Append(t, f.values, f.out)
	}
	return f, err
}

func (f *melFront) shape() pipeline.Shape {
	return layerShape(f.code.Channels(), f.ears, f.mel.values()/f.ears)
}

func (f *melFront) hear(first int64, pcm []float32, out *pipeline.Spikes) {
	f.out = out
	f.mel.Hear(first, pcm, f.put)
	f.out = nil
}

func (f *melFront) restart() { f.mel.restart() }

func (f *melFront) fields(c *state.Codec, next int64) {
	f.mel.fields(c, next)
	c.Nested("code", f.code)
}
