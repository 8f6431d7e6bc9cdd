package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// randomDelays are delays of up to longest steps.
func randomDelays(r *rand.Rand, n, longest int) []int32 {
	d := make([]int32, n)
	for i := range d {
		d[i] = int32(r.IntN(longest + 1))
	}
	return d
}

// extendedSpec is a net of what NIR does not have: depressing synapses and
// synapses with delays, refractory period and both kinds of adaptation, in a
// loop.
func extendedSpec(seed uint64) Spec {
	r := rand.New(rand.NewPCG(seed, 9))
	depress := &Depression{Use: .3, Recovery: 40 * time.Millisecond}
	return Spec{
		Input: pipeline.Shape{2, 20, 24}, Step: time.Millisecond,
		Layers: []LayerSpec{
			{Name: "conv", Inputs: []Connection{{From: InputName, Depress: depress, Delays: randomDelays(r, 4*2*9, 5), Kernel: Conv2d{
				Weight: randomWeights(r, 4*2*9, .5, .5), OutChannels: 4, KH: 3, KW: 3, Stride: Pair{2, 2}, Pad: PadAll(1)}}},
				Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{.6}, Refractory: []int32{2}}},
			{Name: "adaptive", Inputs: []Connection{
				{From: "conv", Kernel: Dense{Weight: randomWeights(r, 50*4*10*12, .05, .1), Out: 50, In: 4 * 10 * 12}},
				{From: "adaptive", Recurrent: true, Depress: depress, Delays: randomDelays(r, 50*50, 9),
					Kernel: Dense{Weight: randomWeights(r, 50*50, 0, .2), Out: 50, In: 50}}},
				Neuron: Clocked{Rule: Subtract, SynDecay: []float32{.8}, Decay: []float32{.95}, Gain: []float32{.3}, Leak: []float32{.001},
					Threshold: []float32{1},
					Adapt:     &Adaptation{Decay: []float32{.97}, Couple: []float32{.02}, Jump: []float32{.3}, Rest: []float32{.1}}}},
			{Name: "raised", Inputs: []Connection{{From: "adaptive", Kernel: Dense{Weight: randomWeights(r, 12*50, .1, .2), Out: 12, In: 50}}},
				Neuron: Clocked{Rule: ToReset, Late: true, Decay: []float32{.9}, Threshold: []float32{.5}, Refractory: randomDelays(r, 12, 4),
					Adapt: &Adaptation{Decay: []float32{.9}, Jump: []float32{.4}, OnThreshold: true}}},
		},
	}
}

func TestExtendedNeuronsAreTheSameForAnyShardsWindowsAndResume(t *testing.T) {
	t.Parallel()
	const span = 120_000
	for seed := range uint64(3) {
		spec := extendedSpec(seed)
		in := randomTrain(seed, 20, 24, 6000, span)
		want := runCut(t, newEngine(t, spec, 1), in, span, span)
		for i, s := range want {
			if s.Len() == 0 {
				t.Fatalf("layer %s is silent: the test shows nothing", spec.Layers[i].Name)
			}
		}
		for _, shards := range []int{1, 2, 3, 8} {
			for _, cuts := range [][]int64{{1000}, {7000, 1000, 22000}} {
				got := runCut(t, newEngine(t, spec, shards), in, span, cuts...)
				same(t, fmt.Sprintf("seed %d shards %d cuts %v", seed, shards, cuts), want, got)
			}
			same(t, fmt.Sprintf("seed %d shards %d resumed", seed, shards), want, runResumed(t, spec, shards, in, span, 61_000))
		}
	}
}

// runResumed runs a spec up to a time, and what is left on a fresh engine with
// one more shard that takes over its state.
func runResumed(t *testing.T, spec Spec, shards int, in *pipeline.Spikes, span, at int64) []pipeline.Spikes {
	t.Helper()
	first := newEngine(t, spec, shards)
	got := runCut(t, first, in, at, at)
	snap, err := first.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	second := newEngine(t, spec, shards+1)
	if err := second.RestoreState(snap); err != nil {
		t.Fatal(err)
	}
	again, err := second.AppendState(nil)
	if err != nil || string(again) != string(snap) {
		t.Fatalf("a restored engine has another state than it was given (%v)", err)
	}
	var tail pipeline.Spikes
	for i := range in.T {
		if in.T[i] >= at {
			appendRun(&tail, in, i)
		}
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	if err := second.Step(t.Context(), pipeline.Window{Start: at, End: span}, &tail, &act); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		for r := range act.Layers[i].Spikes.T {
			appendRun(&got[i], &act.Layers[i].Spikes, r)
		}
	}
	return got
}

