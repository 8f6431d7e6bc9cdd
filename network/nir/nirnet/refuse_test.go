package nirnet

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// flatGraph is a graph of two linear nodes of one kind before two neurons of
// one kind.
func flatGraph(linear func(name string) nir.Op, neuron func() nir.Op) *nir.Graph {
	g := &nir.Graph{
		Nodes: []nir.Node{
			{Name: "input", Op: &nir.Input{Shape: []int{2}}}, {Name: "w", Op: linear("w")}, {Name: "a", Op: neuron()},
			{Name: "v", Op: linear("v")}, {Name: "b", Op: neuron()}, {Name: "output", Op: &nir.Output{Shape: []int{2}}},
		},
		Edges: []nir.Edge{{From: "input", To: "w"}, {From: "w", To: "a"}, {From: "a", To: "v"}, {From: "v", To: "b"}, {From: "b", To: "output"}},
	}
	g.Canonical()
	return g
}

func two(v float64) nir.Tensor { return nir.Float64([]int{2}, []float64{v, v}) }

func matrixOf(v ...float64) nir.Tensor { return nir.Float64([]int{2, 2}, v) }

// TestEveryKindOfNodeLearnsAndIsExported lets Linear and Affine nodes before
// IF, LIF and CubaLIF neurons learn, and wants weights and thresholds of the
// graph to be those of the engine.
func TestEveryKindOfNodeLearnsAndIsExported(t *testing.T) {
	t.Parallel()
	weight := func() nir.Tensor { return matrixOf(.6, .5, .4, .7) }
	for name, g := range map[string]*nir.Graph{
		"Linear, IF": flatGraph(func(string) nir.Op { return &nir.Linear{Weight: weight()} },
			func() nir.Op { return &nir.IF{R: two(1), VThreshold: two(.8), VReset: two(0)} }),
		"Affine, CubaLIF": flatGraph(func(string) nir.Op { return &nir.Affine{Weight: weight(), Bias: two(.01)} }, func() nir.Op {
			return &nir.CubaLIF{TauSyn: two(.002), TauMem: two(.002), R: two(2), VLeak: two(0), VThreshold: two(.3), VReset: two(0), WIn: two(2)}
		}),
		"Linear, LIF": flatGraph(func(string) nir.Op { return &nir.Linear{Weight: weight()} },
			func() nir.Op {
				return &nir.LIF{Tau: two(.002), R: two(2), VLeak: two(0), VThreshold: two(.3), VReset: two(0)}
			}),
	} {
		for _, profile := range []string{"norse", "snntorch"} {
			c := NewDefaultConfig()
			c.Path, c.Profile, c.DT, c.Shards = filepath.Join(t.TempDir(), "m.nir"), profile, time.Millisecond, 1
			if err := nir.WriteFile(c.Path, &nir.Model{Graph: g}); err != nil {
				t.Fatal(err)
			}
			c.Plasticity = []Plasticity{{Synapses: "w", APlus: .05, AMinus: -.02, TauPlus: 10 * time.Millisecond, TauMinus: 10 * time.Millisecond,
				Max: 1, Pairing: "nearest", Soft: true}}
			c.Homeostasis = []Homeostasis{{Neurons: "a", Rise: .05, Tau: time.Hour}}
			c.Competition = []Competition{{Neurons: "a", Group: "channels"}}
			n, err := newNetwork(c, pipeline.Shape{2})
			if err != nil {
				t.Fatalf("%s, %s: %v", name, profile, err)
			}
			l := n.(*learner)
			act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 2)}
			var in pipeline.Spikes
			for at := int64(0); at < 50_000; at += 1000 {
				in.Append(at, uint32(at/1000%2))
			}
			if err := l.Step(t.Context(), pipeline.Window{End: 50_000}, &in, &act); err != nil {
				t.Fatal(err)
			}
			var weights, thresholds nir.Tensor
			for _, node := range l.lowered.export(l.Engine).Nodes {
				switch op := node.Op.(type) {
				case *nir.Linear:
					if node.Name == "w" {
						weights = op.Weight
					}
				case *nir.Affine:
					if node.Name == "w" {
						weights = op.Weight
					}
				}
				if node.Name == "a" {
					thresholds = parameters(node.Op)[map[string]int{"IF": 1, "LIF": 3, "CubaLIF": 4}[node.Op.Type()]]
				}
			}
			learned := l.Learning().Connections[0]
			if d := cmp.Diff(learned.Kernel.(network.Dense).Weight, weights.Float32s()); d != "" || learned.Drift == 0 {
				t.Errorf("%s, %s: weights: %s", name, profile, d)
			}
			start := map[string]float64{"IF": .8}[strings.Split(name, ", ")[1]]
			if start == 0 {
				start = .3
			}
			if raised := l.Raised("a"); !(raised[0] > 0) || !(thresholds.At(0) > start) {
				t.Errorf("%s, %s: thresholds %v, raised by %v", name, profile, thresholds, raised)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestBatchedWeightsKeepTheirDelays lowers a Linear of two batches, each with
// delays of its own.
func TestBatchedWeightsKeepTheirDelays(t *testing.T) {
	t.Parallel()
	g := flatGraph(func(string) nir.Op { return &nir.Linear{Weight: nir.Float64([]int{2, 1, 1}, []float64{3, 4})} },
		func() nir.Op { return &nir.IF{R: two(1), VThreshold: two(.8), VReset: two(0)} })
	p, _ := ProfileByName("norse")
	p.DT = 1e-4
	for i := range g.Nodes {
		if g.Nodes[i].Name == "w" {
			g.Nodes[i].Metadata = nir.Metadata{{Key: metadataGroup,
				Value: nir.Metadata{{Key: "delay", Value: nir.Float64([]int{2, 1, 1}, []float64{2e-4, 5e-4})}}}}
		}
	}
	l, err := Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	in := l.Spec.Layers[0].Inputs[0]
	if d := cmp.Diff([]float32{3, 4}, kernelValues(in.Kernel)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int32{2, 5}, in.Delays); d != "" {
		t.Error(d)
	}
	c := NewDefaultConfig()
	c.Plasticity = []Plasticity{{Synapses: "w"}}
	if err := l.learn(c); err == nil || !strings.Contains(err.Error(), "are batched and cannot learn") {
		t.Errorf("%v", err)
	}
}

func TestModelsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	c := learning(t)
	for name, x := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"profile": {func(c *Config) { c.Profile = "brian" }, `no profile "brian"; there are [auto norse`},
		"path":    {func(c *Config) { c.Path = "nowhere.nir" }, "nir: open nowhere.nir"},
		"input":   {func(c *Config) {}, "takes an input of [2 8 8], the encoder gives [3]"},
	} {
		cfg := c
		x.change(&cfg)
		if _, err := newNetwork(cfg, pipeline.Shape{3}); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	g := tiny().Graph
	g.Nodes[2].Op.(*nir.LIF).R = nir.Float32([]int{3}, []float32{1, 1, 1})
	p, _ := ProfileByName("norse")
	p.DT = 1e-4
	if _, err := Lower(g, p, time.Millisecond); err == nil || !strings.Contains(err.Error(), `"lif"`) {
		t.Errorf("parameters of two sizes: %v", err)
	}
	if _, err := Lower(tiny().Graph, Profile{Name: "zero"}, time.Millisecond); err == nil || !strings.Contains(err.Error(), "dt of 0 s") {
		t.Errorf("%v", err)
	}
}

// TestGraphsThatCannotBeLoweredAreRefusedByTheNode wants the name of the node
// and the value that is wrong, whatever the network below would say of it.
func TestGraphsThatCannotBeLoweredAreRefusedByTheNode(t *testing.T) {
	graph := func(delay float64, edges ...nir.Edge) *nir.Graph {
		return &nir.Graph{Nodes: []nir.Node{
			{Name: "input", Op: &nir.Input{Shape: []int{2}}}, {Name: "d", Op: &nir.Delay{Delay: two(delay)}},
			{Name: "n", Op: &nir.IF{R: two(1), VThreshold: two(1), VReset: two(0)}}, {Name: "output", Op: &nir.Output{Shape: []int{2}}},
		}, Edges: edges}
	}
	chain := []nir.Edge{{From: "input", To: "d"}, {From: "d", To: "n"}, {From: "n", To: "output"}}
	p, _ := ProfileByName("norse")
	p.DT = 1e-3
	for name, c := range map[string]struct {
		graph *nir.Graph
		want  string
	}{
		"a delay too long":     {graph(65.537, chain...), `node "d" (Delay): delay: 65.537 s is 65537 steps of 0.001 s, above 65536; choose a larger dt`},
		"a delay out of range": {graph(1e300, chain...), `node "d" (Delay): delay: 1e+300 s is 1e+303 steps`},
		"nothing to put out":   {graph(0, chain[:2]...), `node "output" (Output): no edge leads to it`},
		"nothing to integrate": {graph(0, chain[2]), `node "n" (IF): no edge leads to it`},
	} {
		if _, err := Lower(c.graph, p, time.Millisecond); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	l, err := Lower(graph(65.536, chain...), p, time.Millisecond)
	if err != nil || l.Spec.Layers[0].Neuron.(network.Clocked).Delay[1] != network.MaxDelay {
		t.Errorf("the longest delay: %v", err)
	}
}

// TestNetworksOfTheProgramNameTheirProfileInFull wants of each what a training
// writes today: with an older name, the command in the file would make another
// file than the one that ships.
func TestNetworksOfTheProgramNameTheirProfileInFull(t *testing.T) {
	for _, name := range nir.Builtin() {
		m, err := nir.ReadFile(name, nir.Options{})
		if err != nil {
			t.Fatal(err)
		}
		stated := m.Graph.Metadata.Text("profile")
		if p, err := ProfileByName(stated); err != nil || p.Name != stated {
			t.Errorf("%s: profile %q, want %q: %v", name, stated, p.Name, err)
		}
	}
}
