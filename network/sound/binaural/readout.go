package binaural

import (
	"errors"
	"fmt"
	"math"

	"ganglion/internal/portable"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// readout finds the direction of each period's sound.
type readout struct {
	cfg    readoutConfig
	layer  int
	per    int   // cells of a tap
	period int64 // µs
	end    int64 // of the current period
	total  uint64
	count  []uint64 // coincidences of the current period, by tap
}

// newReadout builds a readout for the layers of the network.
func newReadout(c readoutConfig, layers []pipeline.Layer) (*readout, error) {
	r := &readout{cfg: c, layer: len(layers) - 1, period: c.Period.Microseconds()}
	for i, l := range layers {
		if l.Name == c.Layer {
			r.layer = i
		}
	}
	if r.layer < 0 || c.Layer != "" && layers[r.layer].Name != c.Layer {
		return nil, fmt.Errorf("layer: the network has no layer %q", c.Layer)
	}
	shape := layers[r.layer].Shape
	if len(shape) != 3 || shape[0] < 3 {
		return nil, fmt.Errorf("layer: %v is not a layer of coincidence cells, [taps, cells, bands]", shape)
	}
	r.per = shape[1] * shape[2]
	r.count = make([]uint64, shape[0])
	return r, nil
}

// Read implements [pipeline.Readout].
func (r *readout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	s := &a.Layers[r.layer].Spikes
	for i, t := range s.T {
		if r.total > 0 && t >= r.end {
			dst = r.close(dst)
		}
		if r.total == 0 {
			r.end = t - (t%r.period+r.period)%r.period + r.period
		}
		for _, id := range s.Run(i) {
			r.count[int(id)/r.per]++
			r.total++
		}
	}
	if r.total > 0 && a.End >= r.end {
		dst = r.close(dst)
	}
	return dst
}

// Flush implements [pipeline.Readout]. The last period counts as a whole one.
func (r *readout) Flush(dst []pipeline.Detection) []pipeline.Detection { return r.close(dst) }

// close ends a period.
func (r *readout) close(dst []pipeline.Detection) []pipeline.Detection {
	if r.total >= uint64(r.cfg.MinSpikes) {
		dst = append(dst, r.estimate())
	}
	clear(r.count)
	r.total = 0
	return dst
}

// estimate is the direction of the period's coincidences.
func (r *readout) estimate() pipeline.Detection {
	best := 0
	for tap := range r.count {
		if r.smooth(tap) > r.smooth(best) {
			best = tap
		}
	}
	place := float64(best)
	if best > 0 && best < len(r.count)-1 {
		a, b, c := r.smooth(best-1), r.smooth(best), r.smooth(best+1)
		if bend := a - float64(2*b) + c; bend < 0 {
			place += (a - c) / float64(2*bend)
		}
	}
	itd := r.cfg.Reach.Seconds() * (2*place/float64(len(r.count)-1) - 1)
	return pipeline.Detection{
		Kind: pipeline.SoundDirection, T: r.end, TStart: r.end - r.period, TEnd: r.end,
		AzimuthDeg: float32(r.cfg.azimuth(itd)), Score: float32(r.smooth(best) / float64(2*r.total)),
		Confidence: float32(math.NaN()), EmitDelayUS: pipeline.NoDelay,
	}
}

// smooth is twice a tap's coincidences and its neighbours'.
func (r *readout) smooth(tap int) float64 {
	sum := 2 * r.count[tap]
	if tap > 0 {
		sum += r.count[tap-1]
	}
	if tap < len(r.count)-1 {
		sum += r.count[tap+1]
	}
	return float64(sum)
}

// azimuth inverts the model of the head, degrees.
func (c readoutConfig) azimuth(itd float64) float64 {
	lo, hi := -math.Pi/2, math.Pi/2
	for range 40 {
		mid := float64((lo + hi) / 2)
		if c.Head/c.Sound*(mid+portable.Sin(mid)) < itd {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2 * 180 / math.Pi
}

// Adjust implements [pipeline.Adjustable]: the fewest coincidences of an estimate
// change while the readout listens.
func (r *readout) Adjust(cfg any) error {
	c, ok := cfg.(*readoutConfig)
	if !ok {
		return fmt.Errorf("the azimuth readout takes no %T", cfg)
	}
	next := r.cfg
	next.MinSpikes = c.MinSpikes
	if next != *c {
		return errors.New("readout: all but min_spikes takes effect with a new run")
	}
	r.cfg = next
	return nil
}

// AppendState implements [pipeline.Stateful].
func (r *readout) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

// RestoreState implements [pipeline.Stateful].
func (r *readout) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *readout) fields(c *state.Codec) {
	state.Integer(c, &r.end)
	state.Array(c, r.count)
	if !c.Reading() {
		return
	}
	r.total = 0
	for _, n := range r.count {
		c.Demand(n <= 1<<40, "more coincidences than there can be")
		r.total += n
	}
}

var (
	_ pipeline.Readout    = (*readout)(nil)
	_ pipeline.Stateful   = (*readout)(nil)
	_ pipeline.Adjustable = (*readout)(nil)
)
