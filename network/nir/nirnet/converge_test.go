package nirnet

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// physical is a network given by what it does in seconds, for a time step of
// dt: CubaLIF, then CubaLIF that a bias drives and that feed themselves through
// a delay, then LI. A spike is a current of height 1 over dt, so what takes it
// in grows as dt shrinks.
func physical(dt float64) *nir.Graph {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(low, high float64, shape ...int) nir.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		v := make([]float64, n)
		for i := range v {
			v[i] = low + (high-low)*r.Float64()
		}
		return nir.Float64(shape, v)
	}
	scaled := func(t nir.Tensor, by float64) nir.Tensor {
		for i := range t.F64 {
			t.F64[i] *= by
		}
		return t
	}
	const n = 8
	zero := func() nir.Tensor { return draw(0, 0, n) }
	cuba := func() nir.Op {
		return &nir.CubaLIF{TauSyn: draw(3e-3, 6e-3, n), TauMem: draw(5e-3, 9e-3, n), R: draw(1, 2, n), VLeak: zero(),
			VThreshold: draw(.4, .6, n), VReset: zero(), WIn: scaled(draw(4e-4, 8e-4, n), 1/dt)}
	}
	g := &nir.Graph{
		Nodes: []nir.Node{
			{Name: "input", Op: &nir.Input{Shape: []int{4}}},
			{Name: "w", Op: &nir.Linear{Weight: draw(.2, 1, n, 4)}},
			{Name: "cuba", Op: cuba()},
			{Name: "v", Op: &nir.Affine{Weight: draw(-.1, .5, n, n), Bias: scaled(draw(200, 900, n), dt)}},
			{Name: "loop", Op: cuba()},
			{Name: "delay", Op: &nir.Delay{Delay: draw(2e-3, 4e-3, n)}},
			{Name: "back", Op: &nir.Linear{Weight: draw(-.3, .1, n, n)}},
			{Name: "u", Op: &nir.Linear{Weight: draw(-.2, .5, 2, n)}},
			{Name: "li", Op: &nir.LI{Tau: draw(5e-3, 5e-3, 2), R: scaled(draw(5e-3, 5e-3, 2), 1/dt), VLeak: draw(0, 0, 2)}},
			{Name: "output", Op: &nir.Output{Shape: []int{2}}},
		},
		Edges: []nir.Edge{
			{From: "input", To: "w"}, {From: "w", To: "cuba"}, {From: "cuba", To: "v"}, {From: "v", To: "loop"}, {From: "loop", To: "delay"},
			{From: "delay", To: "back"}, {From: "back", To: "loop"}, {From: "loop", To: "u"}, {From: "u", To: "li"}, {From: "li", To: "output"},
		},
	}
	g.Canonical()
	return g
}

// activity runs a graph for 40 ms on input on a grid of 100 µs.
func activity(t *testing.T, p Profile, step time.Duration) map[string]*pipeline.Spikes {
	t.Helper()
	p.DT = step.Seconds()
	l, err := Lower(physical(p.DT), p, step)
	if err != nil {
		t.Fatal(err)
	}
	e, err := network.New(l.Spec, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r := rand.New(rand.NewPCG(3, 4))
	var in pipeline.Spikes
	for at := int64(0); at < 40_000; at += 100 {
		for id := range uint32(4) {
			if r.IntN(12) == 0 {
				in.Append(at, id)
			}
		}
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(l.Spec.Layers))}
	if err := e.Step(t.Context(), pipeline.Window{End: 40_000}, &in, &act); err != nil {
		t.Fatal(err)
	}
	all := map[string]*pipeline.Spikes{}
	for i, ls := range l.Spec.Layers {
		all[ls.Name] = &act.Layers[i].Spikes
	}
	return all
}

// byNeuron lists the spike times of each neuron.
func byNeuron(s *pipeline.Spikes) map[uint32][]int64 {
	times := map[uint32][]int64{}
	for i, at := range s.T {
		for _, id := range s.Run(i) {
			times[id] = append(times[id], at)
		}
	}
	return times
}

// TestStepsConvergeToTheProfileWithoutSteps makes the steps of a profile on a
// grid smaller and smaller, and wants its spikes to come as close to those
// between events: within a step, on average. Steps below 10 µs come no closer,
// since a decay over so short a time loses digits in float32.
func TestStepsConvergeToTheProfileWithoutSteps(t *testing.T) {
	t.Parallel()
	events, err := ProfileByName("ganglion")
	if err != nil {
		t.Fatal(err)
	}
	want := activity(t, events, time.Microsecond)
	var off []float64
	for _, step := range []time.Duration{100 * time.Microsecond, 50 * time.Microsecond, 20 * time.Microsecond, 10 * time.Microsecond} {
		got := activity(t, Profile{Name: "grid", Method: "exact", Rule: network.Subtract}, step)
		sum, n := 0., 0
		for _, layer := range []string{"cuba", "loop"} {
			a, b := byNeuron(want[layer]), byNeuron(got[layer])
			for id, times := range a {
				if d := len(times) - len(b[id]); d < -1 || d > 1 {
					t.Errorf("steps of %v, layer %s: neuron %d fires %d times, between events %d", step, layer, id, len(b[id]), len(times))
				}
				for i := range min(len(times), len(b[id])) {
					sum += math.Abs(float64(times[i] - b[id][i]))
					n++
				}
			}
		}
		late := sum / float64(n)
		// A value of a step is that of its end.
		last := func(s *pipeline.Spikes) float64 { return float64(s.Values[len(s.Values)-1]) }
		off = append(off, math.Abs(last(got["li"])-last(want["li"])))
		t.Logf("steps of %v: %d spikes, %.2f µs apart on average, the last reading %.1e", step, n, late, off[len(off)-1])
		if n < 100 || late > step.Seconds()*1e6 {
			t.Errorf("steps of %v: %d spikes are %.2f µs apart", step, n, late)
		}
	}
	if off[3] > off[0]/10 {
		t.Errorf("readings stay apart: %.1e", off)
	}
}
