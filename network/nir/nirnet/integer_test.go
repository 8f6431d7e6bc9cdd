package nirnet

import (
	"strings"
	"testing"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// loihiGraph is the network of Lava's ground truth as NIR: a decay of 415/4096
// a step, a threshold of 6, no synaptic memory.
func loihiGraph(weight nir.Tensor) *nir.Graph {
	const dt = 1e-4
	all := func(v float64) nir.Tensor {
		t := make([]float64, 256)
		for i := range t {
			t[i] = v
		}
		return nir.Float64([]int{256}, t)
	}
	g := &nir.Graph{
		Nodes: []nir.Node{
			{Name: "input", Op: &nir.Input{Shape: []int{200}}},
			{Name: "w", Op: &nir.Linear{Weight: weight}},
			{Name: "lif", Op: &nir.LIF{Tau: all(dt * 4096 / 415), R: all(4096. / 415), VLeak: all(0), VThreshold: all(6), VReset: all(0)}},
			{Name: "output", Op: &nir.Output{Shape: []int{256}}},
		},
		Edges: []nir.Edge{{From: "input", To: "w"}, {From: "w", To: "lif"}, {From: "lif", To: "output"}},
	}
	g.Canonical()
	return g
}

func TestLoihiProfileGivesLavasCells(t *testing.T) {
	t.Parallel()
	in, want := readNPY(t, fixture(t, "loihi", "in.npy")), readNPY(t, fixture(t, "loihi", "out.npy"))
	weight := readNPY(t, fixture(t, "loihi", "weight.npy"))
	p, err := ProfileByName("loihi")
	if err != nil {
		t.Fatal(err)
	}
	for _, factor := range []float64{1, 1. / 64} { // whole weights stay, others are scaled by their largest
		scaled := make([]float64, len(weight.v))
		largest := 0.0
		for i, v := range weight.v {
			scaled[i] = v * factor
			largest = max(largest, v, -v)
		}
		g := loihiGraph(nir.Float64([]int{256, 200}, scaled))
		lif := g.Nodes[1].Op.(*nir.LIF)
		for i := range lif.VThreshold.F64 {
			lif.VThreshold.F64[i] *= factor
		}
		l, err := Lower(g, p, time.Microsecond)
		if err != nil {
			t.Fatal(err)
		}
		n := l.Spec.Layers[0].Neuron.(network.Clocked).Loihi
		if n.DU != 4095 || n.DV != 415 {
			t.Errorf("du %d, dv %d", n.DU, n.DV)
		}
		if factor != 1 {
			unit := int32(127/largest*6 + .5)
			if n.Threshold != unit {
				t.Errorf("threshold %d, want %d in units of the largest weight", n.Threshold, unit)
			}
			continue
		}
		e, err := network.New(l.Spec, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		got := transpose(run(t, e, transpose(in))["lif"])
		if n := differing(got.v, want.v); n != 0 {
			t.Errorf("%d of %d cells differ", n, len(want.v))
		}
	}
}

func TestWhatHasNoIntegerFormIsRefusedByName(t *testing.T) {
	t.Parallel()
	weight := nir.Float64([]int{256, 200}, make([]float64, 256*200))
	for name, c := range map[string]struct {
		change func(*nir.Graph)
		want   string
	}{
		"decay": {func(g *nir.Graph) { g.Nodes[1].Op.(*nir.LIF).Tau.F64[3] *= 2 }, `node "lif" (LIF): the decay differs between neurons`},
		"leak":  {func(g *nir.Graph) { clone(&g.Nodes[1].Op.(*nir.LIF).VLeak, 1) }, `node "lif" (LIF): v_leak is 0.101318359375 and must be 0`},
		"threshold": {func(g *nir.Graph) { clone(&g.Nodes[1].Op.(*nir.LIF).VThreshold, 1e9) },
			`node "lif" (LIF): a threshold of 1e+09 is 1e+09 times the unit`},
		"readout": {func(g *nir.Graph) {
			n := g.Nodes[1].Op.(*nir.LIF)
			g.Nodes[1].Op = &nir.LI{Tau: n.Tau, R: n.R, VLeak: n.VLeak}
		}, `node "lif" (LI): a membrane without spikes has no integer form`},
	} {
		g := loihiGraph(weight)
		c.change(g)
		p, _ := ProfileByName("loihi")
		if _, err := Lower(g, p, time.Microsecond); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func clone(t *nir.Tensor, v float64) {
	for i := range t.F64 {
		t.F64[i] = v
	}
}

// TestIntegerRelaysMustBeWhole puts an average pool, whose values are not whole
// numbers, before an integer layer.
func TestIntegerRelaysMustBeWhole(t *testing.T) {
	t.Parallel()
	g := tiny().Graph
	p, _ := ProfileByName("loihi")
	g.Nodes = append(g.Nodes, nir.Node{Name: "half", Op: &nir.Scale{Scale: nir.Float64([]int{2, 8, 8}, []float64{.5})}})
	fill := g.Nodes[6].Op.(*nir.Scale)
	fill.Scale.F64 = make([]float64, 128)
	for i := range fill.Scale.F64 {
		fill.Scale.F64[i] = .5
	}
	g.Edges[0] = nir.Edge{From: "input", To: "half"}
	g.Edges = append(g.Edges, nir.Edge{From: "half", To: "quadrants"})
	if _, err := Lower(g, p, time.Millisecond); err == nil ||
		!strings.Contains(err.Error(), `node "lif" (LIF): input "half" brings values that are not whole`) {
		t.Errorf("%v", err)
	}
	for i := range fill.Scale.F64 {
		fill.Scale.F64[i] = 2
	}
	l, err := Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if l.Spec.Input.Size() != (pipeline.Shape{2, 8, 8}).Size() {
		t.Error(l.Spec.Input)
	}
}
