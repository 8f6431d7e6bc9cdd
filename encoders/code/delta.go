package code

import (
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// delta is send on delta with ON and OFF neurons. The value sent last is a
// whole number of steps, so encoder and decoder never drift apart.
type delta struct {
	frame
	step float32
	most int     // spikes of a value in a frame, 0 for no limit
	sent []int32 // steps
}

func newDelta(c Config, f frame) *delta {
	return &delta{frame: f, step: float32(c.Step), most: c.Limit, sent: make([]int32, f.values)}
}

func (d *delta) Channels() int { return 2 }

func (d *delta) Append(t int64, x []float32, out *pipeline.Spikes) {
	d.send(t, x, 1, 0, out)
	d.send(t, x, -1, uint32(d.values), out)
}

// send sends the steps of one direction.
func (d *delta) send(t int64, x []float32, sign int32, base uint32, out *pipeline.Spikes) {
	for i, v := range x {
		v = float32(unit(v))
		for n := 0; float32(sign)*(v-float32(float32(d.sent[i])*d.step)) >= d.step && (d.most == 0 || n < d.most); n++ {
			d.sent[i] += sign
			out.Append(t, base+uint32(i))
		}
	}
}

// Decode follows the steps. While the limit does not bind, the error is below
// one step.
func (d *delta) Decode(_ int64, s *pipeline.Spikes, x []float32) {
	for _, id := range s.IDs {
		if int(id) < d.values {
			d.sent[id]++
		} else {
			d.sent[int(id)-d.values]--
		}
	}
	for i := range x {
		x[i] = float32(d.sent[i]) * d.step
	}
}

func (d *delta) AppendState(b []byte) ([]byte, error) { return state.Append(b, d.fields) }

func (d *delta) RestoreState(b []byte) error { return state.Restore(b, d.fields) }

func (d *delta) fields(c *state.Codec) {
	state.Array(c, d.sent)
	for _, n := range d.sent {
		c.Demand(n >= 0 && float32(float32(n)*d.step) <= 1, "a value sent is outside [0, 1]")
	}
}
