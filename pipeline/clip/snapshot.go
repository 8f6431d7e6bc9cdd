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
func (r *Recorder) AppendState(b []byte) ([]byte, error) {
	b = state.AppendUint64(b, recorderState)
	b = state.AppendInt64(b, r.sound.keep)
	b = state.AppendInt64(b, r.now)
	first := max(r.sound.first, r.sound.next-r.sound.keep)
	b = state.AppendInt64(b, first)
	pcm, _ := r.sound.cut(first, r.sound.next)
	b = state.AppendSlice(b, pcm)
	b = state.AppendUint64(b, uint64(len(r.sound.holes)))
	for _, h := range r.sound.holes {
		b = state.AppendInt64(state.AppendInt64(b, h.from), h.to)
	}
	b = state.AppendSlice(b, r.spikes.t[r.spikes.head:])
	b = state.AppendSlice(b, r.spikes.id[r.spikes.head:])
	b = state.AppendUint64(b, uint64(len(r.wanted)))
	for i := range r.wanted {
		w := &r.wanted[i]
		b = state.AppendBytes(b, w.detection.AppendJSON(nil))
		b = state.AppendInt64(state.AppendInt64(state.AppendInt64(b, w.from), w.to), int64(w.same))
	}
	return b, nil
}

// RestoreState implements [pipeline.Stateful].
func (r *Recorder) RestoreState(b []byte) error {
	s := state.NewReader(b)
	s.Expect(recorderState)
	s.Expect(uint64(r.sound.keep))
	r.now = s.Int64()
	r.restoreSound(s)
	r.spikes.head = 0
	r.spikes.t = state.ReadSlice(s, r.spikes.t)
	r.spikes.id = state.ReadSlice(s, r.spikes.id)
	if len(r.spikes.t) != len(r.spikes.id) {
		s.Fail("spikes without a neuron")
	}
	r.wanted = r.wanted[:0]
	for n := s.Uint64(); n > 0 && s.Err() == nil; n-- {
		var w want
		if err := json.Unmarshal(s.Bytes(), &w.detection); s.Err() == nil && err != nil {
			s.Fail(err.Error())
		}
		w.from, w.to, w.same = s.Int64(), s.Int64(), int(s.Int64())
		if w.from < 0 || w.to < w.from || len(r.wanted) == maxWanted {
			s.Fail("a clip that none can want")
		}
		r.wanted = append(r.wanted, w)
	}
	r.noted, r.refused = uint64(len(r.wanted)), 0
	return s.Close()
}

func (r *Recorder) restoreSound(s *state.Reader) {
	first := s.Int64()
	pcm := state.ReadSlice(s, []float32(nil))
	var holes []hole
	for n := s.Uint64(); n > 0 && s.Err() == nil; n-- {
		holes = append(holes, hole{s.Int64(), s.Int64()})
	}
	if first < 0 || first > maxFrame || len(pcm)%r.info.Channels != 0 || int64(len(pcm)/r.info.Channels) > r.sound.keep {
		s.Fail("sound that the configuration does not hold")
		return
	}
	r.sound = newRing(r.info.Channels, r.sound.keep)
	r.sound.restart(first)
	r.sound.add(first, pcm)
	end := int64(0)
	for _, h := range holes {
		if h.from < end || h.to <= h.from || h.to > r.sound.next {
			s.Fail("a hole where none can be")
			return
		}
		end = h.to
	}
	r.sound.holes = holes
}

var _ pipeline.Stateful = (*Recorder)(nil)
