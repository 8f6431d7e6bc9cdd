package network

import (
	"ganglion/internal/portable"
	"ganglion/pipeline/state"
)

// resource is a [Depression] in steps, for a connection of a clocked layer:
// what the presynaptic neurons have spent. Every shard sees all spikes of the
// connection, so all keep the same.
type resource struct {
	spent []float64 // 1-R at step number last
	last  []int64   // the step of the neuron's last spike
	use   float64
	rate  float64 // of recovery, in 1/steps
}

// newResource makes the resources of size neurons. step is in µs.
func newResource(d Depression, size int, step int64) *resource {
	return &resource{
		spent: make([]float64, size), last: make([]int64, size), use: d.Use,
		rate: float64(step) / (d.Recovery.Seconds() * 1e6),
	}
}

// take returns R in step number count and spends the fraction use of it.
func (r *resource) take(id uint32, count int64) float32 {
	spent := r.spent[id]
	if waited := count - r.last[id]; waited > 0 && spent != 0 {
		spent = float64(spent * portable.Exp(-r.rate*float64(waited)))
	}
	left := 1 - spent
	r.spent[id], r.last[id] = spent+float64(left*r.use), count
	return float32(left)
}

func (r *resource) appendState(b []byte) []byte {
	return state.AppendSlice(state.AppendSlice(b, r.spent), r.last)
}

// restoreResource reads the state of the connection's copies in all shards.
func restoreResource(copies []*resource, r *state.Reader) {
	for i, c := range copies {
		if i > 0 {
			copy(c.spent, copies[0].spent)
			copy(c.last, copies[0].last)
			continue
		}
		state.ReadInto(r, c.spent)
		state.ReadInto(r, c.last)
		for _, v := range c.spent {
			if !(v >= 0 && v <= 1) {
				r.Fail("a synaptic resource is outside 0..1")
				return
			}
		}
	}
}
