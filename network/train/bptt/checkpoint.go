package bptt

import (
	"math"

	"ganglion/pipeline/state"
)

// AppendState appends all that the trainer has learned and needs to continue.
func (t *Trainer) AppendState(b []byte) ([]byte, error) {
	b = state.AppendUint64(b, uint64(t.epochs))
	b = state.AppendUint64(b, uint64(t.adam.steps))
	b = state.AppendSlice(b, t.p.flat)
	b = state.AppendSlice(b, t.adam.first)
	b = state.AppendSlice(b, t.adam.second)
	for _, n := range t.norms {
		b = state.AppendSlice(b, n.mean)
		b = state.AppendSlice(b, n.variance)
		b = state.AppendFloat64(b, float64(n.weight))
	}
	b = state.AppendFloat64(b, t.last.Loss)
	return state.AppendFloat64(b, t.last.Accuracy), nil
}

// RestoreState restores what AppendState of a trainer of the same
// configuration wrote.
func (t *Trainer) RestoreState(b []byte) error {
	r := state.NewReader(b)
	epochs, steps := r.Uint64(), r.Uint64()
	state.ReadInto(r, t.p.flat)
	state.ReadInto(r, t.adam.first)
	state.ReadInto(r, t.adam.second)
	for i := range t.norms {
		state.ReadInto(r, t.norms[i].mean)
		state.ReadInto(r, t.norms[i].variance)
		t.norms[i].weight = float32(r.Float64())
	}
	t.last.Loss, t.last.Accuracy = r.Float64(), r.Float64()
	if epochs > math.MaxInt32 || steps > math.MaxInt32 {
		r.Fail("more epochs than can be")
	}
	t.epochs, t.adam.steps = int(epochs), int(steps)
	return r.Close()
}
