package nirnet

import (
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/shareddata"
	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// tiny is a network for the tests of the program: four LIF neurons that each
// sum one quadrant of an 8x8 camera, both polarities, and an integrator behind.
func tiny() *nir.Model {
	ones := func(shape ...int) nir.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		v := make([]float32, n)
		for i := range v {
			v[i] = 1
		}
		return nir.Float32(shape, v)
	}
	times := func(t nir.Tensor, x float32) nir.Tensor {
		for i := range t.F32 {
			t.F32[i] *= x
		}
		return t
	}
	return &nir.Model{Version: "1.0.7", Graph: &nir.Graph{
		Nodes: []nir.Node{
			{Name: "input", Op: &nir.Input{Shape: []int{2, 8, 8}}},
			{Name: "quadrants", Op: &nir.Conv{InputShape: []int{8, 8}, Weight: ones(1, 2, 4, 4), Bias: times(ones(1), 0), Stride: []int{4, 4},
				Padding: nir.Padding{Size: []int{0, 0}}, Dilation: []int{1, 1}, Groups: 1}},
			{Name: "lif", Op: &nir.LIF{Tau: times(ones(1, 2, 2), 1e-3), R: times(ones(1, 2, 2), 10), VLeak: times(ones(1, 2, 2), 0),
				VThreshold: times(ones(1, 2, 2), 2.5), VReset: times(ones(1, 2, 2), 0)}},
			{Name: "flatten", Op: &nir.Flatten{StartDim: 0, EndDim: -1, InputShape: []int{1, 2, 2}}},
			{Name: "vote", Op: &nir.Linear{Weight: nir.Float32([]int{2, 4}, []float32{1, 0, 1, 0, 0, 1, 0, 1})}},
			{Name: "output", Op: &nir.Output{Shape: []int{2}}},
		},
		Edges: []nir.Edge{{From: "input", To: "quadrants"}, {From: "quadrants", To: "lif"}, {From: "lif", To: "flatten"},
			{From: "flatten", To: "vote"}, {From: "vote", To: "output"}},
	}}
}

// TestTinyNetworkFile keeps testdata/tiny.nir, with which the program's own
// tests work, equal to the graph above.
func TestTinyNetworkFile(t *testing.T) {
	path := shareddata.Project(t, "testdata", "tiny.nir")
	var b bytes.Buffer
	if err := nir.Write(&b, tiny()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Fatal("testdata/tiny.nir is not what this test makes; rewrite it with -update")
	}
}

func TestBinCountsFromTheFirstEventAndLeavesThePartialStepOut(t *testing.T) {
	t.Parallel()
	events := []pipeline.Event{
		{T: 5000, X: 1, Y: 2, P: 1}, {T: 5999, X: 1, Y: 2, P: 1}, {T: 5999, X: 0, Y: 0},
		{T: 6000, X: 9, Y: 0}, {T: 7100, X: 3, Y: 3},
	}
	s, steps, outside, err := Bin(events, pipeline.Shape{2, 8, 8}, 1000, 1000)
	if err != nil || steps != 2 || outside != 1 {
		t.Fatalf("%d steps, %d outside, %v", steps, outside, err)
	}
	var want pipeline.Spikes
	want.Append(0, 0)
	want.Append(0, 64+17)
	want.Append(0, 64+17)
	if d := cmp.Diff(want, *s); d != "" {
		t.Error(d)
	}
	if _, _, _, err := Bin(nil, pipeline.Shape{2, 8, 8}, 1000, 1000); err == nil {
		t.Error("a recording without events was binned")
	}
	if _, _, _, err := Bin(events, pipeline.Shape{128}, 1000, 1000); err == nil {
		t.Error("events were binned for a flat input")
	}
}

func TestNPYHasOneRowAStep(t *testing.T) {
	t.Parallel()
	var s pipeline.Spikes
	s.Append(0, 2)
	s.Append(2000, 0)
	s.Append(2000, 0)
	var b bytes.Buffer
	if err := WriteNPY(&b, &s, 3, 4, 0, 1000); err != nil {
		t.Fatal(err)
	}
	if b.Len()%64 != 12 {
		t.Errorf("the data begins at byte %d, not at a multiple of 64", b.Len()-12)
	}
	want := []byte{0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0}
	if d := cmp.Diff(want, b.Bytes()[b.Len()-12:]); d != "" {
		t.Error(d)
	}
}

// TestValuesAreWrittenAsTheyAre wants values, which several may be of a neuron
// in a step, as floats, and spikes beyond what a byte holds as the most it does.
func TestValuesAreWrittenAsTheyAre(t *testing.T) {
	t.Parallel()
	var s pipeline.Spikes
	s.AppendGraded(0, 1, .5)
	s.AppendGraded(1000, 0, -2)
	s.AppendGraded(1000, 0, 300)
	var b bytes.Buffer
	if err := WriteNPY(&b, &s, 2, 2, 0, 1000); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b.Bytes(), []byte("'<f4'")) {
		t.Errorf("written as %q", b.Bytes())
	}
	got := make([]float32, 4)
	if err := binary.Read(bytes.NewReader(b.Bytes()[b.Len()-16:]), binary.LittleEndian, got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float32{0, .5, 298, 0}, got); d != "" {
		t.Error(d)
	}
	s.Reset()
	for range 300 {
		s.Append(0, 0)
	}
	b.Reset()
	if err := WriteNPY(&b, &s, 1, 1, 0, 1000); err != nil || b.Bytes()[b.Len()-1] != 255 {
		t.Errorf("300 spikes are written as %d, %v", b.Bytes()[b.Len()-1], err)
	}
}

// TestCustomProfileIsItsNamedTwin writes the rockpool profile by hand.
func TestCustomProfileIsItsNamedTwin(t *testing.T) {
	c := NewDefaultConfig()
	c.Path, c.Profile = shareddata.Project(t, "testdata", "tiny.nir"), "custom"
	c.Custom = Custom{Method: "decay-add", Reset: "subtract"}
	custom, err := c.Load()
	if err != nil {
		t.Fatal(err)
	}
	c.Profile = "rockpool"
	named, err := c.Load()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(named.Spec.Layers[0].Neuron, custom.Spec.Layers[0].Neuron); d != "" {
		t.Error(d)
	}
	if custom.Spec.Step != time.Millisecond || custom.Spec.Layers[0].Neuron.(network.Clocked).Rule != network.Subtract {
		t.Errorf("%+v", custom.Spec)
	}
}

func TestBadGraphsNameTheNode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*nir.Graph)
		want   string
	}{
		"no output": {func(g *nir.Graph) { g.Nodes, g.Edges = g.Nodes[:5], g.Edges[:4] }, "the graph has no Output: add a node of that type"},
		"instant tau": {func(g *nir.Graph) { g.Nodes[2].Op.(*nir.LIF).Tau.F32[0] = 0 },
			`node "lif" (LIF): a time constant of 0 s does not fit a step of 0.0001 s; choose another dt or profile`},
		"tau too fast": {func(g *nir.Graph) { g.Nodes[2].Op.(*nir.LIF).Tau.F32[1] = 1e-5 },
			`node "lif" (LIF): a time constant of 9.999999747378752e-06 s does not fit a step of 0.0001 s; choose another dt or profile`},
	} {
		g := tiny().Graph
		c.change(g)
		p, _ := ProfileByName("norse")
		p.DT = 1e-4
		if _, err := Lower(g, p, time.Millisecond); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
