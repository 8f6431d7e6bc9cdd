package network

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"ganglion/pipeline"
)

func TestVersionsAreKeptAndRolledBackTo(t *testing.T) {
	t.Parallel()
	const span = 40_000
	spec := learningSpec(0)
	e := newEngine(t, spec, 2)
	in := randomTrain(1, 20, 24, 2000, span)
	runCut(t, e, in, span, 10_000)
	learned := e.Learning()
	one := e.Keep()
	if one != 1 || learned.Version != 0 || e.Learning().Version != 1 {
		t.Fatalf("version %d after %d", one, learned.Version)
	}
	if err := e.RollBack(0); err != nil {
		t.Fatal(err)
	}
	for i, c := range e.Learning().Connections {
		if c.Drift != 0 || !slices.Equal(kernelWeights(c.Kernel), kernelWeights(e.learning.connections[i].in.Kernel)) {
			t.Errorf("connection %d: version 0 is not the start, drift %v", i, c.Drift)
		}
	}
	if err := e.RollBack(one); err != nil {
		t.Fatal(err)
	}
	for i, c := range e.Learning().Connections {
		want := learned.Connections[i]
		if !slices.Equal(c.Weights, want.Weights) || c.Drift != want.Drift || !(c.Drift > 0) {
			t.Errorf("connection %d: drift %v, want %v", i, c.Drift, want.Drift)
		}
		if p := e.learning.connections[i].parts[0]; p.wiring.weights()[0] != float32(p.weight[0]) {
			t.Errorf("connection %d: the membranes see other weights", i)
		}
	}
	for range maxKept {
		e.Keep()
	}
	if kept := e.Learning().Kept; len(kept) != maxKept+1 || kept[0] != 0 || kept[1] != 2 {
		t.Errorf("kept %v", kept)
	}
	if err := e.RollBack(one); err == nil || !strings.Contains(err.Error(), "version 1 are not kept") {
		t.Errorf("%v", err)
	}
}

func TestFrozenWeightsStay(t *testing.T) {
	t.Parallel()
	const span = 40_000
	spec := learningSpec(0)
	in := randomTrain(1, 20, 24, 2000, span)
	e := newEngine(t, spec, 2)
	e.Freeze()
	runCut(t, e, in, span, 10_000)
	for _, c := range e.Learning().Connections {
		if c.Drift != 0 {
			t.Errorf("%s from %s learned while frozen", c.Layer, c.From)
		}
	}
	if r := e.Raised("dense"); slices.Max(r) != 0 {
		t.Error("thresholds rose while frozen")
	}
	if len(e.learning.connections[0].parts[0].pre.live) == 0 {
		t.Error("traces do not continue while frozen")
	}
	e.learning.frozen = false
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	for i := range in.T {
		in.T[i] += span
	}
	if err := e.Step(t.Context(), pipeline.Window{Start: span, End: 2 * span}, in, &act); err != nil {
		t.Fatal(err)
	}
	if e.Learning().Connections[0].Drift == 0 {
		t.Error("nothing is learned after the thaw")
	}
}

func TestHomeostasisRaisesThresholdsAndLetsThemSink(t *testing.T) {
	t.Parallel()
	h := &Homeostasis{Rise: .5, Tau: 10 * time.Millisecond}
	spec := Spec{Input: pipeline.Shape{2}, Step: time.Millisecond, Layers: []LayerSpec{{
		Name: "a", Inputs: []Connection{{From: InputName, Kernel: Diagonal{Weight: []float32{1.2, 1.2}}}},
		Neuron: Clocked{Rule: ToReset, Decay: []float32{0}, Threshold: []float32{1}, Homeostasis: h},
	}}}
	in := trainAt([]spikeAt{{0, 0}, {1, 0}, {9, 0}, {11, 0}, {11, 1}}, time.Millisecond)
	e := newEngine(t, spec, 1)
	got := runCut(t, e, in, 12_000, 4000)[0]
	// 1.2 is above 1+0.5exp(-k/10) from k = 10 on.
	if !slices.Equal(got.T, []int64{0, 11_000}) || !slices.Equal(got.IDs, []uint32{0, 0, 1}) {
		t.Errorf("spikes at %v of %v", got.T, got.IDs)
	}
	want := []float64{.5 + .5*math.Exp(-1.1), .5}
	for i, r := range e.Raised("a") {
		if math.Abs(r-want[i]) > 1e-14 {
			t.Errorf("neuron %d: threshold raised by %v, want %v", i, r, want[i])
		}
	}
	spec.Layers[0].Neuron = Clocked{Rule: ToReset, Decay: []float32{0}, Threshold: []float32{1}}
	if n := runCut(t, newEngine(t, spec, 1), in, 12_000, 4000)[0]; n.Len() != 5 {
		t.Errorf("%d spikes without homeostasis: the test shows nothing", n.Len())
	}
}

