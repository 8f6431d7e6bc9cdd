package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

// learningSpec is a net with every kind of learning.
func learningSpec(seed uint64) Spec {
	r := rand.New(rand.NewPCG(seed, 9))
	uniform := func(n int) []float32 {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(.3 + .4*r.Float64())
		}
		return w
	}
	rule := &STDP{APlus: .02, AMinus: -.015, TauPlus: 15 * time.Millisecond, TauMinus: 25 * time.Millisecond, Max: 1}
	slow := *rule // many synapses share a weight
	slow.APlus, slow.AMinus = .0004, -.0003
	soft := *rule
	soft.Soft, soft.Pairing = true, Nearest
	sparse := Sparse{Out: 30, Offsets: []uint32{0}}
	for range 40 {
		for j := range uint32(30) {
			if r.Float64() < .3 {
				sparse.Targets = append(sparse.Targets, j)
			}
		}
		sparse.Offsets = append(sparse.Offsets, uint32(len(sparse.Targets)))
	}
	sparse.Weight = uniform(len(sparse.Targets))
	conv := Conv2d{Weight: uniform(4 * 2 * 9), OutChannels: 4, KH: 3, KW: 3, Stride: Pair{2, 2}, Pad: PadAll(1)}
	return Spec{Input: pipeline.Shape{2, 20, 24}, Step: time.Millisecond, Layers: []LayerSpec{
		{Name: "conv", Inputs: []Connection{{From: InputName, Kernel: conv, Plastic: &slow}},
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{.9},
				Homeostasis: &Homeostasis{Rise: .02, Tau: 200 * time.Millisecond, ByChannel: true},
				Compete:     &Competition{Group: Channels, Reset: true}}},
		{Name: "dense", Inputs: []Connection{
			{From: "conv", Kernel: Dense{Weight: uniform(40 * 4 * 10 * 12), Out: 40, In: 4 * 10 * 12}, Plastic: &soft},
			{From: "dense", Kernel: Dense{Weight: uniform(40 * 40), Out: 40, In: 40}, Plastic: &STDP{APlus: -.01, AMinus: -.01,
				TauPlus: time.Millisecond, TauMinus: time.Second, Min: -1, Max: 1}, Recurrent: true}},
			Neuron: Clocked{Rule: Subtract, Decay: []float32{.8}, Threshold: []float32{3},
				Homeostasis: &Homeostasis{Rise: .1, Tau: 50 * time.Millisecond}}},
		{Name: "sparse", Inputs: []Connection{{From: "dense", Kernel: sparse, Plastic: rule}},
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{1.5}}},
		{Name: "best", Inputs: []Connection{{From: "sparse", Kernel: Dense{Weight: uniform(10 * 30), Out: 10, In: 30}, Plastic: rule}},
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{1}, Compete: &Competition{Reset: true}}},
	}}
}

// sameWeights wants the same learned weights bit for bit, all of them moved.
func sameWeights(t *testing.T, what string, want, got *Engine) {
	t.Helper()
	a, b := want.Learning(), got.Learning()
	for i, c := range a.Connections {
		if c.Drift == 0 {
			t.Fatalf("connection %d has not learned: the test shows nothing", i)
		}
		if !slices.Equal(c.Weights, b.Connections[i].Weights) {
			t.Fatalf("%s: weights of %s from %s differ", what, c.Layer, c.From)
		}
	}
	for _, l := range want.Layers() {
		if !slices.Equal(want.Raised(l.Name), got.Raised(l.Name)) {
			t.Fatalf("%s: thresholds of %s differ", what, l.Name)
		}
	}
}

func TestLearningIsTheSameForAnyNumberOfShardsAndAnyWindows(t *testing.T) {
	t.Parallel()
	const span = 120_000
	for seed := range few(3) {
		spec := learningSpec(seed)
		in := randomTrain(seed, 20, 24, 6000, span)
		first := newEngine(t, spec, 1)
		want := runCut(t, first, in, span, span)
		for i, s := range want {
			if s.Len() == 0 {
				t.Fatalf("layer %s is silent: the test shows nothing", spec.Layers[i].Name)
			}
		}
		for _, shards := range []int{1, 2, 3, 8} {
			for _, cuts := range [][]int64{{1000}, {7000, 1000, 22000}} {
				what := fmt.Sprintf("seed %d shards %d cuts %v", seed, shards, cuts)
				e := newEngine(t, spec, shards)
				same(t, what, want, runCut(t, e, in, span, cuts...))
				sameWeights(t, what, first, e)
			}
		}
	}
}

