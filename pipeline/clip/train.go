package clip

import (
	"slices"

	"ganglion/pipeline"
)

// train is the last spikes of the encoder's layer, oldest first; those before
// head are forgotten.
type train struct {
	t    []int64
	id   []uint32
	head int
}

func (s *train) add(spikes *pipeline.Spikes) {
	for i, t := range spikes.T {
		for _, id := range spikes.Run(i) {
			s.t, s.id = append(s.t, t), append(s.id, id)
		}
	}
}

// forget forgets the spikes before t µs. What they took is used again once
// they are more than half of it.
func (s *train) forget(t int64) {
	for s.head < len(s.t) && s.t[s.head] < t {
		s.head++
	}
	if s.head > len(s.t)/2 {
		n := copy(s.t, s.t[s.head:])
		copy(s.id, s.id[s.head:])
		s.t, s.id, s.head = s.t[:n], s.id[:n], 0
	}
}

// cut appends the spikes of a window.
func (s *train) cut(w pipeline.Window, dst *pipeline.Spikes) {
	held := s.t[s.head:]
	i, _ := slices.BinarySearch(held, w.Start)
	for ; i < len(held) && held[i] < w.End; i++ {
		dst.Append(held[i], s.id[s.head+i])
	}
}
