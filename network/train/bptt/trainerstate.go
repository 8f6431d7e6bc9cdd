package bptt

import (
	"math"

	"ganglion/pipeline/state"
)

// AppendState appends all that the trainer has learned and needs to continue.
func (t *Trainer) AppendState(b []byte) ([]byte, error) { return state.Append(b, t.fields) }

// RestoreState restores what AppendState of a trainer of the same
// configuration wrote.
func (t *Trainer) RestoreState(b []byte) error { return state.Restore(b, t.fields) }

func (t *Trainer) fields(c *state.Codec) {
	t.epochs = c.Length(t.epochs, math.MaxInt32)
	t.adam.steps = c.Length(t.adam.steps, math.MaxInt32)
	state.Array(c, t.p.flat)
	state.Array(c, t.adam.first)
	state.Array(c, t.adam.second)
	for i := range t.norms {
		state.Array(c, t.norms[i].mean)
		state.Array(c, t.norms[i].variance)
		c.Float32(&t.norms[i].weight)
	}
	c.Float64(&t.last.Loss)
	c.Float64(&t.last.Accuracy)
}
