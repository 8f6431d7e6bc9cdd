package code

import (
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// rate is the regular rate code of a perfect integrator.
type rate struct {
	frame
	gain float64   // spikes in a frame of the value 1
	v    []float64 // membranes, in spikes
}

func newRate(c Config, f frame) *rate {
	return &rate{frame: f, gain: c.Rate * float64(f.period) / 1e6, v: make([]float64, f.values)}
}

func (r *rate) Channels() int { return 1 }

// Append places each spike where the membrane, which rises linearly, reaches
// the threshold.
func (r *rate) Append(t int64, x []float32, out *pipeline.Spikes) {
	for i := range r.v {
		rise := float64(unit(x[i]) * r.gain)
		before := r.v[i]
		r.v[i] += rise
		for k := 1.0; r.v[i] >= 1; k++ {
			r.v[i]--
			r.put(int64((k-before)/rise*float64(r.period)), i)
		}
	}
	r.flush(t, out)
}

// Decode counts. Over any number of frames the sum of the values is wrong by
// at most one spike, 1/gain.
func (r *rate) Decode(_ int64, s *pipeline.Spikes, x []float32) { countSpikes(s, x, r.gain) }

func countSpikes(s *pipeline.Spikes, x []float32, gain float64) {
	clear(x)
	for _, id := range s.IDs {
		x[id] += float32(1 / gain)
	}
}

func (r *rate) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

func (r *rate) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *rate) fields(c *state.Codec) {
	state.Array(c, r.v)
	for _, v := range r.v {
		c.Demand(v >= 0 && v < 1, "a membrane is outside [0, 1)")
	}
}
