// Package digraph orders the nodes of a directed graph that may have cycles, by
// gonum's graph/topo. Gonum's own graphs bring its matrices and linear algebra,
// eight seconds of a first build, of which an order needs nothing.
package digraph

import (
	"errors"
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/topo"
)

// Components returns the strongly connected components of a graph, each ascending,
// in an order in which edges between them lead forward; of several such orders it is
// one that depends on the numbers of the nodes alone. The edges of a node lead to
// nodes of the graph; one may be there more than once, or lead to its own node.
func Components(nodes []int, edges func(from int) []int) [][]int {
	sorted, err := topo.SortStabilized(directed{nodes: nodes, edges: edges}, nil) // nil stands for a cycle
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

// directed is what an order asks of a graph: its nodes, and where their edges lead.
// The methods of the interface that it does not ask are not there.
type directed struct {
	graph.Directed
	nodes []int
	edges func(from int) []int
}

type node int

func (n node) ID() int64 { return int64(n) }

func (d directed) Nodes() graph.Nodes { return list(d.nodes) }

func (d directed) From(id int64) graph.Nodes { return list(d.edges(int(id))) }

// list is an iterator over nodes, each once.
func list(ids []int) graph.Nodes {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	nodes := make([]graph.Node, len(ids))
	for i, id := range ids {
		nodes[i] = node(id)
	}
	return iterator.NewOrderedNodes(nodes)
}
