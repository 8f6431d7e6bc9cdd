package nir

import (
	"bytes"
	"testing"

	"ganglion/internal/shareddata"
)

// ones is a float32 tensor of a shape, counting up from 1 in eighths.
func ones(shape ...int) Tensor {
	n, _ := size(shape)
	v := make([]float32, n)
	for i := range v {
		v[i] = 1 + float32(i)/8
	}
	return Float32(shape, v)
}

func zeros(shape ...int) Tensor {
	n, _ := size(shape)
	return Float32(shape, make([]float32, n))
}

func lif(shape ...int) *LIF {
	return &LIF{Tau: ones(shape...), R: ones(shape...), VLeak: zeros(shape...), VThreshold: ones(shape...), VReset: zeros(shape...)}
}

// sample has every type of node, a nested graph, a cycle, every kind of
// metadata and every kind of padding.
func sample() *Model {
	inner := &Graph{
		Nodes: []Node{
			{Name: "in", Op: &Input{Shape: []int{4}}},
			{Name: "lif", Op: lif(4)},
			{Name: "out", Op: &Output{Shape: []int{4}}},
			{Name: "rec", Op: &Linear{ones(4, 4)}},
		},
		Edges:    []Edge{{"in", "lif"}, {"lif", "rec"}, {"rec", "lif"}, {"lif", "out"}},
		Metadata: Metadata{{"kind", Text{Values: []string{"recurrent"}}}},
	}
	f := func(v float64) Tensor { return Float64([]int{4}, []float64{v, v, v, v}) }
	g := &Graph{
		Nodes: []Node{
			{Name: "affine", Op: &Affine{ones(4, 12), ones(4)}, Metadata: Metadata{
				{"deep", Metadata{{"bools", Tensor{Shape: []int{2}, Bool: []bool{true, false}}}, {"dt", Scalar(1e-4)}}},
				{"epochs", Tensor{I64: []int64{12}}},
				{"names", Text{Shape: []int{2}, Values: []string{"a", "ü"}}},
			}},
			{Name: "audio", Op: &Input{Shape: []int{1, 12}}},
			{Name: "avg", Op: &Pool{Average: true, Kernel: []int{2, 2}, Stride: []int{2, 1}, Padding: []int{0, 1}}},
			{Name: "conv1", Op: &Conv{InputShape: []int{12}, Weight: ones(2, 1, 3), Bias: zeros(2), Stride: []int{1}, Padding: Padding{Mode: "same"},
				Dilation: []int{2}, Groups: 1}},
			{Name: "conv2", Op: &Conv{InputShape: []int{8, 6}, Weight: ones(4, 1, 3, 2), Bias: ones(4), Stride: []int{2, 1},
				Padding: Padding{Size: []int{1, 0}}, Dilation: []int{1, 2}, Groups: 2}},
			{Name: "cubali", Op: &CubaLI{f(1), f(2), f(3), f(0), f(0.5)}},
			{Name: "cubalif", Op: &CubaLIF{f(1), f(2), f(3), f(0), f(1), f(0), f(1)}},
			{Name: "delay", Op: &Delay{ones(4)}},
			{Name: "flat", Op: &Flatten{StartDim: 0, EndDim: -1, InputShape: []int{4, 1, 3}}},
			{Name: "flat1", Op: &Flatten{StartDim: 0, EndDim: -1}},
			{Name: "i", Op: &I{ones(4)}},
			{Name: "if", Op: &IF{ones(4, 4, 4), ones(4, 4, 4), zeros(4, 4, 4)}},
			{Name: "input", Op: &Input{Shape: []int{2, 8, 6}}},
			{Name: "last", Op: &Linear{ones(24, 4)}},
			{Name: "li", Op: &LI{ones(4), ones(4), zeros(4)}},
			{Name: "output", Op: &Output{Shape: []int{24}}},
			{Name: "scale", Op: &Scale{ones(1, 12)}},
			{Name: "sub", Op: inner},
			{Name: "sum", Op: &Pool{Kernel: []int{3, 3}, Stride: []int{3, 2}, Padding: []int{1, 1}}},
			{Name: "threshold", Op: &Threshold{ones(1, 12)}},
		},
		Edges: []Edge{
			{"input", "conv2"}, {"conv2", "if"}, {"if", "avg"}, {"avg", "sum"}, {"sum", "flat"}, {"flat", "affine"},
			{"affine", "sub"}, {"sub", "delay"}, {"delay", "i"}, {"i", "li"}, {"li", "cubali"}, {"cubali", "cubalif"},
			{"cubalif", "sub"}, {"cubalif", "last"}, {"last", "output"},
			{"audio", "scale"}, {"scale", "threshold"}, {"threshold", "conv1"}, {"conv1", "flat1"}, {"flat1", "output"},
		},
		Metadata: Metadata{{"made_by", Text{Values: []string{"test"}}}},
	}
	g.Canonical()
	inner.Canonical()
	return &Model{Version: "1.0.7", Graph: g}
}

func encode(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(b []byte, o Options) (*Model, error) {
	return Read(bytes.NewReader(b), int64(len(b)), o)
}

// fixtures is the folder of the recorded NIR files; without it a test is skipped.
func fixtures(t testing.TB) string {
	t.Helper()
	return shareddata.Path(t, "nir")
}