func TestTheWinnerTakesAll(t *testing.T) {
	t.Parallel()
	weights := []float32{1.5, 2, 2, 1.1}
	run := func(c *Competition) pipeline.Spikes {
		spec := Spec{Input: pipeline.Shape{1}, Step: time.Millisecond, Layers: []LayerSpec{{
			Name: "a", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: weights, Out: 4, In: 1}}},
			Neuron: Clocked{Rule: ToReset, Threshold: []float32{1}, Compete: c},
		}}}
		e := newEngine(t, spec, 3)
		return runCut(t, e, trainAt([]spikeAt{{0, 0}}, time.Millisecond), 6000, 2000)[0]
	}
	if got := run(&Competition{Reset: true}); !slices.Equal(got.IDs, []uint32{1}) {
		t.Errorf("with reset: %v fire", got.IDs)
	}
	// Without it the losers follow, one a step, the best first.
	if got := run(&Competition{}); !slices.Equal(got.IDs, []uint32{1, 2, 0, 3}) || !slices.Equal(got.T, []int64{0, 1000, 2000, 3000}) {
		t.Errorf("without reset: %v fire at %v", got.IDs, got.T)
	}
	if got := run(nil); !slices.Equal(got.IDs, []uint32{0, 1, 2, 3}) || got.Runs() != 1 {
		t.Errorf("without competition: %v fire at %v", got.IDs, got.T)
	}
}

func TestOneChannelWinsAtEachPosition(t *testing.T) {
	t.Parallel()
	const span, plane = 60_000, 10 * 12
	spec := learningSpec(1)
	spec.Layers = spec.Layers[:1]
	in := randomTrain(8, 20, 24, 3000, span)
	twice := func() (twice int) {
		out := runCut(t, newEngine(t, spec, 2), in, span, 5000)[0]
		for i := range out.T {
			seen := map[uint32]bool{}
			for _, id := range out.Run(i) {
				if seen[id%plane] {
					twice++
				}
				seen[id%plane] = true
			}
		}
		return twice
	}
	if n := twice(); n > 0 {
		t.Errorf("%d spikes of losers", n)
	}
	n := spec.Layers[0].Neuron.(Clocked)
	n.Compete = nil
	spec.Layers[0].Neuron = n
	if twice() == 0 {
		t.Error("nobody would have lost: the test shows nothing")
	}
}

func TestBadLearningIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Connection, *Clocked)
		want   string
	}{
		"kernel":     {func(c *Connection, _ *Clocked) { c.Kernel = Diagonal{} }, "only dense, sparse and convolution kernels are plastic"},
		"bounds":     {func(c *Connection, _ *Clocked) { c.Plastic.Min = 1 }, "bounds 1..1 that hold nothing"},
		"weights":    {func(c *Connection, _ *Clocked) { c.Plastic.Max = .4 }, "weight 0 is 0.5, outside 0..0.4"},
		"tau":        {func(c *Connection, _ *Clocked) { c.Plastic.TauPlus = 0 }, "time constants 0s and"},
		"amplitude":  {func(c *Connection, _ *Clocked) { c.Plastic.APlus = math.NaN() }, "A+ NaN"},
		"silence":    {func(_ *Connection, n *Clocked) { *n = Clocked{Rule: Readout} }, "the layer never fires"},
		"threshold":  {func(_ *Connection, n *Clocked) { n.Homeostasis = &Homeostasis{Rise: -1, Tau: time.Second} }, "a rise of -1"},
		"contenders": {func(_ *Connection, n *Clocked) { n.Rule, n.Compete = Subtract, &Competition{} }, "only neurons that fire by reset"},
	} {
		spec := paired(2, STDP{TauPlus: time.Second, TauMinus: time.Second, Max: 1}, .5, time.Millisecond)
		n := spec.Layers[0].Neuron.(Clocked)
		c.change(&spec.Layers[0].Inputs[0], &n)
		spec.Layers[0].Neuron = n
		if _, ok := spec.Layers[0].Inputs[0].Kernel.(Diagonal); ok {
			spec.Layers[0].Inputs = spec.Layers[0].Inputs[:1]
		}
		if _, err := New(spec, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	spec := testSpec(20, 20)
	spec.Layers[0].Inputs[0].Plastic = &STDP{}
	if _, err := New(spec, 1); err == nil || !strings.Contains(err.Error(), "only clocked layers") {
		t.Errorf("event-driven layer: %v", err)
	}
}

func TestLearningAllocatesNothing(t *testing.T) {
	const span = 10_000
	spec := learningSpec(2)
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
	if act.Layers[0].Spikes.Len() == 0 {
		t.Fatal("nothing fires: the test shows nothing")
	}
}
