package code

import (
	"ganglion/internal/portable"
	"ganglion/internal/random"
	"ganglion/pipeline"
)

// poisson is the stochastic rate code. Its random numbers are a function of
// seed, value and time, so it has no state.
type poisson struct {
	stateless
	frame
	perSlot float64 // mean spikes in a slot of the value 1
	slot    int64   // µs
	seed    uint64
}

func newPoisson(c Config, f frame) *poisson {
	slot := c.Slot.Microseconds()
	return &poisson{frame: f, perSlot: c.Rate * float64(slot) / 1e6, slot: slot, seed: c.Seed}
}

func (p *poisson) Channels() int { return 1 }

func (p *poisson) Append(t int64, x []float32, out *pipeline.Spikes) {
	for i, v := range x {
		chance := uint64(-portable.Expm1(-unit(v)*p.perSlot) * (1 << 53))
		key := random.Mix(p.seed ^ random.Mix(uint64(i)+1))
		for dt := int64(0); dt < p.period && chance > 0; dt += p.slot {
			if random.Mix(key^uint64(t+dt))>>11 < chance {
				p.put(dt, i)
			}
		}
	}
	p.flush(t, out)
}

// Decode counts, and makes good for the spikes that share a slot.
func (p *poisson) Decode(_ int64, s *pipeline.Spikes, x []float32) {
	slots := float64(p.period / p.slot)
	countSpikes(s, x, slots)
	for i, v := range x {
		x[i] = float32(unit(float32(-portable.Log1p(-min(float64(v), 1-1e-9)) / p.perSlot)))
	}
}
