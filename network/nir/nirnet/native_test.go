package nirnet

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"ganglion/network/nir"
	"ganglion/pipeline"
)

// simulated is a layer of a simulator: its state, and how it takes the input of
// a step, x with what feed gives for its own spikes, to spikes.
type simulated struct {
	v, i, z []float64
	step    func(l *simulated, x []float64, feed func(z []float64) []float64) []float64
}

func add(x, y []float64) []float64 {
	for i := range x {
		x[i] += y[i]
	}
	return x
}

// each makes a step of neurons that hear the spikes of the step before.
func each(f func(v, i, x float64) (v2, i2, z float64)) func(*simulated, []float64, func([]float64) []float64) []float64 {
	return func(l *simulated, x []float64, feed func([]float64) []float64) []float64 {
		x = add(x, feed(l.z))
		for k := range x {
			l.v[k], l.i[k], l.z[k] = f(l.v[k], l.i[k], x[k])
		}
		return l.z
	}
}

func above(v float64) float64 {
	if v > 1 {
		return 1
	}
	return 0
}

// multi is how many thresholds of 1 a membrane holds (MultiSpike, StepPWL).
func multi(v float64) float64 { return math.Trunc(max(v, 0)) }

// The update rules as the simulators' sources state them, for decays a of a
// membrane and s of a synapse, in their own units.
const a, s = .9, .6

var (
	decay20 = math.Exp(-1. / 20)

	leakyZero     = each(func(v, _, x float64) (float64, float64, float64) { v = a*v*(1-above(v)) + x; return v, 0, above(v) })
	leakySubtract = each(func(v, _, x float64) (float64, float64, float64) { v = a*v + x - above(v); return v, 0, above(v) })
	synapticZero  = each(func(v, i, x float64) (float64, float64, float64) {
		i = s*i + x
		v = a*v*(1-above(v)) + i
		return v, i, above(v)
	})
	synapticSubtract = each(func(v, i, x float64) (float64, float64, float64) {
		i = s*i + x
		v = a*v + i - above(v)
		return v, i, above(v)
	})
	// RLeaky, Synaptic and RSynaptic take all of the step's base off, its input
	// included.
	rleakyZero = each(func(v, _, x float64) (float64, float64, float64) {
		v = (a*v + x) * (1 - above(v))
		return v, 0, above(v)
	})
	rsynapticZero = each(func(v, i, x float64) (float64, float64, float64) {
		i = s*i + x
		v = (a*v + i) * (1 - above(v))
		return v, i, above(v)
	})
	lifBox = each(func(v, _, x float64) (float64, float64, float64) {
		v += .1 * (x - v)
		return v * (1 - above(v)), 0, above(v)
	})
	lifCell = each(func(v, i, x float64) (float64, float64, float64) {
		i += x
		v += .1 * (i - v)
		return v * (1 - above(v)), i - .2*i, above(v)
	})
	sinabsNormed = each(func(v, _, x float64) (float64, float64, float64) {
		v = decay20*v + (1-decay20)*x
		return v - multi(v), 0, multi(v)
	})
	sinabsPlain = each(func(v, _, x float64) (float64, float64, float64) { v = decay20*v + x; return v - multi(v), 0, multi(v) })
	sinabsIAF   = each(func(v, _, x float64) (float64, float64, float64) { v += x; return max(v-multi(v), -1), 0, multi(v) })
	rockpoolLIF = each(func(v, i, x float64) (float64, float64, float64) {
		i = (i + x) * decay20
		v = decay20*v + i
		return v - multi(v), i, multi(v)
	})
	rockpoolNeuron = each(func(v, _, x float64) (float64, float64, float64) { v = decay20*v + x; return v - multi(v), 0, multi(v) })
)

// spyxLIF fires by the membrane before the step and hears itself at once.
func spyxLIF(l *simulated, x []float64, feed func([]float64) []float64) []float64 {
	for k, v := range l.v {
		l.z[k] = above(v)
	}
	x = add(x, feed(l.z))
	for k := range x {
		l.v[k] = a*l.v[k] + x[k] - l.z[k]
	}
	return l.z
}

// spyxCuBaLIF takes the threshold off before the decay.
func spyxCuBaLIF(l *simulated, x []float64, feed func([]float64) []float64) []float64 {
	for k, v := range l.v {
		l.z[k] = above(v)
		l.v[k] -= l.z[k]
	}
	x = add(x, feed(l.z))
	for k := range x {
		l.i[k] = s*l.i[k] + x[k]
		l.v[k] = a*l.v[k] + l.i[k]
	}
	return l.z
}

// native is one layer type as its exporter writes it.
type native struct {
	name    string
	profile string // what to ask for
	exact   string // what that is for the file
	step    func(*simulated, []float64, func([]float64) []float64) []float64
	op      func(n int) nir.Op
	scale   float64 // of the weights
	absent  []string
}

