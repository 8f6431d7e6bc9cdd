package nirnet

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

func lifNode(name string) nir.Node {
	return nir.Node{Name: name, Op: &nir.LIF{Tau: two(1e-2), R: two(1), VLeak: two(0), VThreshold: two(1), VReset: two(0)}}
}

func cubaNode(tauSyn float64) nir.Node {
	return nir.Node{Name: "n", Op: &nir.CubaLIF{TauSyn: two(tauSyn), TauMem: two(1e-2), R: two(1), VLeak: two(0), VThreshold: two(1),
		VReset: two(0), WIn: two(1)}}
}

func with(n nir.Node, entries ...nir.Meta) nir.Node {
	n.Metadata = nir.Metadata{{Key: metadataGroup, Value: nir.Metadata(entries)}}
	return n
}

// TestGraphsThatCannotRunAreRefusedByName lowers graphs that a file may well
// hold, but that no engine can run.
func TestGraphsThatCannotRunAreRefusedByName(t *testing.T) {
	t.Parallel()
	linear := nir.Node{Name: "w", Op: &nir.Linear{Weight: matrixOf(1, 0, 0, 1)}}
	scale := nir.Node{Name: "s", Op: &nir.Scale{Scale: two(1)}}
	late := nir.Meta{Key: "delay", Value: nir.Scalar(-1)}
	wrong := nir.Meta{Key: "refractory", Value: nir.Scalar(1)}
	edit := func(g *nir.Graph, change func(*nir.Graph)) *nir.Graph {
		change(g)
		return g
	}
	for name, c := range map[string]struct {
		g       *nir.Graph
		profile string
		want    string
	}{
		"two inputs": {edit(chain(lifNode("n")), func(g *nir.Graph) {
			g.Nodes = append(g.Nodes, nir.Node{Name: "more", Op: &nir.Input{Shape: []int{2}}})
			g.Edges = append(g.Edges, nir.Edge{From: "more", To: "n"})
		}), "norse", `(Input): a second input`},
		"two outputs": {edit(chain(lifNode("n")), func(g *nir.Graph) {
			g.Nodes = append(g.Nodes, nir.Node{Name: "more", Op: &nir.Output{Shape: []int{2}}})
			g.Edges = append(g.Edges, nir.Edge{From: "n", To: "more"})
		}), "norse", `(Output): a second output`},
		"delays that overflow": {chain(nir.Node{Name: "d", Op: &nir.Delay{Delay: two(5e14)}},
			nir.Node{Name: "e", Op: &nir.Delay{Delay: two(5e14)}}, lifNode("n")), "ganglion", `node "d" (Delay): a delay of 5e+14 s`},
		"a delay without end": {chain(nir.Node{Name: "d", Op: &nir.Delay{Delay: two(1e300)}}, lifNode("n")), "ganglion",
			`node "d" (Delay): a delay of 1e+300 s`},
		"no output": {edit(chain(lifNode("n")), func(g *nir.Graph) {
			g.Nodes, g.Edges = g.Nodes[:2], g.Edges[:1]
		}), "norse", "no Output"},
		"no input": {&nir.Graph{Nodes: []nir.Node{lifNode("n"), {Name: "output", Op: &nir.Output{Shape: []int{2}}}},
			Edges: []nir.Edge{{From: "n", To: "output"}}}, "norse", "no Input"},
		"no shape": {&nir.Graph{Nodes: []nir.Node{{Name: "input", Op: &nir.Input{}}, {Name: "output", Op: &nir.Output{}}},
			Edges: []nir.Edge{{From: "input", To: "output"}}}, "norse", `node "input" (Input): nothing tells the shape`},
		"no such edge":    {&nir.Graph{Nodes: []nir.Node{lifNode("n")}, Edges: []nir.Edge{{From: "n", To: "x"}}}, "norse", `node "x"`},
		"late weight":     {chain(with(linear, late), lifNode("n")), "norse", `node "n" (LIF): input "w": a delay of -1 s is outside`},
		"late relay":      {chain(with(linear, late), scale, lifNode("n")), "norse", `node "w" (Linear): a delay of -1 s is outside`},
		"key of a neuron": {chain(with(linear, wrong), lifNode("n")), "norse", `input "w": metadata "ganglion": a Linear has no "refractory"`},
		"key of a relay": {chain(with(linear, wrong), scale, lifNode("n")), "norse",
			`node "w" (Linear): metadata "ganglion": a Linear has no "refractory"`},
		"fast synapse": {chain(cubaNode(1e-9)), "norse", `node "n" (CubaLIF): a time constant of 1e-09 s does not fit a step`},
		"fast membrane": {chain(nir.Node{Name: "n", Op: &nir.LI{Tau: two(0), R: two(1), VLeak: two(0)}}), "ganglion",
			`node "n" (LI): a time constant of 0 s`},
		"adaptation sizes": {chain(with(lifNode("n"), nir.Meta{Key: "adaptation_tau", Value: nir.Float64([]int{3}, []float64{1, 1, 1})},
			nir.Meta{Key: "adaptation_jump", Value: two(1)})), "norse",
			`parameters for 3 and for 2 neurons`},
		"integers that rest": {chain(linear, with(lifNode("n"), wrong)), "loihi", "no refractory period"},
		"integer sizes":      {chain(with(lifNode("n"), wrong)), "loihi", `node "n" (LIF)`},
	} {
		p, err := ProfileByName(c.profile)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Lower(c.g, p, time.Millisecond); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestPlasticityNeedsOnePlace refuses weights that stand in two places, and
// nodes without any.
func TestPlasticityNeedsOnePlace(t *testing.T) {
	t.Parallel()
	g := chain(nir.Node{Name: "s", Op: &nir.Scale{Scale: two(1)}}, nir.Node{Name: "w", Op: &nir.Linear{Weight: matrixOf(1, 0, 0, 1)}},
		lifNode("n"))
	g.Nodes = append(g.Nodes, lifNode("other"))
	g.Edges = append(g.Edges, nir.Edge{From: "w", To: "other"}, nir.Edge{From: "other", To: "output"})
	g.Canonical()
	p, _ := ProfileByName("norse")
	l, err := Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	for node, want := range map[string]string{"s": "has no weights that could learn",
		"w": "has 2 sources or targets, which would learn apart"} {
		if err := l.plastic(Plasticity{Synapses: node}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", node, err, want)
		}
	}
}

// TestRaisedThresholdsOfEveryNeuron raises thresholds that stand as one value
// for all, and leaves nodes without thresholds alone.
func TestRaisedThresholdsOfEveryNeuron(t *testing.T) {
	t.Parallel()
	one := nir.Scalar(.5)
	for _, op := range []nir.Op{&nir.IF{VThreshold: one}, &nir.LIF{VThreshold: one}, &nir.CubaLIF{VThreshold: one}} {
		raised := withThreshold(op, []float64{.25, 0}, []float64{2})
		var got nir.Tensor
		switch n := raised.(type) {
		case *nir.IF:
			got = n.VThreshold
		case *nir.LIF:
			got = n.VThreshold
		case *nir.CubaLIF:
			got = n.VThreshold
		}
		if d := cmp.Diff([]float64{.625, .5}, got.F64); d != "" || one.At(0) != .5 {
			t.Errorf("%s: %s", op.Type(), d)
		}
	}
	li := &nir.LI{}
	if withThreshold(li, []float64{1}, nil) != nir.Op(li) || withWeight(li, nil) != nir.Op(li) {
		t.Error("a node without a threshold or weights is another one")
	}
}

// TestLargeTensorsAreTakenAsFlat runs neurons of four dimensions.
func TestLargeTensorsAreTakenAsFlat(t *testing.T) {
	t.Parallel()
	shape := []int{1, 2, 1, 1}
	v := func(x float64) nir.Tensor { return nir.Float64(shape, []float64{x, x}) }
	g := &nir.Graph{Nodes: []nir.Node{
		{Name: "input", Op: &nir.Input{Shape: shape}},
		{Name: "n", Op: &nir.IF{R: v(1), VThreshold: v(.5), VReset: v(0)}},
		{Name: "output", Op: &nir.Output{Shape: shape}},
	}, Edges: []nir.Edge{{From: "input", To: "n"}, {From: "n", To: "output"}}}
	if got := fire(t, g, 100, 200); got.Len() != 3 {
		t.Errorf("%d spikes", got.Len())
	}
}

// TestRunsThatCannotBeAreErrors runs a network for no time, on no engine, in a
// context that has ended.
func TestRunsThatCannotBeAreErrors(t *testing.T) {
	t.Parallel()
	p, _ := ProfileByName("norse")
	l, err := Lower(chain(lifNode("n")), p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	var in pipeline.Spikes
	if _, err := Infer(t.Context(), l, 1, &in, 0, 0, nil); err == nil || !strings.Contains(err.Error(), "shorter than one step") {
		t.Errorf("no steps: %v", err)
	}
	if _, err := Infer(t.Context(), l, 1<<20, &in, 0, 1, nil); err == nil || !strings.Contains(err.Error(), "shards") {
		t.Errorf("too many shards: %v", err)
	}
	if _, err := Infer(t.Context(), l, 1, &in, 0, 1<<30, nil); !errors.Is(err, network.ErrWindow) {
		t.Errorf("too many steps: %v", err)
	}
	c := learning(t)
	c.Shards = component.Auto
	n, err := newNetwork(c, pipeline.Shape{2, 8, 8})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(n.Layers()))}
	if err := n.Step(t.Context(), pipeline.Window{End: 1500}, &in, &act); !errors.Is(err, network.ErrWindow) {
		t.Errorf("half a step: %v", err)
	}
	if err := n.(pipeline.Stateful).RestoreState([]byte{1}); err == nil {
		t.Error("restored from one byte")
	}
}

// full is a writer with room for some bytes.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errors.New("full")
	}
	return len(b), nil
}

