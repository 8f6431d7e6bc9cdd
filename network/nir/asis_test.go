package nir

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"ganglion/internal/hdf5"
	"ganglion/pipeline"
)

func lifs(n int) *LIF {
	return &LIF{Tau: half(n), R: half(n), VLeak: half(n), VThreshold: half(n), VReset: half(n)}
}

func square(out, in int) *Linear {
	return &Linear{Weight: Float32([]int{out, in}, make([]float32, out*in))}
}

func wired(names ...string) (edges []Edge) {
	for i := range len(names) - 1 {
		edges = append(edges, Edge{names[i], names[i+1]})
	}
	return edges
}

// TestAnInnerInputMayRepeatTheOuterShape reads what Rockpool's exporter writes:
// the Input of a recurrent layer has the shape of the whole network's.
func TestAnInnerInputMayRepeatTheOuterShape(t *testing.T) {
	t.Parallel()
	inner := func(input int) *Graph {
		return &Graph{
			Nodes: []Node{{Name: "input", Op: &Input{Shape: []int{input}}}, {Name: "lif", Op: lifs(6)}, {Name: "rec", Op: square(6, 6)},
				{Name: "output", Op: &Output{Shape: []int{6}}}},
			Edges: append(wired("input", "lif", "output"), wired("lif", "rec", "lif")...),
		}
	}
	for _, name := range []string{"a", "z"} { // before and behind the node that leads to it
		g := &Graph{
			Nodes: []Node{{Name: "input", Op: &Input{Shape: []int{5}}}, {Name: "fc", Op: square(6, 5)}, {Name: name, Op: inner(5)},
				{Name: "output", Op: &Output{Shape: []int{6}}}},
			Edges: wired("input", "fc", name, "output"),
		}
		if _, err := decode(encode(t, &Model{Graph: g}), Options{}); err != nil {
			t.Error(err)
		}
		g.Nodes[1].Op = square(7, 5) // neither the layer's 6 nor the network's 5
		if _, err := decode(encode(t, &Model{Graph: g}), Options{}); err == nil || !strings.Contains(err.Error(), name+".lif") {
			t.Errorf("a layer of 6 behind 7 values: %v", err)
		}
	}
}

// TestEdgesMayNameAGraphThatWasTakenApart wants edges to the name of a nested
// graph whose nodes stand beside it, with its ports or without.
func TestEdgesMayNameAGraphThatWasTakenApart(t *testing.T) {
	t.Parallel()
	for _, ports := range []bool{false, true} {
		g := &Graph{
			Nodes: []Node{
				{Name: "input", Op: &Input{Shape: []int{5}}}, {Name: "fc", Op: square(6, 5)}, {Name: "output", Op: &Output{Shape: []int{6}}},
				{Name: "r1.lif", Op: lifs(6)}, {Name: "r1.rec", Op: square(6, 6)}, {Name: "r2.lif", Op: lifs(6)}, {Name: "r2.rec", Op: square(6, 6)},
			},
			Edges: append(wired("input", "fc", "r1", "r2", "output"), append(wired("r1.lif", "r1.rec", "r1.lif"),
				wired("r2.lif", "r2.rec", "r2.lif")...)...),
		}
		if ports {
			for _, r := range []string{"r1", "r2"} {
				g.Nodes = append(g.Nodes, Node{Name: r + ".input", Op: &Input{Shape: []int{6}}},
					Node{Name: r + ".output", Op: &Output{Shape: []int{6}}})
				g.Edges = append(g.Edges, wired(r+".input", r+".lif", r+".output")...)
			}
		}
		m, err := decode(rawEdges(t, g), Options{})
		if err != nil {
			t.Fatal(err)
		}
		flat, err := m.Graph.Flat()
		if err != nil {
			t.Fatal(err)
		}
		want := append(wired("input", "fc", "r1.lif", "r2.lif", "output"), append(wired("r1.lif", "r1.rec", "r1.lif"),
			wired("r2.lif", "r2.rec", "r2.lif")...)...)
		if len(flat.Nodes) != 7 || len(flat.Edges) != len(want) {
			t.Fatalf("%d nodes, %v", len(flat.Nodes), flat.Edges)
		}
		for _, e := range want {
			if !slices.Contains(flat.Edges, e) {
				t.Errorf("ports %v: no edge %v", ports, e)
			}
		}
		if shapes, err := flat.Shapes(); err != nil || !slices.Equal(shapes[0].Out, pipeline.Shape{6}) {
			t.Errorf("%v, %v", shapes, err)
		}
	}
}

// rawEdges writes a graph whose edges name nodes that do not exist.
func rawEdges(t *testing.T, g *Graph) []byte {
	t.Helper()
	w := hdf5.NewWriter(0)
	root := w.Root().Group("node")
	root.Put("type", hdf5.Strings(nil, []string{"NIRGraph"}))
	var ends []string
	for _, e := range g.Edges {
		ends = append(ends, e.From, e.To)
	}
	root.Put("edges", hdf5.Strings([]int{len(g.Edges), 2}, ends))
	nodes := root.Group("nodes")
	for _, n := range g.Nodes {
		sub := nodes.Group(n.Name)
		sub.Put("type", hdf5.Strings(nil, []string{n.Op.Type()}))
		for _, p := range params(n.Op) {
			switch {
			case p.tensor != nil:
				if err := putTensor(sub, p.name, p.tensor); err != nil {
					t.Fatal(err)
				}
			case p.numbers != nil:
				sub.Put(p.name, hdf5.Numbers([]int{1}, []int64{int64((*p.numbers)[0])}))
			}
		}
	}
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestLavasOwnFilesAreNamed wants what the file is, and what to do with it.
func TestLavasOwnFilesAreNamed(t *testing.T) {
	t.Parallel()
	w := hdf5.NewWriter(0)
	w.Root().Group("layer").Group("0").Put("type", hdf5.Strings([]int{1}, []string{"input"}))
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := decode(b.Bytes(), Options{}); err == nil || !strings.Contains(err.Error(), "a network of Lava") {
		t.Error(err)
	}
}
