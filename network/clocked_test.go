package network

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ganglion/pipeline"
)

// randomWeights are reproducible weights around a mean.
func randomWeights(r *rand.Rand, n int, mean, spread float64) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(mean + float64(spread*r.NormFloat64()))
	}
	return w
}

// clockedSpec is a net with every kind of clocked layer, a self-loop and a
// loop over two layers.
func clockedSpec(seed uint64) Spec {
	r := rand.New(rand.NewPCG(seed, 3))
	const h, w = 20, 24
	return Spec{
		Input: pipeline.Shape{2, h, w}, Step: time.Millisecond,
		Layers: []LayerSpec{
			{Name: "conv", Inputs: []Connection{{From: InputName, Kernel: Conv2d{Weight: randomWeights(r, 4*2*9, .4, .5), OutChannels: 4, KH: 3,
				KW: 3, Stride: Pair{2, 2}, Pad: PadAll(1)}}},
				Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Gain: []float32{.7}, Threshold: []float32{.5}}},
			{Name: "pool", Inputs: []Connection{{From: "conv", Kernel: Conv2d{Weight: []float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
				OutChannels: 4, KH: 2, KW: 2, Stride: Pair{2, 2}, Groups: 4}}},
				Neuron: Clocked{Rule: Relay}},
			{Name: "many", Inputs: []Connection{{From: "pool", Kernel: Conv2d{Weight: randomWeights(r, 6*4*9, .2, .4), OutChannels: 6, KH: 3, KW: 3,
				Pad: PadAll(1)}}},
				Neuron: Clocked{Rule: SubtractMany, Threshold: []float32{.6}, Floor: []float32{-.6}}},
			{Name: "delay", Inputs: []Connection{{From: "many", Kernel: Identity()}},
				Neuron: Clocked{Rule: Relay, Delay: []int32{3}}},
			{Name: "cuba", Inputs: []Connection{
				{From: "delay", Kernel: Dense{Weight: randomWeights(r, 40*6*5*6, .05, .1), Out: 40, In: 6 * 5 * 6}},
				{From: "cuba", Kernel: Dense{Weight: randomWeights(r, 40*40, 0, .2), Out: 40, In: 40}, Recurrent: true},
				{From: "far", Kernel: Dense{Weight: randomWeights(r, 40*7, -.1, .3), Out: 40, In: 7}, Recurrent: true}},
				Neuron: Clocked{Rule: Subtract, SynDecay: []float32{.8}, Decay: []float32{.95}, Gain: []float32{.3}, Leak: []float32{.001},
					Threshold: []float32{1}, LateDrive: []float32{.01}}},
			{Name: "far", Inputs: []Connection{{From: "cuba", Kernel: Dense{Weight: randomWeights(r, 7*40, .1, .2), Out: 7, In: 40}}},
				Neuron: Clocked{Rule: ToReset, Late: true, Decay: []float32{.9}, Threshold: []float32{.7}}},
			{Name: "out", Inputs: []Connection{{From: "far", Kernel: Identity()}},
				Neuron: Clocked{Rule: Readout, Decay: []float32{.5}, Drive: []float32{.1}}},
		},
	}
}

func TestClockedSpikesAreTheSameForAnyNumberOfShardsAndAnyWindows(t *testing.T) {
	t.Parallel()
	const span = 120_000
	for seed := range few(4) {
		spec := clockedSpec(seed)
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
		}
	}
}

// TestSleepingBlocksMatchTheFullUpdate makes the layers that may sleep stay
// awake, and wants the same spikes.
func TestSleepingBlocksMatchTheFullUpdate(t *testing.T) {
	t.Parallel()
	const span = 300_000
	spec := clockedSpec(1)
	in := randomTrain(2, 20, 24, 3000, span) // sparse enough to sleep
	want := runCut(t, newEngine(t, spec, 2), in, span, 10_000)
	e := newEngine(t, spec, 2)
	woken := 0
	for i := range e.layers {
		if l, ok := e.layers[i].shared.(*clockedLayer); ok && l.waits {
			l.waits = false
			woken++
		}
	}
	if woken < 3 {
		t.Fatalf("only %d layers sleep: the test shows nothing", woken)
	}
	got := runCut(t, e, in, span, 10_000)
	same(t, "awake", want, got)
}

func TestClockedSnapshotResumesAsIfNeverStopped(t *testing.T) {
	t.Parallel()
	const span = 120_000
	spec := clockedSpec(3)
	in := randomTrain(3, 20, 24, 6000, span)
	want := runCut(t, newEngine(t, spec, 1), in, span, 10_000)
	first := newEngine(t, spec, 3)
	got := runCut(t, first, in, span/2, 10_000)
	snap, err := first.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	second := newEngine(t, spec, 2)
	if err := second.RestoreState(snap); err != nil {
		t.Fatal(err)
	}
	var tail pipeline.Spikes
	for i := range in.T {
		if in.T[i] >= span/2 {
			appendRun(&tail, in, i)
		}
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	if err := second.Step(t.Context(), pipeline.Window{Start: span / 2, End: span}, &tail, &act); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		s := &act.Layers[i].Spikes
		for r := range s.T {
			appendRun(&got[i], s, r)
		}
	}
	same(t, "resumed", want, got)
}

func TestGapsBetweenWindowsAreLivedThrough(t *testing.T) {
	t.Parallel()
	const span = 60_000
	spec := clockedSpec(0)
	in := randomTrain(7, 20, 24, 3000, span/3)
	want := runCut(t, newEngine(t, spec, 1), in, span, span)
	e := newEngine(t, spec, 2)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	for _, w := range []pipeline.Window{{Start: 0, End: span / 3}, {Start: span - 1000, End: span}} {
		if w.Start > 0 {
			in = &pipeline.Spikes{}
		}
		if err := e.Step(t.Context(), w, in, &act); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]pipeline.Spikes, len(want))
	for i := range got {
		got[i] = act.Layers[i].Spikes
	}
	same(t, "with a gap", want, got)
}

func TestClockedSteadyStateAllocatesNothing(t *testing.T) {
	const span = 10_000
	spec := clockedSpec(2)
	e := newEngine(t, spec, 2)
	in := randomTrain(6, 20, 24, 500, span)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	start := int64(0)
	step := func() {
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: start, End: start + span}, in, &act); err != nil {
			t.Fatal(err)
		}
		start += span
		for i := range in.T {
			in.T[i] += span
		}
	}
	for range 100 {
		step()
	}
	if n := testing.AllocsPerRun(30, step); n != 0 {
		t.Fatalf("%v allocations per window", n)
	}
}

// TestBlocksWokenOutOfOrderFireInOrder wakes the second block of a flat layer
// that sleeps before its first one.
func TestBlocksWokenOutOfOrderFireInOrder(t *testing.T) {
	t.Parallel()
	k := Sparse{Out: 40, Offsets: []uint32{0, 1, 2}, Targets: []uint32{30, 2}, Weight: []float32{2, 2}}
	spec := Spec{Input: pipeline.Shape{2}, Step: time.Millisecond, Layers: []LayerSpec{{
		Name: "a", Inputs: []Connection{{From: InputName, Kernel: k}}, Neuron: Clocked{Rule: ToReset, Decay: []float32{.9},
			Threshold: []float32{1}},
	}}}
	got := runCut(t, newEngine(t, spec, 1), trainAt([]spikeAt{{0, 0}, {0, 1}}, time.Millisecond), 2000, 2000)[0]
	if got.Len() != 2 || got.IDs[0] != 2 || got.IDs[1] != 30 {
		t.Errorf("%v fire", got.IDs)
	}
}