func of(n int, v float64) nir.Tensor {
	t := nir.Float32([]int{n}, make([]float32, n))
	for i := range t.F32 {
		t.F32[i] = float32(v)
	}
	return t
}

func lifOf(tau, r float64) func(int) nir.Op {
	return func(n int) nir.Op {
		return &nir.LIF{Tau: of(n, tau), R: of(n, r), VLeak: of(n, 0), VThreshold: of(n, 1), VReset: of(n, 0)}
	}
}

func cubaOf(tauSyn, tauMem, r, w float64) func(int) nir.Op {
	return func(n int) nir.Op {
		return &nir.CubaLIF{TauSyn: of(n, tauSyn), TauMem: of(n, tauMem), R: of(n, r), VLeak: of(n, 0), VThreshold: of(n, 1), VReset: of(n, 0),
			WIn: of(n, w)}
	}
}

func ifOf(n int) nir.Op { return &nir.IF{R: of(n, 1), VThreshold: of(n, 1), VReset: of(n, 0)} }

var natives = func() []native {
	snnLIF, snnCuba := lifOf(1e-4/(1-a), 1/(1-a)), cubaOf(1e-4/(1-s), 1e-4/(1-a), 1/(1-a), 1/(1-s))
	rp := .02 * decay20 / 1e-3
	return []native{
		{name: "snnTorch Leaky, reset to zero", profile: "snntorch", exact: "snntorch-0.9:zero", step: leakyZero, op: snnLIF},
		{name: "snnTorch Leaky", profile: "auto", exact: "snntorch-0.9:subtract", step: leakySubtract, op: snnLIF},
		{name: "snnTorch Leaky by name", profile: "snntorch-subtract", exact: "snntorch-0.9:subtract", step: leakySubtract, op: snnLIF},
		{name: "snnTorch Synaptic, reset to zero", profile: "snntorch", exact: "snntorch-0.9:zero", step: synapticZero, op: snnCuba, scale: .4},
		{name: "snnTorch Synaptic", profile: "snntorch-0.9:subtract", exact: "snntorch-0.9:subtract", step: synapticSubtract, op: snnCuba,
			scale: .4},
		{name: "snnTorch RLeaky, reset to zero", profile: "snntorch-0.9:rleaky-zero", exact: "snntorch-0.9:rleaky-zero", step: rleakyZero,
			op: snnLIF},
		{name: "snnTorch RSynaptic, reset to zero", profile: "snntorch-0.9:rleaky-zero", exact: "snntorch-0.9:rleaky-zero",
			step: rsynapticZero, op: snnCuba, scale: .4},
		{name: "Norse LIFBoxCell of its exporter", profile: "auto", exact: "norse-1.1:from_nir", step: lifBox, op: lifOf(1e-5, 1), scale: 8},
		{name: "Norse LIFCell of its exporter", profile: "norse", exact: "norse-1.1:lifcell", step: lifCell, op: cubaOf(5e-6, 1e-5, 1, 1),
			scale: 2},
		{name: "Norse LIFBoxCell", profile: "norse", exact: "norse-1.1:from_nir", step: lifBox, op: lifOf(.01, 1), scale: 8},
		{name: "Norse LIFCell", profile: "norse", exact: "norse-1.1:lifcell", step: lifCell, op: cubaOf(.005, .01, 1, 1), scale: 2},
		{name: "Sinabs LIF", profile: "sinabs", exact: "sinabs-3.0:lif", step: sinabsNormed, op: lifOf(20, 1), scale: 12,
			absent: []string{"v_reset"}},
		{name: "Sinabs LIF, written by nir 1.0.6", profile: "auto", exact: "sinabs-3.0:lif", step: sinabsNormed, op: lifOf(20, 1), scale: 12},
		{name: "Sinabs LIF, input not normalised", profile: "sinabs-3.0:from_nir", exact: "sinabs-3.0:from_nir", step: sinabsPlain,
			op: lifOf(20, 1), scale: .75},
		{name: "Sinabs IAF", profile: "sinabs", exact: "sinabs-3.0:lif", step: sinabsIAF, op: ifOf, scale: .5},
		{name: "Rockpool LIFTorch", profile: "auto", exact: "rockpool-2.9:torch", step: rockpoolLIF, op: cubaOf(.02, .02, rp, 1), scale: .04},
		{name: "Rockpool LIFNeuronTorch", profile: "rockpool", exact: "rockpool-2.9:torch", step: rockpoolNeuron, op: lifOf(.02, rp), scale: .5},
		{name: "Spyx LIF", profile: "spyx", exact: "spyx", step: spyxLIF, op: snnLIF},
		{name: "Spyx CuBaLIF", profile: "spyx", exact: "spyx", step: spyxCuBaLIF, op: snnCuba, scale: .4},
		{name: "Spyx LIF of to_nir", profile: "auto", exact: "spyx-0.1:to_nir", step: spyxLIF, op: lifOf(1/(1-a), a)},
		{name: "Spyx CuBaLIF of to_nir", profile: "spyx", exact: "spyx-0.1:to_nir", step: spyxCuBaLIF,
			op: cubaOf(1/(1-s), 1/(1-a), a, 1), scale: .4},
	}
}()