func TestCountsAsNumPyArrays(t *testing.T) {
	t.Parallel()
	var s pipeline.Spikes
	for range 300 {
		s.Append(0, 1)
	}
	s.Append(1000, 0)
	for size := 2; size < 70; size++ { // headers of every length
		var b bytes.Buffer
		if err := WriteNPY(&b, &s, size, 10*size, 0, 1000); err != nil {
			t.Fatal(err)
		}
		if head := b.Len() - 10*size*size; head%64 != 0 || b.Bytes()[head-1] != '\n' || b.Bytes()[head+1] != 255 || b.Bytes()[head+size] != 1 {
			t.Fatalf("size %d: a header of %d bytes, %v", size, head, b.Bytes()[head:head+size+1])
		}
	}
	for _, room := range []int{0, 150} {
		if err := WriteNPY(&full{room}, &s, 64, 2, 0, 1000); err == nil {
			t.Errorf("written into %d bytes", room)
		}
	}
}

func TestRecordingsThatAreTooLongAreRefused(t *testing.T) {
	t.Parallel()
	events := []pipeline.Event{{T: 0}, {T: 1 << 40}}
	if _, _, _, err := Bin(events, pipeline.Shape{2, 1, 1}, 1000, 1); err == nil ||
		!strings.Contains(err.Error(), "too long for times of 1 µs") {
		t.Error(err)
	}
	var s pipeline.Spikes
	s.Append(5, 7)
	act := &pipeline.Activity{Layers: []pipeline.LayerActivity{{Spikes: s}}}
	if _, err := Record(pipeline.Shape{3}, nil, act, &s, 10); err == nil || !strings.Contains(err.Error(), `node "input"`) {
		t.Errorf("an input outside of its shape: %v", err)
	}
	layers := []pipeline.Layer{{Name: "n", Shape: pipeline.Shape{3}}}
	if _, err := Record(pipeline.Shape{3}, layers, act, &pipeline.Spikes{}, 10); err == nil || !strings.Contains(err.Error(), `node "n"`) {
		t.Errorf("spikes outside of their layer: %v", err)
	}
}

