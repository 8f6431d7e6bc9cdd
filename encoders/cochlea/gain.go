package cochlea

import (
	"ganglion/internal/portable"
	"ganglion/pipeline/state"
)

// Adaptation is the second step of the mel front end alone: how hearing adapts
// to the powers of bands, whether heard ([Mel.Hear]) or made for training. A
// new one has heard nothing.
type Adaptation struct {
	noise *noiseFloor // nil without
	gain  gain
}

// NewAdaptation makes the noise floor and the gain control of a front end for
// frames of the given number of values.
func NewAdaptation(c MelConfig, values int) *Adaptation {
	a := &Adaptation{}
	if c.NoiseRise > 0 {
		a.noise = newNoiseFloor(c, values)
	}
	if c.Gain == "pcen" {
		a.gain = newPCEN(c, values)
	} else {
		a.gain = newAGC(c)
	}
	return a
}

// Finish turns the powers of the next frame, which it overwrites, into values
// in [0, 1].
func (a *Adaptation) Finish(values []float32, power []float64) {
	if a.noise != nil {
		a.noise.subtract(power)
	}
	a.gain.apply(values, power)
}

func (a *Adaptation) fields(c *state.Codec) {
	if a.noise != nil {
		a.noise.fields(c)
	}
	a.gain.fields(c)
}

// noiseFloor follows the floor of each band causally: down at once with the
// smoothed power, up at a steady rate (in the spirit of Martin's minimum
// statistics, 2001), and takes it off (Boll 1979).
type noiseFloor struct {
	smooth float64 // weight of the new frame
	rise   float64 // factor in a frame
	times  float64
	power  []float64 // smoothed
	floor  []float64 // negative before the first frame
}

// noiseSmooth is the time constant of the power whose least counts, s: long
// enough that the chance dips of noise do not pass for its floor.
const noiseSmooth = 0.1

func newNoiseFloor(c MelConfig, values int) *noiseFloor {
	hop := c.Hop.Seconds()
	n := &noiseFloor{
		smooth: -portable.Expm1(-hop / noiseSmooth), rise: portable.Pow(10, c.NoiseRise*hop/10), times: c.NoiseTimes,
		power: make([]float64, values), floor: make([]float64, values),
	}
	for i := range n.floor {
		n.floor[i] = -1
	}
	return n
}

// subtract takes the floor off the powers.
func (n *noiseFloor) subtract(p []float64) {
	for i, x := range p {
		if n.floor[i] < 0 { // the first frame may be speech: begin 10 dB below it
			n.power[i], n.floor[i] = x, x/10
		}
		n.power[i] += float64(n.smooth * (x - n.power[i]))
		n.floor[i] = min(n.power[i], max(float64(n.floor[i]*n.rise), 1e-15))
		p[i] = max(0, x-float64(n.times*n.floor[i]))
	}
}

// gain brings the powers of a frame, which it may overwrite, into [0, 1].
type gain interface {
	apply(dst []float32, p []float64)
	fields(c *state.Codec)
}

// agc is a gain control by a running peak over all bands.
type agc struct {
	release  float64 // dB in a frame
	span     float64 // dB
	quietest float64 // dB
	peak     float64 // dB
}

func newAGC(c MelConfig) *agc {
	return &agc{release: c.Release * c.Hop.Seconds(), span: c.Range, quietest: c.Quietest, peak: c.Quietest}
}

// apply turns powers into values: 1 at the peak, 0 at span below it.
func (a *agc) apply(dst []float32, p []float64) {
	a.peak = max(a.peak-a.release, a.quietest)
	for i, x := range p {
		p[i] = 10 * portable.Log10(max(x, 1e-20))
		a.peak = max(a.peak, p[i])
	}
	for i, level := range p {
		dst[i] = float32(max(0, 1+(level-a.peak)/a.span))
	}
}

// pcen is per-channel energy normalisation (Wang, Getreuer, Hughes, Lyon and
// Saurous 2017): M smooths the energy E, and (E/(ε+M)^α + δ)^r - δ^r is scaled.
type pcen struct {
	PCENConfig
	smooth float64 // weight of the new frame
	floor  float64
	offset float64
	m      []float64 // negative before the first frame
}

func newPCEN(c MelConfig, values int) *pcen {
	p := &pcen{
		PCENConfig: c.PCEN, smooth: -portable.Expm1(-c.Hop.Seconds() / c.PCEN.Smooth.Seconds()),
		floor: portable.Pow(10, c.PCEN.Floor/10), offset: portable.Pow(c.PCEN.Delta, c.PCEN.Root),
		m: make([]float64, values),
	}
	for i := range p.m {
		p.m[i] = -1
	}
	return p
}

func (p *pcen) apply(dst []float32, e []float64) {
	for i, x := range e {
		if p.m[i] < 0 {
			p.m[i] = x
		}
		p.m[i] += float64(p.smooth * (x - p.m[i]))
		y := portable.Pow(x/portable.Pow(p.floor+p.m[i], p.Alpha)+p.Delta, p.Root) - p.offset
		dst[i] = float32(max(0, min(y/p.Greatest, 1)))
	}
}

func (n *noiseFloor) fields(c *state.Codec) {
	state.Array(c, n.power)
	state.Array(c, n.floor)
}

func (a *agc) fields(c *state.Codec) { c.Float64(&a.peak) }

func (p *pcen) fields(c *state.Codec) { state.Array(c, p.m) }
