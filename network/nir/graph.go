package nir

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Model is the content of a NIR file.
type Model struct {
	Version string // of the nir package that wrote the file
	Graph   *Graph
	Notes   []string // what the reader had to decide, for people
	// Absent lists the parameters of neurons that the file leaves out, by node;
	// names in nested graphs are joined by dots.
	Absent map[string][]string
}

// Graph is a network: nodes and identity wires between them. A graph from
// [Read] is canonical: nodes in ascending order of names, edges of their ends,
// no edge twice.
type Graph struct {
	Nodes    []Node
	Edges    []Edge
	Metadata Metadata
}

// Node is a named operation.
type Node struct {
	Name     string
	Op       Op // one of the pointer types of this package
	Metadata Metadata
}

// Edge carries the output of one node to the input of another.
type Edge struct{ From, To string }

// Type is "NIRGraph": a graph can be a node of another one.
func (g *Graph) Type() string { return "NIRGraph" }

// Canonical sorts the nodes by name and the edges by their ends, and removes
// edges that stand twice, as in a graph that was read. It returns the number of
// edges removed.
func (g *Graph) Canonical() int {
	slices.SortStableFunc(g.Nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	before := len(g.Edges)
	g.Edges = slices.Compact(g.Edges)
	return before - len(g.Edges)
}

// index maps names to positions in Nodes and checks that all names differ and
// that edges join nodes.
func (g *Graph) index() (map[string]int, error) {
	at := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		if _, twice := at[n.Name]; twice {
			return nil, &nirError{Node: n.Name, Err: errors.New("two nodes of that name")}
		}
		if n.Op == nil {
			return nil, &nirError{Node: n.Name, Err: errors.New("node without a type")}
		}
		at[n.Name] = i
	}
	for _, e := range g.Edges {
		for _, name := range []string{e.From, e.To} {
			if _, ok := at[name]; !ok {
				return nil, &nirError{Node: name, Err: fmt.Errorf("edge %q to %q: no such node", e.From, e.To)}
			}
		}
	}
	return at, nil
}

// ends are the positions of the nodes that an edge joins.
type ends struct{ from, to int }

// wires are the edges as positions, in the order of Edges.
func (g *Graph) wires() ([]ends, error) {
	at, err := g.index()
	if err != nil {
		return nil, err
	}
	w := make([]ends, len(g.Edges))
	for i, e := range g.Edges {
		w[i] = ends{at[e.From], at[e.To]}
	}
	return w, nil
}

// port finds the one node that is of type T, a nested graph's Input or Output.
func port[T Op](g *Graph) (int, error) {
	found := -1
	for i, n := range g.Nodes {
		if _, ok := n.Op.(T); !ok {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("nested graph with two nodes of type %s: %q and %q", n.Op.Type(), g.Nodes[found].Name, n.Name)
		}
		found = i
	}
	if found < 0 {
		var none T
		return 0, fmt.Errorf("nested graph without a node of type %s", none.Type())
	}
	return found, nil
}
