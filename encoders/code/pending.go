package code

import (
	"sort"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Pending holds spikes until the batch that their time belongs to. The zero
// value is ready.
type Pending struct {
	// Train is where spikes are added, in canonical order.
	Train pipeline.Spikes
}

// Deliver moves the spikes before time end to out.
func (p *Pending) Deliver(end int64, out *pipeline.Spikes) {
	s := &p.Train
	n := sort.Search(len(s.T), func(i int) bool { return s.T[i] >= end })
	for i := range n {
		for _, id := range s.Run(i) {
			out.Append(s.T[i], id)
		}
	}
	if n == len(s.T) {
		s.Reset()
		return
	}
	first := s.Offsets[n]
	s.IDs = s.IDs[:copy(s.IDs, s.IDs[first:])]
	s.T = s.T[:copy(s.T, s.T[n:])]
	s.Offsets = s.Offsets[:copy(s.Offsets, s.Offsets[n:])]
	for i := range s.Offsets {
		s.Offsets[i] -= first
	}
}

// AppendState appends the spikes that wait.
func (p *Pending) AppendState(b []byte) []byte {
	b = state.AppendSlice(b, p.Train.T)
	b = state.AppendSlice(b, p.Train.Offsets)
	return state.AppendSlice(b, p.Train.IDs)
}

// ReadState reads what AppendState wrote, for a layer of size neurons.
func (p *Pending) ReadState(r *state.Reader, size int) {
	p.Train.Reset()
	p.Train.T = state.ReadSlice(r, p.Train.T)
	p.Train.Offsets = state.ReadSlice(r, p.Train.Offsets)
	p.Train.IDs = state.ReadSlice(r, p.Train.IDs)
	if r.Err() != nil {
		return
	}
	if err := p.Train.Check(size); err != nil {
		r.Fail(err.Error())
	}
	if len(p.Train.T) == 0 {
		p.Train.Reset()
	}
}
