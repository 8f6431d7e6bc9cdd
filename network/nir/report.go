package nir

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"ganglion/pipeline"
)

// Report sums a model up, flattened; it marshals to JSON.
type Report struct {
	Version    string       `json:"version"`
	Nodes      []NodeReport `json:"nodes"` // in the order of computation
	Edges      []EdgeReport `json:"edges"`
	Nested     []string     `json:"nested,omitempty"` // the nested graphs that were flattened
	Neurons    int          `json:"neurons"`          // values of all neuron layers
	Parameters int          `json:"parameters"`
	Metadata   []MetaReport `json:"metadata,omitempty"` // of the graph
	Notes      []string     `json:"notes,omitempty"`
}

// MetaReport is one entry of the metadata; the keys of nested ones are joined
// by dots.
type MetaReport struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// NodeReport is one node. Shapes are missing where the graph does not tell.
type NodeReport struct {
	Name       string         `json:"name"`
	Type       string         `json:"type"`
	In         pipeline.Shape `json:"in,omitempty"`
	Out        pipeline.Shape `json:"out,omitempty"`
	Parameters int            `json:"parameters"`
	Metadata   []MetaReport   `json:"metadata,omitempty"`
}

// EdgeReport is one edge.
type EdgeReport struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Feedback bool   `json:"feedback,omitempty"` // carries the output of the step before
}

// Describe reports on a model. Shapes that do not fit together are a note;
// only a graph that cannot be flattened is an error.
func Describe(m *Model) (*Report, error) {
	g, err := m.Graph.Flat()
	if err != nil {
		return nil, err
	}
	order, err := g.Order()
	if err != nil {
		return nil, err
	}
	r := &Report{Version: m.Version, Notes: m.Notes, Nested: nested("", m.Graph, nil)}
	shapes, err := g.Shapes()
	if err != nil {
		r.Notes = append(r.Notes[:len(r.Notes):len(r.Notes)], err.Error())
		shapes = make([]Shapes, len(g.Nodes))
	}
	for _, i := range order.Nodes {
		n := &g.Nodes[i]
		p := count(n.Op)
		r.Nodes = append(r.Nodes, NodeReport{n.Name, n.Op.Type(), shapes[i].In, shapes[i].Out, p, metaReports("", n.Metadata, nil)})
		r.Parameters += p
		if Neuron(n.Op) && shapes[i].Out != nil {
			r.Neurons += shapes[i].Out.Size()
		}
	}
	r.Metadata = metaReports("", m.Graph.Metadata, nil)
	for i, e := range g.Edges {
		r.Edges = append(r.Edges, EdgeReport{e.From, e.To, order.Feedback[i]})
	}
	return r, nil
}

// metaReports lists metadata as text.
func metaReports(under string, m Metadata, list []MetaReport) []MetaReport {
	for _, e := range m {
		key := join(under, e.Key)
		switch v := e.Value.(type) {
		case Metadata:
			list = metaReports(key, v, list)
		case Text:
			list = append(list, MetaReport{key, strings.Join(v.Values, ", ")})
		case Tensor:
			list = append(list, MetaReport{key, v.short()})
		}
	}
	return list
}

// mostShown is how many values of a tensor a report shows.
const mostShown = 16

// short is the first values of a tensor as text.
func (t *Tensor) short() string {
	var values []string
	for i := range min(t.Len(), mostShown) {
		values = append(values, strconv.FormatFloat(t.At(i), 'g', 6, 64))
	}
	s := strings.Join(values, ", ")
	if n := t.Len(); n > mostShown {
		s += fmt.Sprintf(", ... (%d values)", n)
	}
	return s
}

// nested lists the names of nested graphs.
func nested(name string, g *Graph, list []string) []string {
	for _, n := range g.Nodes {
		if sub, ok := n.Op.(*Graph); ok {
			full := join(name, n.Name)
			list = nested(full, sub, append(list, full))
		}
	}
	return list
}

// String is the report as text for a terminal.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "NIR version %s: %d nodes, %d edges, %d neurons, %d parameters\n\n",
		r.Version, len(r.Nodes), len(r.Edges), r.Neurons, r.Parameters)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "node\ttype\tin\tout\tparameters\tleads to")
	for _, n := range r.Nodes {
		fmt.Fprintf(w, "%s\t%s\t%v\t%v\t%d\t%s\n", n.Name, n.Type, n.In, n.Out, n.Parameters, r.targets(n.Name))
	}
	w.Flush()
	r.writeMetadata(&b)
	for _, n := range r.Nested {
		fmt.Fprintf(&b, "nested graph: %s\n", n)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}

// writeMetadata lists the metadata of the graph, then that of its nodes.
func (r *Report) writeMetadata(b *strings.Builder) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for i, m := range r.Metadata {
		if i == 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(w, "%s\t%s\n", m.Key, m.Value)
	}
	w.Flush()
	for _, n := range r.Nodes {
		for i, m := range n.Metadata {
			if i == 0 {
				fmt.Fprintf(b, "\nnode %s\n", n.Name)
			}
			fmt.Fprintf(w, "  %s\t%s\n", m.Key, m.Value)
		}
		w.Flush()
	}
}

// targets lists where a node leads to; feedback is marked.
func (r *Report) targets(name string) string {
	var list []string
	for _, e := range r.Edges {
		if e.From != name {
			continue
		}
		if e.Feedback {
			e.To += " (next step)"
		}
		list = append(list, e.To)
	}
	return strings.Join(list, ", ")
}
