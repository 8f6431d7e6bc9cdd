package nirnet

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// TestExactProfileIsTheClosedForm wants the spikes of NIR's closed form, and
// the membrane as it has it after every event.
func TestExactProfileIsTheClosedForm(t *testing.T) {
	t.Parallel()
	in, want := readTrace(t, fixture(t, "lif", "lif_exact.csv"))
	membrane := readColumn(t, fixture(t, "lif", "lif_exact.csv"), 1)
	m, err := nir.ReadFile(fixture(t, "lif", "lif_norse.nir"), nir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ProfileByName("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	const step = 100 // µs: the trace's
	l, err := Lower(m.Graph, p, step*time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	e, err := network.New(l.Spec, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	n := l.Spec.Layers[0].Neuron.(network.Exact)
	var train pipeline.Spikes
	got := make([]float64, len(want))
	worst, v, before := 0.0, 0.0, 0
	for k, x := range in.v {
		if x == 0 {
			continue
		}
		train.AppendGraded(int64(k)*step, 0, float32(x))
		v = pulsed(&n, v, float64(k-before)*step, x, &got[k])
		before = k
		worst = max(worst, math.Abs(v-membrane[k]))
	}
	if d := cmp.Diff(want, got); d != "" || worst > 1e-8 {
		t.Fatalf("the closed form of the trace is another one: off by %v, %s", worst, d)
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := e.Step(t.Context(), pipeline.Window{End: int64(len(want)) * step}, &train, &act); err != nil {
		t.Fatal(err)
	}
	clear(got)
	for i, at := range act.Layers[0].Spikes.T {
		got[at/step] += float64(len(act.Layers[0].Spikes.Run(i)))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("spikes: %s", d)
	}
	t.Logf("%d spikes, membrane within %.1e of the trace", act.Layers[0].Spikes.Len(), worst)
}

// pulsed is the membrane of a neuron a time gap after it was v, the last dt of
// which an input x flows, by the closed form; spikes counts.
func pulsed(n *network.Exact, v, gap, x float64, spikes *float64) float64 {
	rest, tau, dt := n.Rest[0], n.Tau[0], -n.Tau[0]*math.Log(n.Pulse[0])
	target := rest + n.Gain[0]*x/(1-n.Pulse[0])
	v = rest + (v-rest)*math.Exp(-(gap-dt)/tau)
	for {
		end := target + (v-target)*math.Exp(-dt/tau)
		if end <= n.Threshold[0] {
			return end
		}
		dt -= max(tau*math.Log((target-v)/(target-n.Threshold[0])), 0)
		v = 0
		*spikes++
	}
}

func readColumn(t testing.TB, path string, column int) []float64 {
	t.Helper()
	a, v := csv(t, path), []float64(nil)
	for _, row := range a {
		v = append(v, row[column])
	}
	return v
}

// TestExactGraphsRunWithoutSteps runs a convolutional graph of LIF neurons on
// exact times, with a bias and a relay, for any shards and windows, and wants
// of one neuron what its closed form gives.
func TestExactGraphsRunWithoutSteps(t *testing.T) {
	t.Parallel()
	g := tiny().Graph
	for i, n := range g.Nodes {
		if c, ok := n.Op.(*nir.Conv); ok {
			c.Bias = nir.Float32([]int{1}, []float32{.1})
			g.Nodes[i].Op = c
		}
	}
	p, _ := ProfileByName("ganglion")
	p.DT = 1e-5
	for i := range 4 {
		g.Nodes[2].Op.(*nir.LIF).VThreshold.F32[i] = 1.5
	}
	l, err := Lower(g, p, 10*time.Microsecond)
	if err != nil {
		t.Fatal(err)
	}
	if l.Spec.Step != 0 || l.Tick() != 1 {
		t.Fatalf("step %v", l.Spec.Step)
	}
	var train pipeline.Spikes
	for i := range int64(4000) {
		train.Append(17*i, uint32(i*37%128))
	}
	const span = 70_000
	var want [3]pipeline.Spikes
	for i, shards := range []int{1, 1, 2, 3} {
		e, err := network.New(l.Spec, shards)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(l.Spec.Layers))}
		for start, run := int64(0), 0; start < span; {
			end := start + 1 + (start*7919)%5003
			if i == 0 {
				end = span
			}
			end = min(end, span)
			var part pipeline.Spikes
			for ; run < len(train.T) && train.T[run] < end; run++ {
				part.Append(train.T[run], train.Run(run)[0])
			}
			if err := e.Step(t.Context(), pipeline.Window{Start: start, End: end}, &part, &act); err != nil {
				t.Fatal(err)
			}
			if start = end; i == 3 && start > span/2 { // continues as another engine
				snap, err := e.AppendState(nil)
				if err != nil {
					t.Fatal(err)
				}
				if e, err = network.New(l.Spec, 2); err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				if err := e.RestoreState(snap); err != nil {
					t.Fatal(err)
				}
			}
		}
		for k := range act.Layers {
			got := act.Layers[k].Spikes
			if got.Len() < 100 {
				t.Fatalf("layer %s: %d spikes show nothing", l.Spec.Layers[k].Name, got.Len())
			}
			if i == 0 {
				want[k] = got
			} else if d := cmp.Diff(want[k], got); d != "" {
				t.Fatalf("%d shards, layer %s: %s", shards, l.Spec.Layers[k].Name, d)
			}
		}
	}
	n := l.Spec.Layers[0].Neuron.(network.Exact)
	v, last, spikes := 0., int64(0), 0.
	for run, at := range train.T {
		id := train.Run(run)[0] % 64
		if id/8 >= 4 || id%8 >= 4 { // the first quadrant's neuron
			continue
		}
		v = pulsed(&n, v, float64(at-last), 1, &spikes)
		last = at
	}
	got := 0.
	for _, id := range want[0].IDs {
		if id == 0 {
			got++
		}
	}
	if got != spikes || n.Rest[0] != float64(float32(.1))*10 {
		t.Errorf("the first neuron fires %v times, its closed form %v; it rests at %v", got, spikes, n.Rest[0])
	}
}

func TestWhatNeedsStepsIsRefusedByName(t *testing.T) {
	t.Parallel()
	one := func(v float64) nir.Tensor { return nir.Float64([]int{1, 2, 2}, []float64{v, v, v, v}) }
	for name, c := range map[string]struct {
		change func(*nir.Graph)
		want   string
	}{
		"adaptation": {func(g *nir.Graph) {
			g.Nodes[2].Metadata = nir.Metadata{{Key: metadataGroup, Value: nir.Metadata{{Key: "adaptation_tau", Value: nir.Scalar(.1)}}}}
		}, `node "lif" (LIF): adaptation: coupled to its membrane`},
		"a neuron behind what is read": {func(g *nir.Graph) {
			g.Nodes = append(g.Nodes, nir.Node{Name: "li", Op: &nir.LI{Tau: one(1), R: one(1), VLeak: one(0)}},
				nir.Node{Name: "scale", Op: &nir.Scale{Scale: one(1)}})
			g.Edges[1].To = "li"
			g.Edges = append(g.Edges, nir.Edge{From: "li", To: "scale"}, nir.Edge{From: "scale", To: "lif"})
		}, `node "lif" (LIF): input "li": a membrane that is read`},
		"a bias to the output": {func(g *nir.Graph) {
			g.Nodes[4].Op = &nir.Affine{Weight: g.Nodes[4].Op.(*nir.Linear).Weight, Bias: nir.Float32([]int{2}, []float32{1, 0})}
		}, `node "vote": a bias that leads to the output`},
		"a bias above a threshold": {func(g *nir.Graph) {
			g.Nodes[1].Op.(*nir.Conv).Bias.F32[0] = 2
			g.Nodes[2].Op = &nir.Threshold{Threshold: one(1)}
		}, `node "lif" (Threshold): a bias of 2 above the threshold of 1 fires without end`},
		"a time constant": {func(g *nir.Graph) {
			g.Nodes[2].Op = &nir.CubaLIF{TauSyn: one(0), TauMem: one(.01), R: one(1), VLeak: one(0), VThreshold: one(1), VReset: one(0), WIn: one(1)}
		}, `node "lif" (CubaLIF): a time constant of 0 s`},
		"an endless synapse": {func(g *nir.Graph) {
			g.Nodes[2].Op = &nir.CubaLIF{TauSyn: one(math.Inf(1)), TauMem: one(.01), R: one(1), VLeak: one(0), VThreshold: one(1), VReset: one(0),
				WIn: one(1)}
		}, `node "lif" (CubaLIF): a time constant of +Inf s, which event-driven layers have in every neuron`},
		"one membrane of four without leak": {func(g *nir.Graph) {
			g.Nodes[2].Op.(*nir.LIF).Tau = nir.Float64([]int{1, 2, 2}, []float64{.1, math.Inf(1), .1, .1})
		}, `choose a clocked profile, such as norse`},
		"a long delay": {func(g *nir.Graph) {
			g.Nodes[1].Metadata = nir.Metadata{{Key: metadataGroup, Value: nir.Metadata{{Key: "delay", Value: nir.Scalar(1e9)}}}}
		}, `input "quadrants": a delay of 1e+09 s is outside`},
	} {
		g := tiny().Graph
		c.change(g)
		p, _ := ProfileByName("ganglion")
		if _, err := Lower(g, p, time.Millisecond); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestAnInfiniteTauIntegrates: as an IF where r is infinite too, and to nothing
// where r is finite, because r/tau is 0.
func TestAnInfiniteTauIntegrates(t *testing.T) {
	t.Parallel()
	inf := nir.Scalar(math.Inf(1))
	of := func(op nir.Op) []float64 {
		g := &nir.Graph{Nodes: []nir.Node{
			{Name: "input", Op: &nir.Input{Shape: []int{2}}},
			{Name: "fc", Op: &nir.Linear{Weight: nir.Float32([]int{2, 2}, []float32{.4, .1, -.2, .7})}},
			{Name: "n", Op: op},
			{Name: "output", Op: &nir.Output{Shape: []int{2}}},
		}, Edges: []nir.Edge{{From: "input", To: "fc"}, {From: "fc", To: "n"}, {From: "n", To: "output"}}}
		p, _ := ProfileByName("ganglion")
		l, err := Lower(g, p, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		var in pipeline.Spikes
		for ms := range int64(40) {
			in.T, in.IDs, in.Offsets = append(in.T, ms*1000), append(in.IDs, uint32(ms%2)), append(in.Offsets, uint32(ms))
		}
		in.Offsets = append(in.Offsets, 40)
		r, err := Infer(t.Context(), l, 1, &in, 0, 40, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.Output
	}
	vector := func(v float64) nir.Tensor { return nir.Float64([]int{2}, []float64{v, v}) }
	// .4 and .1 in turn reach more than 1 with every fifth input, -.2 and .7 net .5 a pair.
	want := of(&nir.IF{R: vector(1), VThreshold: vector(1), VReset: vector(0)})
	if slices.Equal(want, []float64{0, 0}) {
		t.Fatal("the integrator is silent")
	}
	if got := of(&nir.LIF{Tau: inf, R: inf, VLeak: vector(0), VThreshold: vector(1), VReset: vector(0)}); !slices.Equal(got, want) {
		t.Errorf("LIF fires %v, IF %v", got, want)
	}
	got := of(&nir.LIF{Tau: inf, R: vector(1), VLeak: vector(0), VThreshold: vector(1), VReset: vector(0)})
	if !slices.Equal(got, []float64{0, 0}) {
		t.Errorf("r/tau of 0 fires %v", got)
	}
	if got, want := of(&nir.LI{Tau: inf, R: inf, VLeak: vector(0)}), of(&nir.I{R: vector(1)}); !slices.Equal(got, want) {
		t.Errorf("LI reads %v, I %v", got, want)
	}
}
