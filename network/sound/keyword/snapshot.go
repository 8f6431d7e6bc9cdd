package keyword

import (
	"math"

	"ganglion/internal/floor"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// readoutState is the version of the layout below.
const readoutState = 2

// AppendState implements [pipeline.Stateful].
func (r *Readout) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

// RestoreState implements [pipeline.Stateful].
func (r *Readout) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *Readout) fields(c *state.Codec) {
	c.Fixed(readoutState)
	c.Bool(&r.begun)
	state.Integer(c, &r.next)
	state.Integer(c, &r.spikes)
	for i := range r.heads {
		h := &r.heads[i]
		state.Array(c, h.logits)
		state.Array(c, h.ring)
		h.at = c.Length(h.at, max(len(h.ring)/max(len(h.words), 1), 1)-1)
	}
	state.Array(c, r.voice.ring)
	r.voice.at = c.Length(r.voice.at, len(r.voice.ring)-1)
	r.detector.fields(c)
	if !c.Reading() {
		return
	}
	c.Demand(floor.Mod(r.next, r.step) == 0 && r.next <= math.MaxInt64-r.step && r.next >= math.MinInt64+r.step,
		"the next step begins where none can")
	r.voice.voiced = 0
	for k := range r.voice.longest {
		r.voice.voiced += int(r.voice.ago(k))
	}
}

func (d *detector) fields(c *state.Codec) {
	for i := range d.words {
		c.Bool(&d.words[i].armed)
		state.Integer(c, &d.words[i].free)
	}
	c.Bool(&d.open)
	d.best.word = c.Length(d.best.word, len(d.words)-1)
	c.Float32(&d.best.score)
	state.Integer(c, &d.best.start)
	state.Integer(c, &d.best.end)
	state.Integer(c, &d.until)
}

var _ pipeline.Stateful = (*Readout)(nil)
