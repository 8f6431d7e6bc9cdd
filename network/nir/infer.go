package nir

import (
	"errors"
	"fmt"
	"slices"

	"ganglion/pipeline"
)

// Shapes are the sizes of a node's input and output, without batch and time.
type Shapes struct{ In, Out pipeline.Shape }

// Shapes infers the shapes of all nodes, in the order of Nodes. Where a node
// and its neighbour disagree on the shape, the number of values must be equal;
// [Graph.Check] is stricter. A node whose shape nothing tells is an error.
func (g *Graph) Shapes() ([]Shapes, error) { return g.infer("", nil, false) }

// Check infers the shapes of all nodes, those of nested graphs too, and
// reports the first edge whose ends differ, with the names and shapes of both.
func (g *Graph) Check() error {
	_, err := g.infer("", nil, true)
	return err
}

// inference carries shapes along the edges of one graph.
type inference struct {
	g      *Graph
	name   string // of the graph, for errors
	strict bool
	wires  []ends
	given  pipeline.Shape // what arrives at the Input of a nested graph; nil for the outermost
	next   [][]int        // nodes behind each node
	shapes []Shapes
	fed    map[string]bool // nodes that something leads to
}

// infer finds the shapes of a graph. given is what arrives at the Input of a
// nested graph that does not tell its shape.
func (g *Graph) infer(name string, given pipeline.Shape, strict bool) ([]Shapes, error) {
	wires, err := g.wires()
	if err != nil {
		return nil, err
	}
	x := inference{g: g, name: name, strict: strict, wires: wires, fed: map[string]bool{}}
	x.next, x.shapes = make([][]int, len(g.Nodes)), make([]Shapes, len(g.Nodes))
	for _, w := range wires {
		x.next[w.from] = append(x.next[w.from], w.to)
		x.fed[g.Nodes[w.to].Name] = true
	}
	for i, n := range g.Nodes {
		in := pipeline.Shape(nil)
		if _, ok := n.Op.(*Input); ok && given != nil {
			x.given, in = given, given
		}
		if err := x.settle(i, in); err != nil {
			return nil, err
		}
	}
	if err := x.fallback(); err != nil {
		return nil, err
	}
	return x.shapes, x.compare()
}

// settle sets the shapes of a node that gets in (nil: not known), and those of
// the nodes behind it that wait for them.
func (x *inference) settle(node int, in pipeline.Shape) error {
	type visit struct {
		node int
		in   pipeline.Shape
	}
	for queue := []visit{{node, in}}; len(queue) > 0; queue = queue[1:] {
		v := queue[0]
		if x.shapes[v.node].Out != nil {
			continue
		}
		n := &x.g.Nodes[v.node]
		s, err := x.shape(n, v.in)
		var within *nirError
		if errors.As(err, &within) {
			return err
		}
		if err != nil {
			return &nirError{Node: join(x.name, n.Name), Type: n.Op.Type(), Err: err}
		}
		x.shapes[v.node] = s
		if s.Out == nil {
			continue
		}
		for _, to := range x.next[v.node] {
			queue = append(queue, visit{to, s.Out})
		}
	}
	return nil
}

// shape is that of one node; Out is nil as long as more must be known.
func (x *inference) shape(n *Node, in pipeline.Shape) (Shapes, error) {
	sub, ok := n.Op.(*Graph)
	if input, entry := n.Op.(*Input); entry && x.given != nil && pipeline.Shape(input.Shape).Size() != x.given.Size() {
		return Shapes{x.given, x.given}, nil // Rockpool repeats the outer graph's shape there: what arrives counts
	}
	if !ok {
		return opShapes(n.Op, in)
	}
	entry, err := port[*Input](sub)
	if err != nil {
		return Shapes{}, err
	}
	exit, err := port[*Output](sub)
	if err != nil {
		return Shapes{}, err
	}
	if in == nil && sub.Nodes[entry].Op.(*Input).Shape == nil {
		return Shapes{}, nil
	}
	inner, err := sub.infer(join(x.name, n.Name), in, x.strict)
	switch {
	case err != nil && in == nil && x.fed[n.Name]:
		return Shapes{}, nil // what arrives will tell
	case err != nil:
		return Shapes{}, err // names the node within
	}
	return Shapes{inner[entry].In, inner[exit].Out}, nil
}

// fallback gives nodes of a single value, or with axes of length 1, that nothing
// leads to their own shape, and finds nodes that are still unknown.
func (x *inference) fallback() error {
	for i, s := range x.shapes {
		if p := params(x.g.Nodes[i].Op); s.Out == nil && len(p) > 0 && p[0].tensor != nil {
			own := pipeline.Shape(p[0].tensor.Shape)
			if p[0].tensor.Len() == 1 {
				own = pipeline.Shape{1}
			}
			if err := x.settle(i, own); err != nil {
				return err
			}
		}
	}
	for i, s := range x.shapes {
		if n := &x.g.Nodes[i]; s.Out == nil {
			return &nirError{Node: join(x.name, n.Name), Type: n.Op.Type(), Err: errors.New("nothing tells the shape of its input")}
		}
	}
	return nil
}

// compare checks both ends of every edge, those of the first nodes first.
func (x *inference) compare() error {
	order, err := x.g.Order()
	if err != nil {
		return err
	}
	rank := make([]int, len(order.Nodes))
	for at, n := range order.Nodes {
		rank[n] = at
	}
	wires := slices.Clone(x.wires)
	slices.SortStableFunc(wires, func(a, b ends) int { return rank[a.to] - rank[b.to] })
	for _, w := range wires {
		from, to := &x.g.Nodes[w.from], &x.g.Nodes[w.to]
		out, in := x.shapes[w.from].Out, x.shapes[w.to].In
		if slices.Equal(out, in) || out.Size() == in.Size() && (!x.strict || alike(out, in) || batched(from.Op, x.shapes[w.from].In, in)) {
			continue
		}
		remedy := ""
		if out.Size() == in.Size() {
			remedy = "; the number of values fits, so it runs with --no-type-check (in a pipeline, strict: false)"
		}
		return &nirError{Node: join(x.name, to.Name), Type: to.Op.Type(), Err: fmt.Errorf(
			"takes the shape %v, but gets %v from node %q (%s)%s", in, out, join(x.name, from.Name), from.Op.Type(), remedy)}
	}
	return nil
}

// alike reports whether shapes differ by a leading batch axis of 1 alone, or hold
// one value.
func alike(a, b pipeline.Shape) bool {
	return a.Size() == 1 || slices.Equal(unbatched(a, len(b)), unbatched(b, len(a)))
}

// batched reports whether a Flatten gives the wanted shape if its dimensions
// count a batch axis.
func batched(op Op, in, want pipeline.Shape) bool {
	f, ok := op.(*Flatten)
	if !ok || f.StartDim < 1 {
		return false
	}
	end := f.EndDim
	if end > 0 {
		end--
	}
	out, err := flatten(in, f.StartDim-1, end)
	return err == nil && slices.Equal(out, want)
}
