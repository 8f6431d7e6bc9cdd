package nir

import (
	"errors"
	"fmt"
	"slices"
)

// Flat is the same network without nested graphs: a node "b" of a nested graph
// "a" becomes "a.b". What leads into "a" leads to what its Input leads to, and
// its Output likewise; the two are gone. Metadata of nested graphs is dropped,
// tensors are shared with g. The result is canonical; a graph without nesting
// comes back as a canonical copy.
func (g *Graph) Flat() (*Graph, error) {
	f := flattener{out: &Graph{Metadata: g.Metadata}}
	if _, _, err := f.add("", g, 0); err != nil {
		return nil, err
	}
	f.inner()
	for _, wire := range f.wires {
		if err := f.bridge(wire); err != nil {
			return nil, err
		}
	}
	f.out.Canonical()
	_, err := f.out.index()
	return f.out, err
}

type flattener struct {
	out   *Graph
	wires []string // the nested graphs' Inputs and Outputs
}

// add copies the nodes and edges of a graph and returns the names of its Input
// and Output, if it is a nested one.
func (f *flattener) add(name string, g *Graph, depth int) (entry, exit string, err error) {
	if depth > maxNesting {
		return "", "", &nirError{Node: name, Err: fmt.Errorf("graphs nested more than %d deep", maxNesting)}
	}
	if _, err := g.index(); err != nil {
		return "", "", err
	}
	if depth > 0 {
		if entry, exit, err = f.ports(name, g); err != nil {
			return "", "", err
		}
	}
	ports := map[string][2]string{} // nested graph: its Input and Output
	for _, n := range g.Nodes {
		full := join(name, n.Name)
		sub, nested := n.Op.(*Graph)
		if !nested {
			f.out.Nodes = append(f.out.Nodes, Node{full, n.Op, n.Metadata})
			continue
		}
		in, out, err := f.add(full, sub, depth+1)
		if err != nil {
			return "", "", err
		}
		ports[n.Name] = [2]string{in, out}
	}
	f.connect(name, g, ports)
	return entry, exit, nil
}

// inner marks Inputs that something leads to and Outputs that lead on: those of
// a nested graph that was taken apart already.
func (f *flattener) inner() {
	fed, leads := map[string]bool{}, map[string]bool{}
	for _, e := range f.out.Edges {
		fed[e.To], leads[e.From] = true, true
	}
	for _, n := range f.out.Nodes {
		_, in := n.Op.(*Input)
		_, out := n.Op.(*Output)
		if (in && fed[n.Name] || out && leads[n.Name]) && !slices.Contains(f.wires, n.Name) {
			f.wires = append(f.wires, n.Name)
		}
	}
}

// connect copies the edges of a graph; those of a nested graph join its ports.
func (f *flattener) connect(name string, g *Graph, ports map[string][2]string) {
	for _, e := range g.Edges {
		from, to := join(name, e.From), join(name, e.To)
		if p, ok := ports[e.From]; ok {
			from = p[1]
		}
		if p, ok := ports[e.To]; ok {
			to = p[0]
		}
		f.out.Edges = append(f.out.Edges, Edge{from, to})
	}
}

// ports finds the Input and Output of a nested graph and marks them as wires.
func (f *flattener) ports(name string, g *Graph) (entry, exit string, err error) {
	in, err := port[*Input](g)
	if err != nil {
		return "", "", &nirError{Node: name, Type: g.Type(), Err: err}
	}
	out, err := port[*Output](g)
	if err != nil {
		return "", "", &nirError{Node: name, Type: g.Type(), Err: err}
	}
	entry, exit = join(name, g.Nodes[in].Name), join(name, g.Nodes[out].Name)
	f.wires = append(f.wires, entry, exit)
	return entry, exit, nil
}

// bridge takes a node that only passes its input on out of the graph.
func (f *flattener) bridge(wire string) error {
	var before, after []string
	kept := make([]Edge, 0, len(f.out.Edges))
	present := make(map[Edge]bool, len(f.out.Edges))
	for _, e := range f.out.Edges {
		switch {
		case e.From == wire && e.To == wire:
			return &nirError{Node: wire, Err: errors.New("a wire that leads to itself")}
		case e.To == wire:
			before = append(before, e.From)
		case e.From == wire:
			after = append(after, e.To)
		default:
			kept = append(kept, e)
			present[e] = true
		}
	}
	if len(kept)+len(before)*len(after) > maxEdges {
		return &nirError{Node: wire, Err: fmt.Errorf("the flat graph has more than %d edges", maxEdges)}
	}
	for _, from := range before {
		for _, to := range after {
			e := Edge{from, to}
			if present[e] {
				return &nirError{Node: wire, Err: fmt.Errorf("node %q leads to %q both through it and past it", from, to)}
			}
			present[e] = true
			kept = append(kept, e)
		}
	}
	f.out.Edges = kept
	f.out.Nodes = slices.DeleteFunc(f.out.Nodes, func(n Node) bool { return n.Name == wire })
	return nil
}
