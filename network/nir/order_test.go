package nir

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// wire makes a graph of edges "a>b": nodes that begin with n are neurons,
// with i inputs, everything else is linear.
func wire(edges string) *Graph {
	g := &Graph{}
	known := map[string]bool{}
	for _, e := range strings.Fields(edges) {
		from, to, _ := strings.Cut(e, ">")
		g.Edges = append(g.Edges, Edge{from, to})
		for _, name := range []string{from, to} {
			if known[name] {
				continue
			}
			known[name] = true
			var op Op = &Linear{ones(1, 1)}
			switch name[0] {
			case 'n':
				op = lif(1)
			case 'i':
				op = &Input{Shape: []int{1}}
			}
			g.Nodes = append(g.Nodes, Node{Name: name, Op: op})
		}
	}
	g.Canonical()
	return g
}

func TestTheOrderCutsCyclesAtTheirEntry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ edges, order, feedback string }{
		"a chain":                            {"i>a a>n n>z", "i a n z", ""},
		"names against the order":            {"i>z z>n n>a", "i z n a", ""},
		"branches that meet":                 {"i>a i>b a>n b>n", "i a b n", ""},
		"a recurrent layer":                  {"i>fc fc>n n>rec rec>n n>out", "i fc n rec out", "rec>n"},
		"a neuron that leads to itself":      {"i>n n>n n>z", "i n z", "n>n"},
		"a recurrence that enters by a wire": {"i>a a>n n>a n>z", "i a n z", "n>a"},
		"two layers that feed back":          {"i>n1 n1>a a>n2 n2>b b>n1 n2>z", "i n1 a n2 b z", "b>n1"},
		"a cycle in a cycle":                 {"i>n1 n1>n2 n2>n2 n2>n1", "i n1 n2", "n2>n1 n2>n2"},
		"a cycle that nothing leads to":      {"b>n n>b", "n b", "b>n"},
		"two cycles, one behind the other":   {"n1>a a>n1 n1>n2 n2>b b>n2", "n1 a n2 b", "a>n1 b>n2"},
	} {
		t.Run(name, func(t *testing.T) {
			g := wire(c.edges)
			o, err := g.Order()
			if err != nil {
				t.Fatal(err)
			}
			var names, feedback []string
			for _, i := range o.Nodes {
				names = append(names, g.Nodes[i].Name)
			}
			for i, e := range g.Edges {
				if o.Feedback[i] {
					feedback = append(feedback, e.From+">"+e.To)
				}
			}
			if got := strings.Join(names, " "); got != c.order {
				t.Errorf("order %q, want %q", got, c.order)
			}
			if got := strings.Join(feedback, " "); got != c.feedback {
				t.Errorf("feedback %q, want %q", got, c.feedback)
			}
		})
	}
}

func TestAnyOrderLeadsForwardButForFeedbackOnCycles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := wiring(t)
		o, err := g.Order()
		if err != nil {
			t.Fatal(err)
		}
		place := map[string]int{}
		for at, i := range o.Nodes {
			place[g.Nodes[i].Name] = at
		}
		if len(place) != len(g.Nodes) {
			t.Fatalf("%d of %d nodes placed", len(place), len(g.Nodes))
		}
		for i, e := range g.Edges {
			if forward := place[e.From] < place[e.To]; forward == o.Feedback[i] {
				t.Errorf("edge %v: forward %v, feedback %v", e, forward, o.Feedback[i])
			}
			if o.Feedback[i] && !leads(g, e.To, e.From, map[string]bool{}) {
				t.Errorf("edge %v is feedback, but on no cycle", e)
			}
		}
		shuffled := &Graph{Nodes: g.Nodes, Edges: rapid.Permutation(g.Edges).Draw(t, "edges")}
		again, err := shuffled.Order()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.Nodes, again.Nodes) {
			t.Errorf("the order depends on that of the edges: %v, %v", o.Nodes, again.Nodes)
		}
	})
}

