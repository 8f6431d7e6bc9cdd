package segment

import (
	"errors"
	"fmt"
	"math"

	"ganglion/internal/portable"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Readout implements [pipeline.Readout] and [pipeline.Stateful].
type Readout struct {
	cfg      Config
	layer    int
	tau      float64 // µs
	hangover int64   // µs
	shortest int64   // µs

	rate  float64 // spikes/s at the time at
	at    int64   // of the last spike, µs
	open  bool    // within a segment
	start int64   // of the segment, µs
	peak  float64 // highest rate of the segment
	low   bool    // the rate is below off since end
	end   int64
}

// New builds a readout for the layers of a network.
func New(c Config, layers []pipeline.Layer) (*Readout, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r := &Readout{
		cfg: c, layer: len(layers) - 1, tau: float64(c.Tau.Microseconds()),
		hangover: c.Hangover.Microseconds(), shortest: c.Shortest.Microseconds(),
	}
	if c.Layer == "" && r.layer >= 0 {
		return r, nil
	}
	for i, l := range layers {
		if l.Name == c.Layer {
			r.layer = i
			return r, nil
		}
	}
	return nil, fmt.Errorf("layer: the network has no layer %q", c.Layer)
}

// Read implements [pipeline.Readout].
func (r *Readout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	s := &a.Layers[r.layer].Spikes
	for i, t := range s.T {
		dst = r.until(t, dst)
		r.add(t, len(s.Run(i)))
	}
	return r.until(a.End, dst)
}

// until lets the rate fall up to time t and closes a segment that has ended.
func (r *Readout) until(t int64, dst []pipeline.Detection) []pipeline.Detection {
	if !r.open {
		return dst
	}
	if !r.low {
		if end := r.crossing(); end < t {
			r.low, r.end = true, end
		}
	}
	if r.low && r.end+r.hangover <= t {
		return r.close(dst)
	}
	return dst
}

// crossing is where the rate falls below off if no spike comes, µs.
func (r *Readout) crossing() int64 {
	return r.at + int64(max(0, r.tau*portable.Log(r.rate/r.cfg.Off)))
}

// add counts n spikes of time t.
func (r *Readout) add(t int64, n int) {
	r.rate = float64(r.rate*portable.Exp(float64(r.at-t)/r.tau)) + float64(n)*1e6/r.tau
	r.at = t
	if !r.open && r.rate >= r.cfg.On {
		r.open, r.low, r.start, r.peak = true, false, t, 0
	}
	if r.open {
		r.peak = max(r.peak, r.rate)
		r.low = r.low && r.rate < r.cfg.Off
	}
}

func (r *Readout) close(dst []pipeline.Detection) []pipeline.Detection {
	r.open = false
	if r.end-r.start < r.shortest {
		return dst
	}
	score := float32(1 - r.cfg.On/r.peak)
	return append(dst, pipeline.Detection{
		Kind: pipeline.Segment, Label: r.cfg.Label,
		T: r.end + r.hangover, TStart: r.start, TEnd: r.end, Score: score, Confidence: float32(math.NaN()),
		EmitDelayUS: pipeline.NoDelay,
	})
}

// Flush implements [pipeline.Readout]: it closes an open segment.
func (r *Readout) Flush(dst []pipeline.Detection) []pipeline.Detection {
	return r.until(math.MaxInt64, dst)
}

// Adjust implements [pipeline.Adjustable]: what begins and ends a segment changes
// while the readout listens.
func (r *Readout) Adjust(cfg any) error {
	c, ok := cfg.(*Config)
	if !ok {
		return fmt.Errorf("the segment readout takes no %T", cfg)
	}
	if c.Layer != r.cfg.Layer || c.Label != r.cfg.Label || c.Tau != r.cfg.Tau {
		return errors.New("readout: layer, label and tau take effect with a new run")
	}
	r.cfg = *c
	r.hangover, r.shortest = c.Hangover.Microseconds(), c.Shortest.Microseconds()
	return nil
}

// AppendState implements [pipeline.Stateful].
func (r *Readout) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

// RestoreState implements [pipeline.Stateful].
func (r *Readout) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *Readout) fields(c *state.Codec) {
	c.Float64(&r.rate)
	state.Integer(c, &r.at)
	flags := flag(r.open) | flag(r.low)<<1
	c.Uint64(&flags)
	r.open, r.low = flags&1 != 0, flags&2 != 0
	state.Integer(c, &r.start)
	c.Float64(&r.peak)
	state.Integer(c, &r.end)
	c.Demand(flags <= 3 && r.rate >= 0 && !math.IsInf(r.rate, 0) && r.peak >= 0 && (!r.open || r.rate > 0),
		"not the state of a segment readout")
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

var (
	_ pipeline.Readout    = (*Readout)(nil)
	_ pipeline.Stateful   = (*Readout)(nil)
	_ pipeline.Adjustable = (*Readout)(nil)
)
