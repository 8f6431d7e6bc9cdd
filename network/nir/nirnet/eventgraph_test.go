package nirnet

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// chain is a graph of nodes one behind the other, by name, over two neurons.
func chain(nodes ...nir.Node) *nir.Graph {
	g := &nir.Graph{Nodes: []nir.Node{{Name: "input", Op: &nir.Input{Shape: []int{2}}}}}
	for _, n := range append(nodes, nir.Node{Name: "output", Op: &nir.Output{Shape: []int{2}}}) {
		g.Edges = append(g.Edges, nir.Edge{From: g.Nodes[len(g.Nodes)-1].Name, To: n.Name})
		g.Nodes = append(g.Nodes, n)
	}
	g.Canonical()
	return g
}

// fire runs a graph event-driven, dt being 1 ms, on spikes of neuron 0 at some
// times, and returns what its output does in 50 ms.
func fire(t *testing.T, g *nir.Graph, times ...int64) pipeline.Spikes {
	t.Helper()
	p, err := ProfileByName("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	p.DT = 1e-3
	l, err := Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	e, err := network.New(l.Spec, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	in := &pipeline.Spikes{}
	for _, at := range times {
		in.Append(at, 0)
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(l.Spec.Layers))}
	if err := e.Step(t.Context(), pipeline.Window{End: 50_000}, in, &act); err != nil {
		t.Fatal(err)
	}
	for i, ls := range l.Spec.Layers {
		if ls.Name == l.Output {
			return act.Layers[i].Spikes
		}
	}
	t.Fatalf("no layer %q", l.Output)
	return pipeline.Spikes{}
}

// TestABiasDrivesNeuronsThroughLinearNodes wants neurons that a bias, scaled on
// its way, lifts above their threshold to fire with the period of the closed
// form, T = tau ln(u/(u - threshold)) for LIF and threshold/u for IF.
func TestABiasDrivesNeuronsThroughLinearNodes(t *testing.T) {
	t.Parallel()
	biased := nir.Node{Name: "affine", Op: &nir.Affine{Weight: matrixOf(0, 0, 0, 0), Bias: nir.Float64([]int{2}, []float64{.5, .75})}}
	scale := nir.Node{Name: "scale", Op: &nir.Scale{Scale: two(2)}}
	delay := nir.Node{Name: "delay", Op: &nir.Delay{Delay: two(3e-3)}}
	lif := nir.Node{Name: "n", Op: &nir.LIF{Tau: two(4e-3), R: two(1), VLeak: two(.25), VThreshold: two(1), VReset: two(0)}}
	whole := nir.Node{Name: "n", Op: &nir.IF{R: two(.25), VThreshold: two(1), VReset: two(0)}}
	for name, c := range map[string]struct {
		neuron nir.Node
		period func(u float64) float64 // µs
	}{
		"LIF": {lif, func(u float64) float64 { return 4000 * math.Log((.25+u)/(u-.75)) }},
		"IF":  {whole, func(u float64) float64 { return 1000 / (.25 * u) }},
	} {
		got := byNeuron(ptr(fire(t, chain(biased, delay, scale, c.neuron))))
		for id, u := range []float64{1, 1.5} {
			period := c.period(u)
			times := got[uint32(id)]
			if want := int(50_000 / period); len(times) < want-1 || len(times) > want+1 {
				t.Errorf("%s: neuron %d fires %d times, its period is %v µs", name, id, len(times), period)
			}
			for i, at := range times {
				// A spike comes at the first whole µs behind its time, from
				// which the next period counts.
				if off := float64(at) - period*float64(i+1); off < -1e-6 || off > float64(i+1)*1.01 {
					t.Fatalf("%s: spike %d of neuron %d at %d µs, %v after %d periods", name, i, id, at, off, i+1)
				}
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestMembranesAreReadInClosedForm reads LI, I and CubaLI, scaled, at every
// step, and wants the closed forms.
func TestMembranesAreReadInClosedForm(t *testing.T) {
	t.Parallel()
	half := nir.Node{Name: "half", Op: &nir.Scale{Scale: two(.5)}}
	const rise = 1 - 1/math.E // what a pulse of 1 ms leaves at time constants of 1 ms
	response := func(ms float64) float64 { return (math.Exp(-ms) - math.Exp(-ms/4)) / (1 - 4) }
	for name, c := range map[string]struct {
		op   nir.Op
		want func(ms float64) float64 // after a spike
	}{
		"LI": {&nir.LI{Tau: two(1e-3), R: two(3), VLeak: two(0)}, func(ms float64) float64 { return 3 * rise * math.Exp(-ms) }},
		"I":  {&nir.I{R: two(3)}, func(float64) float64 { return 3 }},
		"CubaLI": {&nir.CubaLI{TauSyn: two(1e-3), TauMem: two(1e-3), R: two(3), VLeak: two(0), WIn: two(2)},
			func(ms float64) float64 { return 6 * math.Exp(-ms) * (1 - 2/math.E + rise*ms) }},
		"CubaLI of two time constants": {&nir.CubaLI{TauSyn: two(1e-3), TauMem: two(4e-3), R: two(3), VLeak: two(0), WIn: two(2)},
			func(ms float64) float64 {
				return 6 * ((1-math.Exp(-.25)-response(1))*math.Exp(-ms/4) + rise*response(ms))
			}},
	} {
		const spike = 2500 // µs
		got := fire(t, chain(nir.Node{Name: "n", Op: c.op}, half), spike)
		seen := 0
		for i, at := range got.T {
			if at%1000 != 0 {
				t.Fatalf("%s: read at %d µs", name, at)
			}
			if id := got.Run(i)[0]; id == 0 {
				seen++
				want := 0.
				if at >= spike {
					want = c.want(float64(at-spike) / 1000)
				}
				if v := float64(got.Values[got.Offsets[i]]); math.Abs(v-want/2) > 1e-6 {
					t.Errorf("%s: %v at %d µs, want %v", name, v, at, want/2)
				}
			}
		}
		if seen < 20 {
			t.Errorf("%s: read %d times", name, seen)
		}
	}
}

// TestDelaysAreKeptToTheMicrosecond sends spikes through Delay nodes and
// synapses with delays, and around a loop.
func TestDelaysAreKeptToTheMicrosecond(t *testing.T) {
	t.Parallel()
	unit := func() *nir.IF { return &nir.IF{R: two(1), VThreshold: two(.95), VReset: two(0)} }
	late := nir.Node{Name: "late", Op: &nir.Linear{Weight: matrixOf(1, 0, 1, 0)}, Metadata: nir.Metadata{
		{Key: metadataGroup, Value: nir.Metadata{{Key: "delay", Value: nir.Float64([]int{2, 2}, []float64{1e-5, 0, 2.5e-4, 0})}}}}}
	got := fire(t, chain(nir.Node{Name: "delay", Op: &nir.Delay{Delay: two(1.25e-4)}}, late, nir.Node{Name: "n", Op: unit()}), 1000)
	if d := cmp.Diff([]int64{1135, 1375}, got.T); d != "" {
		t.Error(d)
	}
	got = fire(t, chain(nir.Node{Name: "n", Op: unit()}, nir.Node{Name: "delay",
		Op: &nir.Delay{Delay: nir.Float64([]int{2}, []float64{7e-6, 0})}}), 1000)
	if d := cmp.Diff([]int64{1007}, got.T); d != "" {
		t.Error(d)
	}
	for _, c := range []struct {
		delay float64 // s; the step is 1 ms
		want  []int64
	}{{0, []int64{500, 1500, 2500}}, {4e-4, []int64{500, 1500, 2500}}, {2.5e-3, []int64{500, 3000, 5500}}} {
		g := chain(nir.Node{Name: "n", Op: unit()})
		g.Nodes = append(g.Nodes, nir.Node{Name: "delay", Op: &nir.Delay{Delay: two(c.delay)}},
			nir.Node{Name: "back", Op: &nir.Scale{Scale: two(1)}})
		g.Edges = append(g.Edges, nir.Edge{From: "n", To: "delay"}, nir.Edge{From: "delay", To: "back"}, nir.Edge{From: "back", To: "n"})
		g.Canonical()
		if d := cmp.Diff(c.want, fire(t, g, 500).T[:3]); d != "" {
			t.Errorf("around a loop with a delay of %v s: %s", c.delay, d)
		}
	}
}

// TestBrailleRunsWithoutSteps runs the recurrent CubaLIF of the NIR paper: on
// one of its inputs, event-driven, it finds the class that it finds in steps,
// with spike counts near those.
func TestBrailleRunsWithoutSteps(t *testing.T) {
	t.Parallel()
	in := readNPY(t, fixture(t, "braille", "ds_test_sample0_input_recovered.npy"))
	counts, classes := map[string][]float64{}, map[string]int{}
	for _, profile := range []string{"ganglion", "norse-subtract"} {
		m, err := nir.ReadFile(fixture(t, "braille", "braille_noDelay_noBias_subtract.nir"), nir.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := ProfileByName(profile)
		if err != nil {
			t.Fatal(err)
		}
		p.DT = 1e-4
		l, err := Lower(m.Graph, p, 100*time.Microsecond)
		if err != nil {
			t.Fatal(err)
		}
		var train pipeline.Spikes
		for i, v := range in.v {
			if v != 0 {
				train.Append(int64(i/in.shape[1])*100, uint32(i%in.shape[1]))
			}
		}
		r, err := Infer(t.Context(), l, 1, &train, 0, in.shape[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		counts[profile] = append(r.Output, float64(r.Layers[0].Spikes))
		classes[profile] = *r.Class
		t.Logf("%s: class %d, %v", profile, *r.Class, counts[profile])
	}
	if classes["ganglion"] != classes["norse-subtract"] {
		t.Errorf("class %d event-driven, %d in steps", classes["ganglion"], classes["norse-subtract"])
	}
	for i, want := range counts["norse-subtract"] {
		if got := counts["ganglion"][i]; math.Abs(got-want) > .15*want+10 {
			t.Errorf("output %d: %v spikes event-driven, %v in steps", i, got, want)
		}
	}
}