// leads reports whether there is a way from one node to another.
func leads(g *Graph, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, e := range g.Edges {
		if e.From == from && leads(g, e.To, to, seen) {
			return true
		}
	}
	return false
}

func TestALongChainIsOrdered(t *testing.T) {
	t.Parallel()
	g := &Graph{}
	for i := range 5000 {
		g.Nodes = append(g.Nodes, Node{Name: fmt.Sprintf("n%05d", i), Op: lif(1)})
		if i > 0 {
			g.Edges = append(g.Edges, Edge{g.Nodes[i-1].Name, g.Nodes[i].Name})
		}
	}
	o, err := g.Order()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(o.Nodes) {
		t.Error("the chain is out of order")
	}
}

func TestNestedGraphsBecomeFlat(t *testing.T) {
	t.Parallel()
	g, err := sample().Graph.Flat()
	if err != nil {
		t.Fatal(err)
	}
	var names, edges []string
	for _, n := range g.Nodes {
		if strings.HasPrefix(n.Name, "sub") {
			names = append(names, n.Name)
		}
	}
	for _, e := range g.Edges {
		if strings.HasPrefix(e.From, "sub") || strings.HasPrefix(e.To, "sub") {
			edges = append(edges, e.From+">"+e.To)
		}
	}
	slices.Sort(edges)
	if diff := cmp.Diff([]string{"sub.lif", "sub.rec"}, names); diff != "" {
		t.Error(diff)
	}
	want := []string{"affine>sub.lif", "cubalif>sub.lif", "sub.lif>delay", "sub.lif>sub.rec", "sub.rec>sub.lif"}
	if diff := cmp.Diff(want, edges); diff != "" {
		t.Error(diff)
	}
	if err := g.Check(); err != nil {
		t.Error(err)
	}
}

func TestNestsThatCannotBecomeFlatAreNamed(t *testing.T) {
	t.Parallel()
	through := func() *Graph { return chain(&Input{Shape: []int{1}}, &Output{Shape: []int{1}}) }
	deep := &Graph{}
	for g, i := deep, 0; i < maxNesting+1; i++ {
		sub := through()
		g.Nodes = append(g.Nodes, Node{Name: "g", Op: sub})
		g = sub
	}
	twice := chain(&Input{Shape: []int{1}}, through(), &Output{Shape: []int{1}})
	twice.Edges = append(twice.Edges, Edge{"a", "c"})
	clash := chain(&Input{Shape: []int{1}}, chain(&Input{Shape: []int{1}}, lif(1), &Output{Shape: []int{1}}))
	clash.Nodes = append(clash.Nodes, Node{Name: "b.b", Op: lif(1)})
	loop := &Graph{Nodes: []Node{{Name: "g", Op: through()}}, Edges: []Edge{{"g", "g"}}}
	for name, c := range map[string]struct {
		graph *Graph
		want  string
	}{
		"too deep":                    {deep, "nested more than 16 deep"},
		"a way through and past":      {twice, `node "a" leads to "c" both through it and past it`},
		"a name that is taken":        {clash, `node "b.b": two nodes of that name`},
		"a wire that leads to itself": {loop, "a wire that leads to itself"},
		"no input": {&Graph{Nodes: []Node{{Name: "g", Op: chain(&Output{})}}},
			`node "g" (NIRGraph): nested graph without a node of type Input`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := c.graph.Flat(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestAWayThroughANestedGraphBecomesAnEdge(t *testing.T) {
	t.Parallel()
	g, err := chain(&Input{Shape: []int{1}}, chain(&Input{Shape: []int{1}}, &Output{}), &Output{}).Flat()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Edge{{"a", "c"}}, g.Edges); diff != "" || len(g.Nodes) != 2 {
		t.Errorf("%d nodes, edges %s", len(g.Nodes), diff)
	}
}
