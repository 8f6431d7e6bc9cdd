package nir

import (
	"bytes"
	"io"

	"ganglion/internal/hdf5"
	"ganglion/internal/outfile"
)

// deflateLevel is that of nir's own writer.
const deflateLevel = 4

// layoutVersion stands in a file whose model names no version: the version of
// nir whose files look like ours.
const layoutVersion = "1.0.7"

// WriteFile writes a model to a file, whole or not at all.
func WriteFile(path string, m *Model) error {
	var b bytes.Buffer // a graph that cannot be written touches no file
	if err := Write(&b, m); err != nil {
		return err
	}
	return outfile.Replace(path, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// Write writes a model so that h5py, the nir package and [Read] read it. The
// bytes depend on the model alone. Nothing is written when the graph is not
// whole: an edge without a node, a tensor without values, a wrong shape.
func Write(dst io.Writer, m *Model) error {
	w := hdf5.NewWriter(deflateLevel)
	version := m.Version
	if version == "" {
		version = layoutVersion
	}
	w.Root().Put("version", hdf5.Strings(nil, []string{version}))
	if err := writeGraph("", w.Root().Group("node"), m.Graph, m.Graph.Metadata); err != nil {
		return err
	}
	_, err := w.WriteTo(dst)
	return err
}

func writeGraph(name string, g *hdf5.GroupWriter, graph *Graph, meta Metadata) error {
	if _, err := graph.index(); err != nil {
		return err
	}
	g.Put("type", hdf5.Strings(nil, []string{graph.Type()}))
	ends := make([]string, 0, 2*len(graph.Edges))
	for _, e := range graph.Edges {
		ends = append(ends, e.From, e.To)
	}
	g.Put("edges", hdf5.Strings([]int{len(graph.Edges), 2}, ends))
	if err := writeMetadata(name, g, meta); err != nil {
		return err
	}
	nodes := g.Group("nodes")
	for _, n := range graph.Nodes {
		if err := writeNode(join(name, n.Name), nodes.Group(n.Name), &n); err != nil {
			return err
		}
	}
	return nil
}

func writeNode(name string, g *hdf5.GroupWriter, n *Node) error {
	if sub, ok := n.Op.(*Graph); ok {
		return writeGraph(name, g, sub, sub.Metadata)
	}
	if param, err := validate(n.Op); err != nil {
		return &nirError{Node: name, Type: n.Op.Type(), Param: param, Err: err}
	}
	g.Put("type", hdf5.Strings(nil, []string{n.Op.Type()}))
	for _, p := range params(n.Op) {
		if err := p.write(g); err != nil {
			return &nirError{Node: name, Type: n.Op.Type(), Param: p.name, Err: err}
		}
	}
	return writeMetadata(name, g, n.Metadata)
}

func writeMetadata(name string, g *hdf5.GroupWriter, m Metadata) error {
	if len(m) == 0 {
		return nil
	}
	if err := m.write(g.Group("metadata")); err != nil {
		return &nirError{Node: name, Err: err}
	}
	return nil
}

// write puts a parameter into its node's group; a shape that is not known is
// left out.
func (p *param) write(g *hdf5.GroupWriter) error {
	switch {
	case p.tensor != nil:
		return putTensor(g, p.name, p.tensor)
	case p.number != nil:
		g.Put(p.name, hdf5.Numbers(nil, []int64{int64(*p.number)}))
	case p.padding != nil && p.padding.Mode != "":
		g.Put(p.name, hdf5.Strings(nil, []string{p.padding.Mode}))
	case p.padding != nil:
		putInts(g, p.name, p.padding.Size, p.axes)
	case p.optional && *p.numbers == nil:
	default:
		putInts(g, p.name, *p.numbers, p.axes)
	}
	return nil
}

func putInts(g *hdf5.GroupWriter, name string, v []int, axes int) {
	wide := make([]int64, len(v))
	for i, x := range v {
		wide[i] = int64(x)
	}
	shape := []int{len(v)}
	if axes == 1 {
		shape = nil
	}
	g.Put(name, hdf5.Numbers(shape, wide))
}

func putTensor(g *hdf5.GroupWriter, name string, t *Tensor) error {
	if err := t.check(); err != nil {
		return err
	}
	switch {
	case t.F32 != nil:
		g.Put(name, hdf5.Numbers(t.Shape, t.F32))
	case t.F64 != nil:
		g.Put(name, hdf5.Numbers(t.Shape, t.F64))
	case t.I64 != nil:
		g.Put(name, hdf5.Numbers(t.Shape, t.I64))
	default:
		g.Put(name, hdf5.Bools(t.Shape, t.Bool))
	}
	return nil
}
