package nir

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/hdf5"
)

// file is a NIR file as another writer might have made it: node "n" is built
// by hand, between an Input of a shape and an Output.
func file(t *testing.T, kind string, shape []int64, build func(n *hdf5.GroupWriter)) []byte {
	t.Helper()
	w := hdf5.NewWriter(0)
	g := w.Root().Group("node")
	put := func(g *hdf5.GroupWriter, kind string) { g.Put("type", hdf5.Strings(nil, []string{kind})) }
	put(g, "NIRGraph")
	g.Put("edges", hdf5.Strings([]int{3, 2}, []string{"i", "n", "n", "o", "i", "n"}))
	nodes := g.Group("nodes")
	i, n, o := nodes.Group("i"), nodes.Group("n"), nodes.Group("o")
	put(i, "Input")
	i.Put("shape", hdf5.Numbers([]int{len(shape)}, shape))
	put(o, "Output")
	put(n, kind)
	build(n)
	var b bytes.Buffer
	if _, err := w.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func floats(g *hdf5.GroupWriter, n int, names ...string) {
	for _, name := range names {
		v := make([]float32, n)
		for i := range v {
			v[i] = 0.5
		}
		g.Put(name, hdf5.Numbers([]int{n}, v))
	}
}

func scalar(g *hdf5.GroupWriter, name string, v int64) { g.Put(name, hdf5.Numbers(nil, []int64{v})) }

func half(n int) Tensor {
	v := make([]float32, n)
	for i := range v {
		v[i] = 0.5
	}
	return Float32([]int{n}, v)
}

func filledTensor(n int, v float32) Tensor {
	like := half(n)
	return filled(&like, float64(v))
}

func TestWhatOtherWritersLeaveOutOrWriteDifferentlyIsRead(t *testing.T) {
	t.Parallel()
	conv := func(g *hdf5.GroupWriter, weight ...int) {
		n, _ := size(weight)
		g.Put("weight", hdf5.Numbers(weight, make([]float32, n)))
		g.Put("bias", hdf5.Numbers([]int{weight[0]}, make([]float32, weight[0])))
	}
	for name, c := range map[string]struct {
		kind  string
		shape []int64
		build func(g *hdf5.GroupWriter)
		want  Op
	}{
		"IF before v_reset": {"IF", []int64{2},
			func(g *hdf5.GroupWriter) { floats(g, 2, "r", "v_threshold") },
			&IF{half(2), half(2), zeros(2)}},
		"CubaLIF before v_reset and w_in": {"CubaLIF", []int64{2},
			func(g *hdf5.GroupWriter) { floats(g, 2, "tau_syn", "tau_mem", "r", "v_leak", "v_threshold") },
			&CubaLIF{half(2), half(2), half(2), half(2), half(2), zeros(2), filledTensor(2, 1)}},
		"CubaLI with a scalar w_in": {"CubaLI", []int64{2},
			func(g *hdf5.GroupWriter) {
				floats(g, 2, "tau_syn", "tau_mem", "r", "v_leak")
				g.Put("w_in", hdf5.Numbers(nil, []float32{3}))
			},
			&CubaLI{half(2), half(2), half(2), half(2), filledTensor(2, 3)}},
		"LI with one time constant for all": {"LI", []int64{2},
			func(g *hdf5.GroupWriter) { floats(g, 1, "tau"); floats(g, 2, "r", "v_leak") },
			&LI{half(2), half(2), half(2)}},
		"Conv2d with integers, without bias and input shape": {"Conv2d", []int64{1, 4, 4},
			func(g *hdf5.GroupWriter) {
				g.Put("weight", hdf5.Numbers([]int{1, 1, 3, 3}, make([]float32, 9)))
				scalar(g, "stride", 1)
				scalar(g, "padding", 2)
				scalar(g, "dilation", 1)
				scalar(g, "groups", 1)
			},
			&Conv{Weight: zeros(1, 1, 3, 3), Bias: zeros(1), Stride: []int{1, 1}, Padding: Padding{Size: []int{2, 2}}, Dilation: []int{1, 1},
				Groups: 1}},
		"Conv1d with lists and a padding by name": {"Conv1d", []int64{1, 4},
			func(g *hdf5.GroupWriter) {
				conv(g, 1, 1, 3)
				g.Put("input_shape", hdf5.Numbers([]int{1}, []int32{4}))
				g.Put("stride", hdf5.Numbers([]int{1}, []int64{1}))
				g.Put("padding", hdf5.Strings(nil, []string{"valid"}))
				g.Put("dilation", hdf5.Numbers([]int{1}, []uint8{1}))
				scalar(g, "groups", 1)
			},
			&Conv{InputShape: []int{4}, Weight: zeros(1, 1, 3), Bias: zeros(1), Stride: []int{1}, Padding: Padding{Mode: "valid"},
				Dilation: []int{1}, Groups: 1}},
		"Flatten with floats and without input type": {"Flatten", []int64{2, 2},
			func(g *hdf5.GroupWriter) {
				g.Put("start_dim", hdf5.Numbers(nil, []float64{0}))
				g.Put("end_dim", hdf5.Numbers(nil, []int8{-1}))
			},
			&Flatten{StartDim: 0, EndDim: -1}},
		"Flatten with the placeholder of Sinabs": {"Flatten", []int64{2, 2},
			func(g *hdf5.GroupWriter) {
				scalar(g, "start_dim", 0)
				scalar(g, "end_dim", -1)
				g.Put("input_type", hdf5.Numbers([]int{4}, make([]int64, 4)))
			},
			&Flatten{StartDim: 0, EndDim: -1}},
		"a membrane without leak": {"LIF", []int64{2},
			func(g *hdf5.GroupWriter) {
				inf := float32(math.Inf(1))
				g.Put("tau", hdf5.Numbers([]int{2}, []float32{inf, inf}))
				g.Put("r", hdf5.Numbers([]int{2}, []float32{inf, inf}))
				floats(g, 2, "v_leak", "v_threshold")
			},
			&LIF{filledTensor(2, float32(math.Inf(1))), filledTensor(2, float32(math.Inf(1))), half(2), half(2), zeros(2)}},
		"behind a batch axis": {"Conv2d", []int64{1, 1, 4, 4},
			func(g *hdf5.GroupWriter) {
				conv(g, 1, 1, 3, 3)
				scalar(g, "stride", 1)
				scalar(g, "padding", 0)
				scalar(g, "dilation", 1)
				scalar(g, "groups", 1)
			},
			&Conv{Weight: zeros(1, 1, 3, 3), Bias: zeros(1), Stride: []int{1, 1}, Padding: Padding{Size: []int{0, 0}}, Dilation: []int{1, 1},
				Groups: 1}},
		"weights that are integers": {"Scale", []int64{2},
			func(g *hdf5.GroupWriter) { g.Put("scale", hdf5.Numbers([]int{2}, []int8{-1, 2})) },
			&Scale{Tensor{Shape: []int{2}, I64: []int64{-1, 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := decode(file(t, c.kind, c.shape, c.build), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, m.Graph.Nodes[1].Op); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			want := []string{"the file names no version of nir", `graph "": 1 edges stand twice and count once`}
			if diff := cmp.Diff(want, m.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFileThatIsNotNIRIsRefusedWithNodeAndReason(t *testing.T) {
	t.Parallel()
	nan := func(v float64) func(g *hdf5.GroupWriter) {
		return func(g *hdf5.GroupWriter) {
			floats(g, 1, "bias")
			g.Put("weight", hdf5.Numbers([]int{1, 2}, []float64{1, v}))
		}
	}
	pool := func(kernel int64) func(g *hdf5.GroupWriter) {
		return func(g *hdf5.GroupWriter) {
			scalar(g, "kernel_size", kernel)
			scalar(g, "stride", 1)
			scalar(g, "padding", 0)
		}
	}
	for name, c := range map[string]struct {
		kind  string
		build func(g *hdf5.GroupWriter)
		want  string
	}{
		"an unknown type":       {"ALIF", func(*hdf5.GroupWriter) {}, `nir: node "n": type: unknown node type "ALIF"`},
		"a missing parameter":   {"Scale", func(*hdf5.GroupWriter) {}, `nir: node "n" (Scale): scale: hdf5: /node/nodes/n/scale at byte`},
		"a NaN":                 {"Affine", nan(math.NaN()), `nir: node "n" (Affine): weight: value NaN at index 1 of the shape [1 2]`},
		"an infinity":           {"Affine", nan(math.Inf(-1)), `nir: node "n" (Affine): weight: value -Inf at index 1 of the shape [1 2]`},
		"a pool of nothing":     {"SumPool2d", pool(0), `nir: node "n" (SumPool2d): kernel_size: [0 0]`},
		"a pool of absurd size": {"SumPool2d", pool(1 << 40), `kernel_size: 1.099511627776e+12 is not an integer of 32 bits`},
		"a vector for a matrix": {"Linear", func(g *hdf5.GroupWriter) { floats(g, 3, "weight") },
			`nir: node "n" (Linear): weight: shape [3] is not a matrix`},
		"a bias of another length": {"Affine", func(g *hdf5.GroupWriter) {
			floats(g, 3, "bias")
			g.Put("weight", hdf5.Numbers([]int{2, 1}, []float32{1, 2}))
		}, `nir: node "n" (Affine): bias: shape [3] for outputs of shape [2]`},
		"a threshold of its own": {"IF", func(g *hdf5.GroupWriter) { floats(g, 3, "r"); floats(g, 2, "v_threshold") },
			`nir: node "n" (IF): v_threshold: shape [2], but r has the shape [3]`},
		"text for a number": {"Scale", func(g *hdf5.GroupWriter) { g.Put("scale", hdf5.Strings(nil, []string{"1"})) },
			`nir: node "n" (Scale): scale: wrong type: string, not numbers`},
		"a delay back in time": {"Delay", func(g *hdf5.GroupWriter) { g.Put("delay", hdf5.Numbers(nil, []float32{-1})) },
			`nir: node "n" (Delay): delay: negative value -1 at index 0`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(file(t, c.kind, []int64{2}, c.build), Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestNaNPassesWhereItIsAllowed(t *testing.T) {
	t.Parallel()
	m := &Model{Graph: chain(&Input{Shape: []int{1}}, &Scale{Float32([]int{1}, []float32{float32(math.NaN())})})}
	b := encode(t, m)
	if _, err := decode(b, Options{}); err == nil {
		t.Error("NaN passes by default")
	}
	if _, err := decode(b, Options{AllowNonFinite: true}); err != nil {
		t.Error(err)
	}
}

func TestAnEdgeThatNamesANodeByHalfIsMendedOnlyWhenClear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		nodes, edges []string
		mended       bool
	}{
		"one name, one node":           {[]string{"in", "lif1", "out"}, []string{"in", "lif", "lif", "out"}, true},
		"two nodes it could be":        {[]string{"in", "lif1", "lif2", "out"}, []string{"in", "lif", "lif", "out"}, false},
		"two names":                    {[]string{"in", "lif1", "out"}, []string{"in", "lif", "li", "out"}, false},
		"a name that is not like it":   {[]string{"in", "rec1", "out"}, []string{"in", "lif", "lif", "out"}, false},
		"a node that has edges itself": {[]string{"in", "lif1", "out"}, []string{"in", "lif", "lif1", "out"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := hdf5.NewWriter(0)
			g := w.Root().Group("node")
			g.Put("type", hdf5.Strings(nil, []string{"NIRGraph"}))
			g.Put("edges", hdf5.Strings([]int{len(c.edges) / 2, 2}, c.edges))
			nodes := g.Group("nodes")
			for _, n := range c.nodes {
				nodes.Group(n).Put("type", hdf5.Strings(nil, []string{"Output"}))
			}
			var b bytes.Buffer
			if _, err := w.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			m, err := decode(b.Bytes(), Options{SkipTypeCheck: true})
			if (err == nil) != c.mended {
				t.Fatalf("got %v, mended should be %v", err, c.mended)
			}
			if err == nil && (m.Graph.Edges[0].To != "lif1" || len(m.Notes) != 2) {
				t.Errorf("edges %v, notes %v", m.Graph.Edges, m.Notes)
			}
		})
	}
}
