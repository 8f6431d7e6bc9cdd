package nir

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ganglion/internal/hdf5"
	"ganglion/pipeline"
)

// raw is a file with a graph that a function builds.
func raw(t *testing.T, build func(root, node *hdf5.GroupWriter)) []byte {
	t.Helper()
	w := hdf5.NewWriter(0)
	node := w.Root().Group("node")
	build(w.Root(), node)
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func text(g *hdf5.GroupWriter, key string, values ...string) {
	shape := []int(nil)
	if len(values) != 1 {
		shape = []int{len(values)}
	}
	g.Put(key, hdf5.Strings(shape, values))
}

// TestGraphsOfAbsurdStructureAreRefused reads files that are sound HDF5 but
// hold no graph, or one beyond the limits.
func TestGraphsOfAbsurdStructureAreRefused(t *testing.T) {
	t.Parallel()
	graph := func(g *hdf5.GroupWriter) {
		text(g, "type", "NIRGraph")
		g.Put("edges", hdf5.Strings([]int{0, 2}, nil))
	}
	for name, c := range map[string]struct {
		build func(root, node *hdf5.GroupWriter)
		want  string
	}{
		"a single node": {func(_, n *hdf5.GroupWriter) {
			text(n, "type", "Scale")
			n.Put("scale", hdf5.Numbers([]int{1}, []float32{1}))
		}, "a single Scale instead of a graph"},
		"a type of two strings": {func(_, n *hdf5.GroupWriter) { text(n, "type", "NIR", "Graph") }, "2 strings instead of one"},
		"edges of three ends": {func(_, n *hdf5.GroupWriter) {
			text(n, "type", "NIRGraph")
			n.Put("edges", hdf5.Strings([]int{1, 3}, []string{"a", "b", "c"}))
			n.Group("nodes")
		}, "shape [1 3] instead of [E 2]"},
		"a nest without end": {func(_, n *hdf5.GroupWriter) {
			for range maxNesting + 1 {
				graph(n)
				n = n.Group("nodes").Group("g")
			}
			graph(n)
			n.Group("nodes")
		}, "nested more than 16 deep"},
		"nodes without end": {func(_, n *hdf5.GroupWriter) {
			graph(n)
			nodes := n.Group("nodes")
			for i := range maxNodes + 1 {
				text(nodes.Group("n"+strconv.Itoa(i)), "type", "Output")
			}
		}, "more than 16384 nodes"},
		"parameters of two dimensions": {func(_, n *hdf5.GroupWriter) {
			graph(n)
			p := n.Group("nodes").Group("p")
			text(p, "type", "SumPool2d")
			for _, key := range []string{"kernel_size", "stride", "padding"} {
				p.Put(key, hdf5.Numbers([]int{3}, []int64{1, 1, 1}))
			}
		}, `node "p" (SumPool2d): kernel_size: 3 values for 2 dimensions`},
		"a dimension of two values": {func(_, n *hdf5.GroupWriter) {
			graph(n)
			p := n.Group("nodes").Group("p")
			text(p, "type", "Flatten")
			p.Put("start_dim", hdf5.Numbers([]int{2}, []int64{1, 1}))
		}, `node "p" (Flatten): start_dim: shape [2] instead of a single value`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode(raw(t, c.build), Options{SkipTypeCheck: true}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestMetadataThatIsNoGroupIsLeftOut reads on and says so.
func TestMetadataThatIsNoGroupIsLeftOut(t *testing.T) {
	t.Parallel()
	b := raw(t, func(_, n *hdf5.GroupWriter) {
		text(n, "type", "NIRGraph")
		n.Put("edges", hdf5.Strings([]int{0, 2}, nil))
		n.Put("metadata", hdf5.Numbers(nil, []float64{1}))
		n.Group("nodes")
	})
	m, err := decode(b, Options{SkipTypeCheck: true})
	if err != nil || m.Graph.Metadata != nil || !strings.Contains(strings.Join(m.Notes, "\n"), "metadata is not a group: left out") {
		t.Errorf("%v, %v", m, err)
	}
}

// TestParametersThatFitNothingAreNamed validates operations that a program
// made, before they are written.
func TestParametersThatFitNothingAreNamed(t *testing.T) {
	t.Parallel()
	conv := func(change func(*Conv)) *Conv {
		c := conv2(ones(2, 1, 3, 3), 1, 1, 1, Padding{Mode: "valid"})
		change(c)
		return c
	}
	for name, c := range map[string]struct {
		op   Op
		want string
	}{
		"an affine vector":    {&Affine{ones(3), ones(3)}, "weight: shape [3] is not a matrix"},
		"a bias for three":    {conv(func(c *Conv) { c.Bias = ones(3) }), "bias: shape [3] for 2 outputs"},
		"an input of nothing": {conv(func(c *Conv) { c.InputShape = []int{0, 3} }), "input_shape"},
		"a stride of nothing": {conv(func(c *Conv) { c.Stride = []int{1, 0} }), "stride: [1 0]"},
		"one dilation":        {conv(func(c *Conv) { c.Dilation = []int{1} }), "dilation: [1]"},
		"strides with the same": {conv(func(c *Conv) { c.Stride, c.Padding = []int{2, 2}, Padding{Mode: "same"} }),
			`padding: "same" with stride [2 2]`},
		"padding of one axis":    {conv(func(c *Conv) { c.Padding = Padding{Size: []int{1}} }), "in 2 dimensions"},
		"padding without a name": {conv(func(c *Conv) { c.Padding = Padding{Mode: "full"} }), `"full"`},
		"a pool that stands":     {&Pool{Kernel: []int{2, 2}, Stride: []int{0, 1}, Padding: []int{0, 0}}, "stride: [0 1]"},
		"a pool that shrinks":    {&Pool{Kernel: []int{2, 2}, Stride: []int{1, 1}, Padding: []int{-1, 0}}, "padding: [-1 0]"},
		"neurons of no values":   {&Threshold{Float32([]int{0}, nil)}, "0 values for the shape [0]"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Write(&bytes.Buffer{}, &Model{Graph: chain(c.op)})
			if err == nil {
				_, err = decode(encode(t, &Model{Graph: chain(c.op)}), Options{SkipTypeCheck: true})
			}
			if err == nil || !strings.Contains(err.Error(), `node "a" (`+c.op.Type()+`)`) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestTensorsThatAreNotWholeAreNotWritten writes metadata and parameters whose
// values do not fill their shape.
func TestTensorsThatAreNotWholeAreNotWritten(t *testing.T) {
	t.Parallel()
	broken := Tensor{Shape: []int{3}, F32: []float32{1}}
	for name, g := range map[string]*Graph{
		"a parameter":        chain(&Scale{broken}),
		"metadata":           {Metadata: Metadata{{"m", broken}}},
		"nested metadata":    {Metadata: Metadata{{"group", Metadata{{"m", broken}}}}},
		"metadata of a node": {Nodes: []Node{{Name: "a", Op: &Output{}, Metadata: Metadata{{"m", broken}}}}},
	} {
		if err := Write(&bytes.Buffer{}, &Model{Graph: g}); err == nil || !strings.Contains(err.Error(), "nir: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEdgesToNowhereAreRefusedEverywhere asks for shapes, order and the flat
// graph of graphs whose edges or names do not hold.
func TestEdgesToNowhereAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	nowhere := &Graph{Nodes: []Node{{Name: "a", Op: &Output{}}}, Edges: []Edge{{"a", "b"}}}
	twice := &Graph{Nodes: []Node{{Name: "a", Op: &Output{}}, {Name: "a", Op: &Output{}}}}
	for name, g := range map[string]*Graph{"an edge to nowhere": nowhere, "two nodes of one name": twice} {
		if _, err := g.Shapes(); err == nil {
			t.Errorf("%s: shapes", name)
		}
		if _, err := g.Order(); err == nil {
			t.Errorf("%s: order", name)
		}
		if _, err := Describe(&Model{Graph: g}); err == nil {
			t.Errorf("%s: report", name)
		}
		if _, err := chain(&Input{Shape: []int{1}}, g, &Output{}).Flat(); err == nil {
			t.Errorf("%s: flat", name)
		}
	}
}

// TestAGraphThatExplodesWhenFlattenedIsRefused wires everything before a nested
// graph to everything behind it through one wire.
func TestAGraphThatExplodesWhenFlattenedIsRefused(t *testing.T) {
	t.Parallel()
	g := &Graph{Nodes: []Node{{Name: "wire", Op: chain(&Input{}, &Output{})}}}
	const many = 1100 // its square is above the limit
	for i := range many {
		g.Nodes = append(g.Nodes, Node{Name: "in" + strconv.Itoa(i), Op: &Output{}}, Node{Name: "out" + strconv.Itoa(i), Op: &Output{}})
		g.Edges = append(g.Edges, Edge{"in" + strconv.Itoa(i), "wire"}, Edge{"wire", "out" + strconv.Itoa(i)})
	}
	if _, err := g.Flat(); err == nil || !strings.Contains(err.Error(), "more than 1048576 edges") {
		t.Errorf("%v", err)
	}
}

func TestShapesThatOnlyOddFilesHave(t *testing.T) {
	t.Parallel()
	if got, err := flatten(pipeline.Shape{2, 3, 4}, -2, -1); err != nil || len(got) != 2 || got[1] != 12 {
		t.Errorf("%v, %v", got, err)
	}
	// A Flatten whose dimensions count the batch.
	g := chain(&Input{Shape: []int{3, 7, 5}}, &Flatten{StartDim: 1, EndDim: 2}, &Scale{ones(21, 5)})
	if err := g.Check(); err != nil {
		t.Error(err)
	}
	if !Spiking(&CubaLIF{}) || Spiking(&LI{}) || Neuron(&Threshold{}) {
		t.Error("neurons are other ones")
	}
	b := Tensor{Shape: []int{2}, Bool: []bool{true, false}}
	if v := b.Float32s(); v[0] != 1 || v[1] != 0 {
		t.Errorf("%v", v)
	}
}

// TestRecordsThatCannotBeReplayed asks for spikes of series that do not hold.
func TestRecordsThatCannotBeReplayed(t *testing.T) {
	t.Parallel()
	grid := &TimeGrid{DT: 1, Data: ones(1, 2, 2)}
	for name, ask := range map[string]func() error{
		"events out of range": func() error {
			_, err := (&Events{Samples: 1, Slots: 1, Index: []int64{9}, Time: []float64{0}, Neurons: 1}).Spikes(0)
			return err
		},
		"a recording before its start": func() error {
			_, err := (&Events{Samples: 1, TMax: -1, Neurons: 1}).Spikes(0)
			return err
		},
		"a grid of two dimensions": func() error { _, err := (&TimeGrid{DT: 1, Data: ones(2, 2)}).Spikes(0); return err },
		"a grid that lacks values": func() error {
			_, err := (&TimeGrid{DT: 1, Data: Tensor{Shape: []int{1, 2, 2}, F32: []float32{1}}}).Spikes(0)
			return err
		},
		"a sample too far":    func() error { _, err := grid.Spikes(1); return err },
		"a step of centuries": func() error { _, err := (&TimeGrid{DT: 1e12, Data: ones(1, 2, 2)}).Spikes(0); return err },
		"a train out of order": func() error {
			s := &pipeline.Spikes{}
			s.Append(5, 3)
			_, err := EventsOf([]*pipeline.Spikes{s}, 2, 10)
			return err
		},
		"a grid of a train out of order": func() error {
			s := &pipeline.Spikes{}
			s.Append(5, 3)
			_, err := gridOf([]*pipeline.Spikes{s}, 2, 10, 1e-3)
			return err
		},
	} {
		if err := ask(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// Spikes that are 0 and 1 are kept as bools.
	s := &pipeline.Spikes{}
	s.Append(0, 1)
	g, err := gridOf([]*pipeline.Spikes{s}, 2, 2, 1e-3)
	if err != nil || len(g.Data.Bool) != 4 || !g.Data.Bool[1] {
		t.Errorf("%+v, %v", g, err)
	}
}

// TestRecordFilesOfAbsurdStructureAreRefused reads NIRData that is sound HDF5.
func TestRecordFilesOfAbsurdStructureAreRefused(t *testing.T) {
	t.Parallel()
	kind := func(g *hdf5.GroupWriter, v ...string) { g.Attr("__type__", hdf5.Strings(scalarOr(len(v)), v)) }
	series := func(root *hdf5.GroupWriter, of string) *hdf5.GroupWriter {
		kind(root, "NIRGraphData")
		n := root.Group("nodes").Group("n")
		kind(n, "NIRNodeData")
		s := n.Group("observables").Group("o")
		kind(s, of)
		return s
	}
	for name, c := range map[string]struct {
		build func(root *hdf5.GroupWriter)
		want  string
	}{
		"two types": {func(r *hdf5.GroupWriter) { kind(r, "NIRGraphData", "NIRNodeData") }, "2 strings instead of one"},
		"events in a row": {func(r *hdf5.GroupWriter) {
			s := series(r, "EventData")
			s.Put("idx", hdf5.Numbers([]int{1}, []int64{0}))
			s.Put("time", hdf5.Numbers([]int{1}, []float64{0}))
			s.Attr("n_neurons", hdf5.Numbers(nil, []int64{1}))
			s.Attr("t_max", hdf5.Numbers(nil, []float64{1}))
		}, "idx: shape [1] instead of samples, events"},
		"two lengths": {func(r *hdf5.GroupWriter) {
			s := series(r, "TimeGriddedData")
			s.Put("data", hdf5.Numbers([]int{1, 1, 1}, []float32{0}))
			s.Attr("dt", hdf5.Numbers([]int{2}, []float64{1, 1}))
		}, "attribute dt: 2 values instead of one"},
		"a length that is text": {func(r *hdf5.GroupWriter) {
			s := series(r, "TimeGriddedData")
			s.Put("data", hdf5.Numbers([]int{1, 1, 1}, []float32{0}))
			s.Attr("dt", hdf5.Strings(nil, []string{"1"}))
		}, "dt"},
		"a nest without end": {func(r *hdf5.GroupWriter) {
			for range maxNesting + 1 {
				kind(r, "NIRGraphData")
				r = r.Group("nodes").Group("n")
			}
			kind(r, "NIRGraphData")
			r.Group("nodes")
		}, "nested more than 16 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			w := hdf5.NewWriter(0)
			c.build(w.Root())
			var b bytes.Buffer
			if _, err := w.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			if _, err := ReadData(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func scalarOr(n int) []int {
	if n == 1 {
		return nil
	}
	return []int{n}
}

func TestFilesThatAreNotThereAreNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	missing, empty := filepath.Join(dir, "none.nir"), filepath.Join(dir, "empty.nir")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{missing, empty} {
		_, err := ReadFile(path, Options{})
		_, dataErr := ReadDataFile(path)
		for _, err := range []error{err, dataErr} {
			if err == nil || strings.Count(err.Error(), path) != 1 {
				t.Errorf("%v does not name %s once", err, path)
			}
		}
	}
}
