package nir

import (
	"errors"
	"slices"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"
)

// components are the strongly connected components of the current group, in
// an order in which edges between them lead forward. Of several such orders it
// is one that depends on the positions of the nodes alone.
func (s *sorter) components(set []int) [][]int {
	g := simple.NewDirectedGraph()
	for _, n := range set {
		g.AddNode(simple.Node(n))
	}
	for _, n := range set {
		for _, e := range s.out[n] {
			to := s.wires[e].to
			if s.group[to] == s.group[n] && !s.order.Feedback[e] && to != n {
				g.SetEdge(simple.Edge{F: simple.Node(n), T: simple.Node(to)})
			}
		}
	}
	sorted, err := topo.SortStabilized(g, nil) // nil stands for a cycle
	var cycles topo.Unorderable
	errors.As(err, &cycles)
	parts := make([][]int, len(sorted))
	for i, n := range sorted {
		if n != nil {
			parts[i] = []int{int(n.ID())}
			continue
		}
		for _, m := range cycles[0] {
			parts[i] = append(parts[i], int(m.ID()))
		}
		slices.Sort(parts[i])
		cycles = cycles[1:]
	}
	return parts
}
