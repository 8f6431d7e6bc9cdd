package nir

// Order is in which sequence the nodes of a graph are computed in one step.
type Order struct {
	Nodes    []int  // positions in Graph.Nodes
	Feedback []bool // by edge: it carries the output of the step before
}

// Order sorts the nodes so that every edge that is not feedback leads forward.
//
// An edge is feedback only where a cycle demands it. Each set of nodes that
// lie on cycles with each other is entered at one node, the entry, and the
// edges that lead to the entry from within the set are feedback; what is left
// of the set is sorted in the same way. The entry is the node that something
// before the set leads to; of several such, or if there is none, a neuron
// before others, then the first in Nodes. So in a recurrent layer
//
//	input -> fc -> lif -> out    lif -> rec -> lif
//
// the entry is lif and rec -> lif is feedback: a neuron sees the recurrent
// spikes of the step before, as the simulators that write NIR have it.
//
// The order depends on Nodes and on the set of edges alone.
func (g *Graph) Order() (Order, error) {
	wires, err := g.wires()
	if err != nil {
		return Order{}, err
	}
	s := sorter{g: g, wires: wires, out: make([][]int, len(g.Nodes)), in: make([][]int, len(g.Nodes))}
	s.order.Feedback = make([]bool, len(wires))
	s.placed, s.group = make([]bool, len(g.Nodes)), make([]int, len(g.Nodes))
	for e, w := range wires {
		s.out[w.from] = append(s.out[w.from], e)
		s.in[w.to] = append(s.in[w.to], e)
	}
	all := make([]int, len(g.Nodes))
	for i := range all {
		all[i] = i
	}
	s.sort(all)
	return s.order, nil
}

type sorter struct {
	g       *Graph
	wires   []ends
	in, out [][]int // edges by node
	order   Order
	placed  []bool
	group   []int // the set of nodes that is being sorted, 0 for placed ones
	groups  int
}

// sort places a set of nodes.
func (s *sorter) sort(set []int) {
	s.groups++
	for _, n := range set {
		s.group[n] = s.groups
	}
	for _, cycle := range s.components(set) {
		if len(cycle) > 1 || s.loops(cycle[0]) {
			s.cut(cycle)
			continue
		}
		s.place(cycle[0])
	}
}

func (s *sorter) place(n int) {
	s.order.Nodes = append(s.order.Nodes, n)
	s.placed[n], s.group[n] = true, 0
}

// loops reports whether a node leads to itself.
func (s *sorter) loops(n int) bool {
	for _, e := range s.out[n] {
		if s.wires[e].to == n {
			return true
		}
	}
	return false
}

// cut places a cycle: its entry, then the rest.
func (s *sorter) cut(cycle []int) {
	entry, best := cycle[0], -1
	member := make(map[int]bool, len(cycle))
	for _, n := range cycle {
		member[n] = true
	}
	for _, n := range cycle {
		rank := 0
		if Neuron(s.g.Nodes[n].Op) {
			rank++
		}
		for _, e := range s.in[n] {
			if s.placed[s.wires[e].from] {
				rank |= 2
			}
		}
		if rank > best || rank == best && n < entry {
			entry, best = n, rank
		}
	}
	for _, e := range s.in[entry] {
		if member[s.wires[e].from] {
			s.order.Feedback[e] = true
		}
	}
	s.place(entry)
	rest := make([]int, 0, len(cycle)-1)
	for _, n := range cycle {
		if n != entry {
			rest = append(rest, n)
		}
	}
	s.sort(rest)
}