// TestProfilesAreTheSimulatorsLayers runs two layers, the first of them
// recurrent or not, under the profile of each simulator and wants the spikes of
// its own update rule. Weights are multiples of 1/64, so that membranes of
// integrators are exact and may lie on the threshold.
func TestProfilesAreTheSimulatorsLayers(t *testing.T) {
	t.Parallel()
	for _, c := range natives {
		for _, recurrent := range []bool{false, true} {
			name := c.name
			if recurrent {
				name += ", recurrent"
			}
			t.Run(name, func(t *testing.T) { nativeRun(t, c, recurrent) })
		}
	}
}

func nativeRun(t *testing.T, c native, recurrent bool) {
	const in, hidden, out, steps = 9, 14, 7, 250
	r := rand.New(rand.NewPCG(5, 9))
	scale := c.scale
	if scale == 0 {
		scale = 1
	}
	matrix := func(rows, columns int, mean, spread float64) nir.Tensor {
		v := make([]float32, rows*columns)
		for i := range v {
			v[i] = float32(math.Round((mean+spread*r.NormFloat64())*64) / 64 * scale)
		}
		return nir.Float32([]int{rows, columns}, v)
	}
	w1, w2, rec := matrix(hidden, in, .25, .6), matrix(out, hidden, .2, .6), matrix(hidden, hidden, -.1, .35)
	times := func(w nir.Tensor, x []float64) []float64 {
		y := make([]float64, w.Shape[0])
		for i := range y {
			for j, v := range x {
				y[i] += w.At(i*len(x)+j) * v
			}
		}
		return y
	}
	g := &nir.Graph{Nodes: []nir.Node{
		{Name: "input", Op: &nir.Input{Shape: []int{in}}}, {Name: "0", Op: &nir.Linear{Weight: w1}}, {Name: "1", Op: c.op(hidden)},
		{Name: "2", Op: &nir.Linear{Weight: w2}}, {Name: "3", Op: c.op(out)}, {Name: "output", Op: &nir.Output{Shape: []int{out}}},
	}, Edges: []nir.Edge{{From: "input", To: "0"}, {From: "0", To: "1"}, {From: "1", To: "2"}, {From: "2", To: "3"},
		{From: "3", To: "output"}}}
	feed := func(z []float64) []float64 { return make([]float64, len(z)) }
	if recurrent {
		g.Nodes = append(g.Nodes, nir.Node{Name: "1.rec", Op: &nir.Linear{Weight: rec}})
		g.Edges = append(g.Edges, nir.Edge{From: "1", To: "1.rec"}, nir.Edge{From: "1.rec", To: "1"})
		feed = func(z []float64) []float64 { return times(rec, z) }
	}
	g.Canonical()
	m := &nir.Model{Version: "1.0.7", Graph: g, Absent: map[string][]string{"1": c.absent, "3": c.absent}}
	p, _, err := choose(c.profile, m)
	if err != nil || p.Name != c.exact {
		t.Fatalf("%s is %q, %v, want %q", c.profile, p.Name, err, c.exact)
	}
	l, err := Lower(g, p, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	layer := func(n int) *simulated {
		return &simulated{v: make([]float64, n), i: make([]float64, n), z: make([]float64, n), step: c.step}
	}
	first, second := layer(hidden), layer(out)
	var train pipeline.Spikes
	want, total := make([]float64, steps*out), 0.
	for k := range steps {
		x := make([]float64, in)
		for i := range x {
			if r.Float64() < .25 {
				x[i] = 1
				train.Append(int64(k)*1000, uint32(i))
			}
		}
		z := first.step(first, times(w1, x), feed)
		z = second.step(second, times(w2, z), func(z []float64) []float64 { return make([]float64, len(z)) })
		copy(want[k*out:], z)
		for _, v := range z {
			total += v
		}
	}
	got := make([]float64, len(want))
	for _, shards := range []int{1, 3} {
		clear(got)
		if _, err := Infer(t.Context(), l, shards, &train, 0, steps, func(layers []pipeline.Layer, act *pipeline.Activity) error {
			for i, layer := range layers {
				if s := &act.Layers[i].Spikes; layer.Name == l.Output {
					for run, at := range s.T {
						for _, id := range s.Run(run) {
							got[int(at/1000)*out+int(id)]++
						}
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n := differing(got, want); n != 0 || total < 100 {
			t.Errorf("%d shards: %d of %d cells differ; the simulator gives %v spikes", shards, n, len(want), total)
		}
	}
}