// TestSharedWeightsAddUpOverTheirSynapses learns a convolution a second time,
// one synapse at a time, from the spikes alone.
func TestSharedWeightsAddUpOverTheirSynapses(t *testing.T) {
	t.Parallel()
	const span, h, w = 60_000, 20, 24
	spec := learningSpec(1)
	spec.Layers = spec.Layers[:1]
	in := randomTrain(8, h, w, 3000, span)
	e := newEngine(t, spec, 2)
	out := runCut(t, e, in, span, 5000)[0]
	k, rule := spec.Layers[0].Inputs[0].Kernel.(Conv2d), *spec.Layers[0].Inputs[0].Plastic
	weights := make([]float64, len(k.Weight))
	for i, v := range k.Weight {
		weights[i] = float64(v)
	}
	p, q := make([]float64, 2*h*w), make([]float64, 4*10*12)
	counts := func(s *pipeline.Spikes, tick int64, size int) []float64 {
		n := make([]float64, size)
		for i, at := range s.T {
			if at >= tick && at < tick+1000 {
				for _, id := range s.Run(i) {
					n[id]++
				}
			}
		}
		return n
	}
	each := func(do func(pre, post, weight int)) {
		for o := range 4 {
			for y := range 10 {
				for x := range 12 {
					for i := range 2 {
						for ky := range 3 {
							for kx := range 3 {
								iy, ix := 2*y+ky-1, 2*x+kx-1
								if iy >= 0 && iy < h && ix >= 0 && ix < w {
									do((i*h+iy)*w+ix, (o*10+y)*12+x, ((o*2+i)*3+ky)*3+kx)
								}
							}
						}
					}
				}
			}
		}
	}
	for tick := int64(0); tick < span; tick += 1000 {
		arrived, fired := counts(in, tick, len(p)), counts(&out, tick, len(q))
		sum := make([]float64, len(weights))
		for i := range p {
			p[i] = p[i]*math.Exp(-1./15) + rule.APlus*arrived[i]
		}
		for i := range q {
			q[i] *= math.Exp(-1. / 25)
		}
		each(func(pre, post, weight int) { sum[weight] += arrived[pre] * q[post] })
		for i := range weights {
			weights[i] = min(max(weights[i]+sum[i], 0), 1)
			sum[i] = 0
		}
		for i := range q {
			q[i] += rule.AMinus * fired[i]
		}
		each(func(pre, post, weight int) { sum[weight] += fired[post] * p[pre] })
		for i := range weights {
			weights[i] = min(max(weights[i]+sum[i], 0), 1)
		}
	}
	moved := 0
	for i, v := range e.Learning().Connections[0].Weights {
		if math.Abs(v-weights[i]) > 1e-12 {
			t.Fatalf("weight %d: %v, want %v", i, v, weights[i])
		}
		if v > 0 && v < 1 && v != float64(k.Weight[i]) {
			moved++
		}
	}
	if moved < 5 {
		t.Fatalf("only %d weights moved within their bounds: the test shows nothing", moved)
	}
}