// TestIntegerNetworksScaleEveryKernel lowers kernels of each kind to whole
// numbers: the largest weight into a layer becomes 127.
func TestIntegerNetworksScaleEveryKernel(t *testing.T) {
	t.Parallel()
	lif := lifNode("n")
	lif.Op.(*nir.LIF).Tau, lif.Op.(*nir.LIF).R = two(2e-4), two(2) // half a step's decay
	for name, c := range map[string]struct {
		op   nir.Op
		want []float32
	}{
		"dense":  {&nir.Linear{Weight: matrixOf(.5, -.25, 0, .1)}, []float32{127, -64, 0, 25}},
		"sparse": {&nir.Linear{Weight: nir.Float64([]int{2, 1, 1}, []float64{.5, -.25})}, []float32{127, -64}},
		"scale":  {&nir.Scale{Scale: nir.Float64([]int{2}, []float64{.5, -.25})}, []float32{127, -64}},
	} {
		p, _ := ProfileByName("loihi")
		g := chain(nir.Node{Name: "w", Op: c.op}, lif)
		l, err := Lower(g, p, time.Millisecond)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(c.want, kernelValues(l.Spec.Layers[0].Inputs[0].Kernel)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	p, _ := ProfileByName("loihi")
	g := chain(nir.Node{Name: "w", Op: &nir.Scale{Scale: two(.3)}}, lif)
	g.Edges = append(g.Edges, nir.Edge{From: "input", To: "n"})
	g.Canonical()
	if _, err := Lower(g, p, time.Millisecond); err == nil ||
		!strings.Contains(err.Error(), `node "n" (LIF): it has an input without weights`) {
		t.Errorf("an input without weights beside one of .3: %v", err)
	}
}
