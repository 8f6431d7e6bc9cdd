package nir

import "ganglion/internal/digraph"

// components are the strongly connected components of the current group, in
// an order in which edges between them lead forward. Of several such orders it
// is one that depends on the positions of the nodes alone.
func (s *sorter) components(set []int) [][]int {
	return digraph.Components(set, func(n int) (to []int) {
		for _, e := range s.out[n] {
			if t := s.wires[e].to; s.group[t] == s.group[n] && !s.order.Feedback[e] {
				to = append(to, t)
			}
		}
		return to
	})
}