func TestLearningResumesFromASnapshotAsIfNeverStopped(t *testing.T) {
	t.Parallel()
	const span = 120_000
	spec := learningSpec(2)
	in := randomTrain(3, 20, 24, 6000, span)
	whole := newEngine(t, spec, 1)
	runCut(t, whole, in, span, 10_000)
	first := newEngine(t, spec, 3)
	runCut(t, first, in, span/2, 10_000)
	kept := first.Keep()
	middle := first.Learning()
	snap, err := first.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	var tail pipeline.Spikes
	for i := range in.T {
		if in.T[i] >= span/2 {
			appendRun(&tail, in, i)
		}
	}
	resume := func(change func(*Engine)) *Engine {
		e := newEngine(t, spec, 2)
		if err := e.RestoreState(snap); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(e)
		}
		act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
		if err := e.Step(t.Context(), pipeline.Window{Start: span / 2, End: span}, &tail, &act); err != nil {
			t.Fatal(err)
		}
		return e
	}
	second := resume(nil)
	sameWeights(t, "resumed", whole, second)
	forgetful := resume(func(e *Engine) { // the control: traces matter
		p := e.learning.connections[0].parts[0]
		p.pre.become(make([]float64, len(p.pre.a)))
	})
	if slices.Equal(whole.Learning().Connections[0].Weights, forgetful.Learning().Connections[0].Weights) {
		t.Error("a snapshot without traces would have done: the test shows nothing")
	}
	if err := second.RollBack(kept); err != nil {
		t.Fatal(err)
	}
	for i, c := range second.Learning().Connections {
		if !slices.Equal(c.Weights, middle.Connections[i].Weights) {
			t.Errorf("connection %d: a version that was kept before the snapshot is another one after it", i)
		}
	}
	for n := 0; n < len(snap); n += 1 + len(snap)/300 {
		if err := second.RestoreState(snap[:n]); err == nil {
			t.Fatalf("a snapshot cut at byte %d was taken", n)
		}
	}
}

// TestSharedWeightsNeedOneShard cuts a layer with shared plastic weights over
// two shards by hand, each with weights of its own, and wants other spikes.
func TestSharedWeightsNeedOneShard(t *testing.T) {
	t.Parallel()
	const span = 120_000
	spec := learningSpec(1)
	spec.Layers = spec.Layers[:1]
	spec.Layers[0].Neuron = Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{.9}}
	in := randomTrain(1, 20, 24, 6000, span)
	want := runCut(t, newEngine(t, spec, 1), in, span, 10_000)
	same(t, "two shards", want, runCut(t, newEngine(t, spec, 2), in, span, 10_000))
	e := newEngine(t, spec, 2)
	l := &e.layers[0]
	c := &compiler{machine: &e.machine, index: map[string]int{InputName: 0}, shapes: []pipeline.Shape{spec.Input, l.info.Shape}}
	for s := range 2 {
		own := func(row int) bool { return row%2 == s }
		l.blocks[s] = &clockedBlock{
			clockedLayer: l.shared.(*clockedLayer), inputs: c.arrivals(1, spec.Layers[0], own, channelLast),
			own: ownRuns(l.info.Shape, own), learns: true,
		}
	}
	if got := runCut(t, e, in, span, 10_000); slices.Equal(want[0].IDs, got[0].IDs) {
		t.Error("weights that are not shared give the same spikes: the test shows nothing")
	}
}

// The changes of a shared weight are summed before they are clipped, and the weight is
// noted once however many of its synapses change.
func TestSharedWeightsSettleOnce(t *testing.T) {
	t.Parallel()
	k := Conv2d{Weight: []float32{.5, .25}, OutChannels: 1, KH: 1, KW: 1, Groups: 1, Stride: Pair{1, 1}, Dilation: Pair{1, 1}}
	rule := &STDP{APlus: .1, AMinus: -.1, TauPlus: time.Millisecond, TauMinus: time.Millisecond, Max: 1}
	every := func(int) bool { return true }
	p, _ := newPlastic(Connection{Kernel: k, Plastic: rule}, pipeline.Shape{2, 1, 3}, pipeline.Shape{1, 1, 3}, every, 1000)
	want := slices.Clone(p.weight)
	for _, c := range []struct {
		weight int32
		by     float64
	}{{1, .125}, {0, .75}, {1, .125}, {0, -.5}, {1, -.0625}} {
		p.change(c.weight, c.by)
	}
	if !slices.Equal(p.touched, []int32{1, 0}) || !slices.Equal(p.weight, want) {
		t.Errorf("weights %v are to change, and are %v before they settle", p.touched, p.weight)
	}
	want[0], want[1] = want[0]+.25, want[1]+.1875
	for range 2 {
		if p.settle(); !slices.Equal(p.weight, want) || len(p.touched) != 0 || slices.Max(p.sum) != 0 {
			t.Errorf("%v, want %v; weights %v are still to change", p.weight, want, p.touched)
		}
	}
	if p.changes != 5 {
		t.Errorf("%d changes, want 5", p.changes)
	}
}
