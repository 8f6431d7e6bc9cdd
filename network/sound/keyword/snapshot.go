package keyword

import (
	"math"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// readoutState is the version of the layout below.
const readoutState = 2

// AppendState implements [pipeline.Stateful].
func (r *Readout) AppendState(b []byte) ([]byte, error) {
	b = state.AppendUint64(b, readoutState)
	b = state.AppendUint64(b, bit(r.begun))
	b = state.AppendInt64(b, r.next)
	b = state.AppendInt64(b, int64(r.spikes))
	for i := range r.heads {
		h := &r.heads[i]
		b = state.AppendSlice(b, h.logits)
		b = state.AppendSlice(b, h.ring)
		b = state.AppendInt64(b, int64(h.at))
	}
	b = state.AppendSlice(b, r.voice.ring)
	b = state.AppendInt64(b, int64(r.voice.at))
	d := &r.detector
	for _, w := range d.words {
		b = state.AppendUint64(b, bit(w.armed))
		b = state.AppendInt64(b, w.free)
	}
	b = state.AppendUint64(b, bit(d.open))
	b = state.AppendInt64(b, int64(d.best.word))
	b = state.AppendFloat64(b, float64(d.best.score))
	b = state.AppendInt64(b, d.best.start)
	b = state.AppendInt64(b, d.best.end)
	return state.AppendInt64(b, d.until), nil
}

func bit(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

// RestoreState implements [pipeline.Stateful].
func (r *Readout) RestoreState(b []byte) error {
	s := state.NewReader(b)
	s.Expect(readoutState)
	r.begun, r.next = s.Uint64() == 1, s.Int64()
	r.spikes = int(s.Int64())
	for i := range r.heads {
		h := &r.heads[i]
		state.ReadInto(s, h.logits)
		state.ReadInto(s, h.ring)
		h.at = below(s, max(len(h.ring)/max(len(h.words), 1), 1))
	}
	state.ReadInto(s, r.voice.ring)
	r.voice.at = below(s, len(r.voice.ring))
	d := &r.detector
	for i := range d.words {
		d.words[i].armed, d.words[i].free = s.Uint64() == 1, s.Int64()
	}
	d.open = s.Uint64() == 1
	d.best.word = below(s, len(d.words))
	d.best.score = float32(s.Float64())
	d.best.start, d.best.end, d.until = s.Int64(), s.Int64(), s.Int64()
	if mod(r.next, r.step) != 0 || r.next > math.MaxInt64-r.step || r.next < math.MinInt64+r.step {
		s.Fail("the next step begins where none can")
	}
	r.voice.voiced = 0
	for k := range r.voice.longest {
		r.voice.voiced += int(r.voice.ago(k))
	}
	return s.Close()
}

// below reads an index of n.
func below(s *state.Reader, n int) int {
	v := s.Int64()
	if v < 0 || v >= int64(n) {
		s.Fail("an index is out of range")
		return 0
	}
	return int(v)
}

var _ pipeline.Stateful = (*Readout)(nil)
