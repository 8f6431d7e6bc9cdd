package nir

import "slices"

// components are the strongly connected components of the current group, in
// an order in which edges between them lead forward (Tarjan, SIAM J. Comput.
// 1, 146, 1972). Nodes are taken in ascending order, so that the result does
// not depend on the order of the edges. It keeps a stack of its own: a chain
// may be as long as a file has nodes.
func (s *sorter) components(set []int) [][]int {
	t := tarjan{s: s, number: make(map[int]int, len(set)), low: make(map[int]int, len(set)), open: make(map[int]bool)}
	for _, n := range slices.Backward(slices.Sorted(slices.Values(set))) {
		if t.number[n] == 0 {
			t.walk(n)
		}
	}
	slices.Reverse(t.found)
	return t.found
}

type tarjan struct {
	s           *sorter
	number, low map[int]int
	open        map[int]bool // on the stack of nodes without a component
	stack       []int
	found       [][]int
}

// frame is a node whose successors are being visited.
type frame struct {
	node int
	next []int // successors to come
}

func (t *tarjan) walk(root int) {
	frames := []frame{t.enter(root)}
	for len(frames) > 0 {
		top := &frames[len(frames)-1]
		if len(top.next) == 0 {
			t.leave(top.node)
			done := top.node
			if frames = frames[:len(frames)-1]; len(frames) > 0 {
				above := frames[len(frames)-1].node
				t.low[above] = min(t.low[above], t.low[done])
			}
			continue
		}
		to := top.next[0]
		top.next = top.next[1:]
		switch {
		case t.number[to] == 0:
			frames = append(frames, t.enter(to))
		case t.open[to]:
			t.low[top.node] = min(t.low[top.node], t.number[to])
		}
	}
}

// enter numbers a node and lists its successors within the group, the last
// first: what is found later comes earlier in the end.
func (t *tarjan) enter(n int) frame {
	t.number[n] = len(t.number) + 1
	t.low[n] = t.number[n]
	t.stack = append(t.stack, n)
	t.open[n] = true
	var next []int
	for _, e := range t.s.out[n] {
		to := t.s.wires[e].to
		if t.s.group[to] == t.s.group[n] && !t.s.order.Feedback[e] {
			next = append(next, to)
		}
	}
	slices.Sort(next)
	slices.Reverse(next)
	return frame{n, next}
}

// leave closes a component when n is the first of its nodes.
func (t *tarjan) leave(n int) {
	if t.low[n] != t.number[n] {
		return
	}
	i := len(t.stack) - 1
	for t.stack[i] != n {
		i--
	}
	part := slices.Clone(t.stack[i:])
	for _, m := range part {
		t.open[m] = false
	}
	t.stack = t.stack[:i]
	slices.Sort(part)
	t.found = append(t.found, part)
}
