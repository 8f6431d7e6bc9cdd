package nir

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAModelThatWasWrittenIsReadBackEqual(t *testing.T) {
	t.Parallel()
	m := sample()
	got, err := decode(encode(t, m), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	if !bytes.Equal(encode(t, m), encode(t, got)) {
		t.Error("written again, the bytes differ")
	}
}

func TestASpecificModelIsTypedAllTheWay(t *testing.T) {
	t.Parallel()
	if err := sample().Graph.Check(); err != nil {
		t.Error(err)
	}
}

// wiring is a graph of n nodes of one value with random edges.
func wiring(t *rapid.T) *Graph {
	n := rapid.IntRange(1, 12).Draw(t, "nodes")
	g := &Graph{}
	for i := range n {
		ops := []Op{&Linear{ones(1, 1)}, lif(1), &Input{Shape: []int{1}}, &Output{Shape: []int{1}}, &Scale{ones(1)}}
		op := rapid.SampledFrom(ops).Draw(t, "op")
		g.Nodes = append(g.Nodes, Node{Name: fmt.Sprintf("n%02d", i), Op: op})
	}
	name := rapid.IntRange(0, n-1)
	for range rapid.IntRange(0, 3*n).Draw(t, "edges") {
		g.Edges = append(g.Edges, Edge{g.Nodes[name.Draw(t, "from")].Name, g.Nodes[name.Draw(t, "to")].Name})
	}
	g.Canonical()
	return g
}

func TestAnyWiringIsReadBackEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &Model{Version: "x", Graph: wiring(t)}
		var b bytes.Buffer
		if err := Write(&b, m); err != nil {
			t.Fatal(err)
		}
		got, err := decode(b.Bytes(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Errorf("read back (-written +read):\n%s", diff)
		}
	})
}

func TestWhatIsNotWholeIsNotWritten(t *testing.T) {
	t.Parallel()
	one := func(op Op) *Graph { return &Graph{Nodes: []Node{{Name: "n", Op: op}}} }
	for name, c := range map[string]struct {
		graph *Graph
		want  string
	}{
		"an edge to nowhere":    {&Graph{Nodes: one(lif(1)).Nodes, Edges: []Edge{{"n", "m"}}}, `nir: node "m": edge "n" to "m": no such node`},
		"two nodes of a name":   {&Graph{Nodes: append(one(lif(1)).Nodes, one(lif(1)).Nodes...)}, `nir: node "n": two nodes of that name`},
		"a node without a type": {one(nil), `nir: node "n": node without a type`},
		"too few values": {one(&Linear{Float32([]int{2, 2}, []float32{1})}),
			`nir: node "n" (Linear): weight: 1 values for the shape [2 2]`},
		"parameters that differ": {one(&LI{ones(2), ones(2), ones(3)}), `nir: node "n" (LI): v_leak: shape [3], but tau has the shape [2]`},
		"a missing parameter":    {one(&IF{R: ones(1), VThreshold: ones(1)}), `nir: node "n" (IF): v_reset: 0 values for the shape []`},
		"a nested fault":         {one(one(&Linear{ones(3)})), `nir: node "n.n" (Linear): weight: shape [3] is not a matrix`},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			err := Write(&b, &Model{Graph: c.graph})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if b.Len() != 0 {
				t.Errorf("%d bytes were written", b.Len())
			}
		})
	}
}
