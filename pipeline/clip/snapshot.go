package clip

import (
	"encoding/json"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// recorderState is the version of the layout below.
const recorderState = 1

// maxFrame is 4,000 years of sound at 8 kHz, far from where times overflow.
const maxFrame = 1 << 50

// AppendState implements [pipeline.Stateful]: what a clip may still need.
func (r *Recorder) AppendState(b []byte) ([]byte, error) { return state.Append(b, r.fields) }

// RestoreState implements [pipeline.Stateful].
func (r *Recorder) RestoreState(b []byte) error { return state.Restore(b, r.fields) }

func (r *Recorder) fields(c *state.Codec) {
	c.Fixed(recorderState)
	if r.seen() {
		state.Integer(c, &r.now)
		r.film.fields(c)
		r.wantedFields(c)
		return
	}
	c.Fixed(uint64(r.sound.keep))
	state.Integer(c, &r.now)
	r.soundFields(c)
	if c.Reading() {
		r.spikes.head = 0
	}
	t, id := r.spikes.t[r.spikes.head:], r.spikes.id[r.spikes.head:]
	state.Slice(c, &t)
	state.Slice(c, &id)
	r.wantedFields(c)
	if !c.Reading() {
		return
	}
	c.Demand(len(t) == len(id), "spikes without a neuron")
	r.spikes.t, r.spikes.id = t, id
}

func (r *Recorder) wantedFields(c *state.Codec) {
	state.List(c, &r.wanted, func(w *want) {
		w.fields(c)
		c.Demand(w.from >= 0 || r.seen(), "a clip that begins before the sound")
	})
	if c.Reading() {
		c.Demand(len(r.wanted) <= maxWanted, "more clips than can be wanted")
		r.noted, r.refused = uint64(len(r.wanted)), 0
	}
}

func (w *want) fields(c *state.Codec) {
	var detection []byte
	if !c.Reading() {
		detection = w.detection.AppendJSON(nil)
	}
	c.Bytes(&detection)
	if c.Reading() && !c.Failed() {
		if err := json.Unmarshal(detection, &w.detection); err != nil {
			c.Demand(false, err.Error())
		}
	}
	state.Integer(c, &w.from)
	state.Integer(c, &w.to)
	state.Integer(c, &w.same)
	c.Demand(w.to >= w.from, "a clip that none can want")
}

func (r *Recorder) soundFields(c *state.Codec) {
	var first int64
	var pcm []float32
	holes := r.sound.holes
	if c.Reading() {
		holes = nil
	} else {
		first = max(r.sound.first, r.sound.next-r.sound.keep)
		pcm, _ = r.sound.cut(first, r.sound.next)
	}
	state.Integer(c, &first)
	state.Slice(c, &pcm)
	state.List(c, &holes, func(h *hole) {
		state.Integer(c, &h.from)
		state.Integer(c, &h.to)
	})
	if !c.Reading() || c.Failed() {
		return
	}
	if first < 0 || first > maxFrame || len(pcm)%r.info.Channels != 0 || int64(len(pcm)/r.info.Channels) > r.sound.keep {
		c.Demand(false, "sound that the configuration does not hold")
		return
	}
	r.sound = newRing(r.info.Channels, r.sound.keep)
	r.sound.restart(first)
	r.sound.add(first, pcm)
	end := int64(0)
	for _, h := range holes {
		c.Demand(h.from >= end && h.to > h.from && h.to <= r.sound.next, "a hole where none can be")
		end = h.to
	}
	r.sound.holes = holes
}

var _ pipeline.Stateful = (*Recorder)(nil)