// TestExtendedNeuronsFollowTheirEquations computes a recurrent layer a second
// time, neuron by neuron and step by step, as its documentation says.
func TestExtendedNeuronsFollowTheirEquations(t *testing.T) {
	t.Parallel()
	const n, steps, use, recovery = 30, 400, .4, 25.
	r := rand.New(rand.NewPCG(5, 5))
	weight, loop := randomWeights(r, n*n, .1, .2), randomWeights(r, n*n, -.02, .1)
	delays, loopDelays := randomDelays(r, n*n, 6), randomDelays(r, n*n, 3)
	in := trainOf(r, n, steps, .05)
	for _, onThreshold := range []bool{false, true} {
		adapt := Adaptation{Decay: []float32{.95}, Couple: []float32{.03}, Jump: []float32{.25}, Rest: []float32{.05}, OnThreshold: onThreshold}
		spec := Spec{Input: pipeline.Shape{n}, Step: time.Millisecond, Layers: []LayerSpec{{
			Name: "a", Inputs: []Connection{
				{From: InputName, Kernel: Dense{Weight: weight, Out: n, In: n}, Delays: delays,
					Depress: &Depression{Use: use, Recovery: recovery * time.Millisecond}},
				{From: "a", Recurrent: true, Kernel: Dense{Weight: loop, Out: n, In: n}, Delays: loopDelays},
			},
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{.8}, Reset: []float32{.1}, Refractory: []int32{3},
				Adapt: &adapt},
		}}}
		got := runCut(t, newEngine(t, spec, 1), in, steps*1000, steps*1000)[0]

		var want pipeline.Spikes
		arriving, looping := make([][n]float32, steps+10), make([][n]float32, steps+10)
		var v, w [n]float32
		var rest, last [n]int
		left := [n]float64{}
		for i := range left {
			left[i] = 1
		}
		run, fired := 0, []int(nil)
		for step := range steps {
			if run < len(in.T) && in.T[run] == int64(step)*1000 {
				for _, id := range in.Run(run) {
					have := 1 - (1-left[id])*portable.Exp(-float64(step-last[id])/recovery)
					left[id], last[id] = have*(1-use), step
					for o := range n {
						arriving[step+int(delays[o*n+int(id)])][o] += float32(weight[o*n+int(id)] * float32(have))
					}
				}
				run++
			}
			for _, id := range fired {
				for o := range n {
					looping[step+int(loopDelays[o*n+id])][o] += loop[o*n+id]
				}
			}
			fired = fired[:0]
			for o := range n {
				x := arriving[step][o] + looping[step][o]
				z := float32(0)
				if rest[o] > 0 {
					rest[o]--
				} else {
					threshold := float32(.8)
					if onThreshold {
						threshold += w[o]
					} else {
						x -= w[o]
					}
					if v[o] = float32(.9*v[o]) + x; v[o] > threshold {
						v[o], z, rest[o] = .1, 1, 3
						fired = append(fired, o)
						want.Append(int64(step)*1000, uint32(o))
					}
				}
				w[o] = float32(.95*w[o]) + float32(.03*(v[o]-.05)) + float32(.25*z)
			}
		}
		if want.Len() < 200 {
			t.Fatalf("%d spikes: the test shows nothing", want.Len())
		}
		// A resource may differ in its last bit (1-(1-R) is not R), so single
		// spikes could; none does.
		if !slices.Equal(got.T, want.T) || !slices.Equal(got.IDs, want.IDs) {
			t.Errorf("adaptive threshold %v: %d spikes, want %d", onThreshold, got.Len(), want.Len())
		}
	}
}

func TestBadExtensionsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Connection, *Clocked)
		want   string
	}{
		"refractory": {func(_ *Connection, n *Clocked) { n.Refractory = []int32{-1} }, "refractory period of -1 steps"},
		"sizes":      {func(_ *Connection, n *Clocked) { n.Refractory = []int32{1, 2, 3} }, "refractory period has 3 values for 2 neurons"},
		"coupling": {func(_ *Connection, n *Clocked) { n.Adapt = &Adaptation{Couple: make([]float32, 5)} },
			"adaptation coupling has 5 values"},
		"growth":       {func(_ *Connection, n *Clocked) { n.Adapt = &Adaptation{Decay: []float32{1.1}} }, "grows by itself"},
		"no number":    {func(_ *Connection, n *Clocked) { n.Adapt = &Adaptation{Decay: []float32{float32(math.NaN())}} }, "grows by itself"},
		"rule":         {func(_ *Connection, n *Clocked) { n.Rule, n.Adapt = Relay, &Adaptation{} }, "only neurons that fire by their membrane"},
		"competition":  {func(_ *Connection, n *Clocked) { n.Adapt, n.Compete = &Adaptation{}, &Competition{} }, "neurons that compete"},
		"many":         {func(_ *Connection, n *Clocked) { n.Rule, n.Adapt = SubtractMany, &Adaptation{OnThreshold: true} }, "may sink to 0"},
		"delay":        {func(c *Connection, _ *Clocked) { c.Delays = []int32{0, 1, 2, -1} }, "delay of -1 steps of weight 3"},
		"delay count":  {func(c *Connection, _ *Clocked) { c.Delays = []int32{1} }, "1 delays for 4 weights"},
		"delay kernel": {func(c *Connection, _ *Clocked) { c.Kernel, c.Delays = Diagonal{}, []int32{1} }, "only the synapses of dense"},
		"plastic": {func(c *Connection, _ *Clocked) { c.Delays, c.Plastic = make([]int32, 4), &STDP{} },
			"a plastic connection has no delays"},
		"depression": {func(c *Connection, _ *Clocked) { c.Depress = &Depression{Use: 2, Recovery: time.Second} }, "depression with use 2"},
	} {
		in := Connection{From: InputName, Kernel: Dense{Weight: make([]float32, 4), Out: 2, In: 2}}
		n := Clocked{Rule: ToReset, Threshold: []float32{1}}
		c.change(&in, &n)
		spec := Spec{Input: pipeline.Shape{2}, Step: time.Millisecond, Layers: []LayerSpec{{Name: "a", Inputs: []Connection{in}, Neuron: n}}}
		if _, err := New(spec, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
