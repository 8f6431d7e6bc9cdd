package network

import (
	"time"

	"ganglion/internal/portable"
	"ganglion/pipeline/state"
)

// Depression is short-term synaptic depression without facilitation
// (Tsodyks & Markram 1997): a spike is worth R, then R falls to R(1-Use) and
// recovers to 1 with the time constant Recovery. R belongs to the presynaptic
// neuron, so all its synapses of the connection share it.
type Depression struct {
	Use      float64       // fraction spent by a spike, in (0, 1)
	Recovery time.Duration // time constant
}

// depression holds the synaptic resources of a connection's presynaptic
// neurons, as far as one shard sees them. Shards that see the same neuron
// compute the same value.
type depression struct {
	growth     growth
	used       []float32 // 1-R, the missing part, as [growth] keeps it
	all        []segment
	use        float32
	scale, inv float32 // of the current time, and its inverse
}

func newDepression(d Depression, size int) *depression {
	return &depression{
		growth: newGrowth(d.Recovery), use: float32(d.Use),
		used: make([]float32, size), all: []segment{{n: int32(size)}},
	}
}

// turn moves on to the frame of sensor time t.
func (d *depression) turn(t, base int64) { d.growth.turn(t, base, d.used, d.all) }

// now sets the current time.
func (d *depression) now(t int32, clock clock) {
	if d.growth.behind(t) {
		d.turn(clock.abs(t), clock.base)
	}
	d.scale = d.growth.now(t)
	d.inv = 1 / d.scale
}

// take returns R now and spends the fraction use of it.
func (d *depression) take(id uint32) float32 {
	u := d.used[id]
	r := 1 - float32(u*d.inv)
	d.used[id] = u + float32(float32(r*d.use)*d.scale)
	return r
}

// resource is a clock-driven [Depression], for a connection of a clocked layer:
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

// resourceFields carries the state that the copies of a connection's resources
// share in all shards.
func resourceFields(c *state.Codec, copies []*resource) {
	if len(copies) == 0 {
		return
	}
	one := copies[0]
	state.Array(c, one.spent)
	state.Array(c, one.last)
	if !c.Reading() {
		return
	}
	for _, v := range one.spent {
		c.Demand(v >= 0 && v <= 1, "a synaptic resource is outside 0..1")
	}
	for _, other := range copies[1:] {
		copy(other.spent, one.spent)
		copy(other.last, one.last)
	}
}
