package nir

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ganglion/internal/hdf5"
)

// Options describe what [Read] lets pass. The zero value is strict.
type Options struct {
	// SkipTypeCheck lets graphs pass whose shapes do not fit together (see
	// [Graph.Check]); some files from before 2025 need it.
	SkipTypeCheck bool
	// AllowNonFinite lets NaN and infinities pass as parameters. Those of
	// neurons may be infinite in any case: without a leak, tau is.
	AllowNonFinite bool
}

// Limits of a file; doc.go states them in words.
const (
	maxNodes   = 1 << 14
	maxEdges   = 1 << 20
	maxNesting = 16
	maxFilled  = 1 << 25 // values that the file left out
)

// ReadFile reads the model in a file that [Open] knows. Errors name the file.
func ReadFile(path string, o Options) (*Model, error) {
	return readFile(path, func(src io.ReaderAt, size int64) (*Model, error) { return Read(src, size, o) })
}

// readFile opens a file and reads it whole.
func readFile[T any](path string, read func(io.ReaderAt, int64) (*T, error)) (*T, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, fmt.Errorf("nir: %w", err)
	}
	defer f.Close()
	v, err := read(f, size)
	if errors.Is(err, hdf5.ErrUnsupported) {
		err = fmt.Errorf("%w; h5repack, or reading and writing the file with the nir package, gives one without it", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// Read reads a model of size bytes.
func Read(src io.ReaderAt, size int64, o Options) (*Model, error) {
	f, err := hdf5.Open(src, size)
	if err != nil {
		return nil, err
	}
	r := reader{options: o, model: &Model{}}
	if err := r.version(f.Root()); err != nil {
		return nil, err
	}
	root, err := f.Root().Group("node")
	if err != nil && f.Root().Has("layer") {
		return nil, &nirError{Err: errors.New("a network of Lava (.net, as lava-dl's netx reads), not NIR: export it as NIR (nir.write) and " +
			"read that")}
	}
	if err != nil {
		return nil, &nirError{Err: fmt.Errorf("no NIR graph: %w", err)}
	}
	n, err := r.node("", root, 0)
	if err != nil {
		return nil, err
	}
	g, ok := n.Op.(*Graph)
	if !ok {
		return nil, &nirError{Err: fmt.Errorf("the file holds a single %s instead of a graph", n.Op.Type())}
	}
	r.model.Graph = g
	if !o.SkipTypeCheck {
		if err := g.Check(); err != nil {
			return nil, err
		}
	}
	return r.model, r.widen(g, nil)
}

// reader goes through the groups of a file.
type reader struct {
	options Options
	model   *Model
	nodes   int
	filled  int
}

func (r *reader) note(format string, args ...any) {
	if len(r.model.Notes) < 100 {
		r.model.Notes = append(r.model.Notes, fmt.Sprintf(format, args...))
	}
}

// leave notes that a file leaves a parameter out.
func (r *reader) leave(node, param string) {
	if r.model.Absent == nil {
		r.model.Absent = map[string][]string{}
	}
	r.model.Absent[node] = append(r.model.Absent[node], param)
}

// version reads /version, which the oldest files lack.
func (r *reader) version(root *hdf5.Group) error {
	d, err := root.Dataset("version")
	if errors.Is(err, hdf5.ErrNotFound) {
		r.note("the file names no version of nir")
		return nil
	}
	if err != nil {
		return &nirError{Param: "version", Err: err}
	}
	r.model.Version, err = readText(d)
	if err != nil {
		return &nirError{Param: "version", Err: err}
	}
	return nil
}

// node reads a node, a graph included. name is that of the node with its
// graphs', empty for the root.
func (r *reader) node(name string, g *hdf5.Group, depth int) (Node, error) {
	fail := func(kind, param string, err error) (Node, error) {
		return Node{}, &nirError{Node: name, Type: kind, Param: param, Err: err}
	}
	if r.nodes++; r.nodes > maxNodes {
		return fail("", "", fmt.Errorf("more than %d nodes", maxNodes))
	}
	d, err := g.Dataset("type")
	if err != nil {
		return fail("", "type", err)
	}
	kind, err := readText(d)
	if err != nil {
		return fail("", "type", err)
	}
	meta, err := r.metadata(name, g)
	if err != nil {
		return Node{}, err
	}
	if kind == "NIRGraph" {
		sub, err := r.graph(name, g, depth)
		if err != nil {
			return Node{}, err
		}
		sub.Metadata = meta
		return Node{Op: sub}, nil
	}
	op := newOp(kind)
	if op == nil {
		return fail("", "type", fmt.Errorf("unknown node type %q, which NIR does not have: see the tool that wrote it for an export of "+
			"NIR's own types", kind))
	}
	if param, err := r.parameters(name, op, g); err != nil {
		return fail(kind, param, err)
	}
	return Node{Op: op, Metadata: meta}, nil
}

// graph reads the nodes and edges of a graph.
func (r *reader) graph(name string, g *hdf5.Group, depth int) (*Graph, error) {
	if depth >= maxNesting {
		return nil, &nirError{Node: name, Err: fmt.Errorf("graphs nested more than %d deep", maxNesting)}
	}
	nodes, err := g.Group("nodes")
	if err != nil {
		return nil, &nirError{Node: name, Type: "NIRGraph", Err: err}
	}
	out := &Graph{}
	for _, key := range nodes.Names() {
		sub, err := nodes.Group(key)
		if err != nil {
			return nil, &nirError{Node: join(name, key), Err: err}
		}
		n, err := r.node(join(name, key), sub, depth+1)
		if err != nil {
			return nil, err
		}
		n.Name = key
		out.Nodes = append(out.Nodes, n)
	}
	if out.Edges, err = readEdges(g); err != nil {
		return nil, &nirError{Node: name, Type: "NIRGraph", Param: "edges", Err: err}
	}
	if n := out.Canonical(); n > 0 {
		r.note("graph %q: %d edges stand twice and count once", name, n)
	}
	if err := r.repair(name, out); err != nil {
		return nil, err
	}
	return out, nil
}

// readEdges reads (E, 2) strings; h5py stores an empty list as floats.
func readEdges(g *hdf5.Group) ([]Edge, error) {
	d, err := g.Dataset("edges")
	if err != nil {
		return nil, err
	}
	if d.Len() == 0 {
		return nil, nil
	}
	if len(d.Shape) != 2 || d.Shape[1] != 2 {
		return nil, fmt.Errorf("shape %v instead of [E 2]", d.Shape)
	}
	if d.Shape[0] > maxEdges {
		return nil, fmt.Errorf("%d edges, at most %d", d.Shape[0], maxEdges)
	}
	names, err := d.Strings()
	if err != nil {
		return nil, err
	}
	edges := make([]Edge, d.Shape[0])
	for i := range edges {
		edges[i] = Edge{names[2*i], names[2*i+1]}
	}
	return edges, nil
}

// repair mends a graph whose edges name one node by a part of its name: if
// exactly one name in the edges is not a node, exactly one node has no edge, and
// one of the two begins with the other, they are the same. Anything else that
// does not fit is an error.
func (r *reader) repair(name string, g *Graph) error {
	unknown, loose := loose(g)
	if len(unknown) == 0 {
		return nil
	}
	if len(unknown) == 1 && len(loose) == 1 && (strings.HasPrefix(loose[0], unknown[0]) || strings.HasPrefix(unknown[0], loose[0])) {
		for i := range g.Edges {
			for _, end := range []*string{&g.Edges[i].From, &g.Edges[i].To} {
				if *end == unknown[0] {
					*end = loose[0]
				}
			}
		}
		g.Canonical()
		r.note("graph %q: its edges name node %q as %q", name, loose[0], unknown[0])
		return nil
	}
	for _, u := range slices.Compact(slices.Sorted(slices.Values(unknown))) {
		if !r.flattened(name, g, u) {
			return &nirError{Node: join(name, u), Err: errors.New("an edge leads to or from it, but there is no such node")}
		}
	}
	g.Canonical()
	return nil
}

// flattened mends edges that name a nested graph that was taken apart: they lead
// to its Input and from its Output, or to and from its only neuron.
func (r *reader) flattened(name string, g *Graph, graph string) bool {
	entry, exit, neurons := "", "", 0
	for _, n := range g.Nodes {
		if !strings.HasPrefix(n.Name, graph+".") {
			continue
		}
		switch n.Op.(type) {
		case *Input:
			entry = n.Name
		case *Output:
			exit = n.Name
		}
		if Neuron(n.Op) {
			neurons++
		}
	}
	for _, n := range g.Nodes {
		if strings.HasPrefix(n.Name, graph+".") && Neuron(n.Op) && neurons == 1 {
			entry, exit = cmp.Or(entry, n.Name), cmp.Or(exit, n.Name)
		}
	}
	if entry == "" || exit == "" {
		return false
	}
	for i := range g.Edges {
		if e := &g.Edges[i]; e.To == graph {
			e.To = entry
		}
		if e := &g.Edges[i]; e.From == graph {
			e.From = exit
		}
	}
	r.note("graph %q: its edges name %q, whose nodes stand beside it: they lead to %q and from %q", name, graph, entry, exit)
	return true
}

// loose lists the names in edges that are not nodes, and the nodes without an
// edge.
func loose(g *Graph) (unknown, unwired []string) {
	wired := map[string]bool{}
	for _, n := range g.Nodes {
		wired[n.Name] = false
	}
	for _, e := range g.Edges {
		for _, name := range []string{e.From, e.To} {
			if _, ok := wired[name]; !ok {
				unknown = append(unknown, name)
			}
			wired[name] = true
		}
	}
	for _, n := range g.Nodes {
		if !wired[n.Name] {
			unwired = append(unwired, n.Name)
		}
	}
	return unknown, unwired
}
