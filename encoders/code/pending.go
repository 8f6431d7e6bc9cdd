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

// Fields carries the spikes that wait, for a layer of size neurons.
func (p *Pending) Fields(c *state.Codec, size int) {
	state.Slice(c, &p.Train.T)
	state.Slice(c, &p.Train.Offsets)
	state.Slice(c, &p.Train.IDs)
	if !c.Reading() || c.Failed() {
		return
	}
	p.Train.Values = p.Train.Values[:0]
	if err := p.Train.Check(size); err != nil {
		c.Demand(false, err.Error())
	}
	if c.Failed() || len(p.Train.T) == 0 {
		p.Train.Reset()
	}
}
