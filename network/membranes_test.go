package network

import (
	"math"
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestMembranesAreThoseOfNeuronsThatNeverSleep compares a layer that sleeps in
// silence with the same one that is kept awake by a drive of nothing.
func TestMembranesAreThoseOfNeuronsThatNeverSleep(t *testing.T) {
	t.Parallel()
	run := func(drive []float32) (all []float32) {
		n := Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{3}, Drive: drive}
		k := Conv2d{Weight: []float32{1, .5, .25, 2}, OutChannels: 2, KH: 1, KW: 1, Groups: 1, Stride: Pair{1, 1}, Dilation: Pair{1, 1}}
		e, err := New(Spec{Input: pipeline.Shape{2, 4, 5}, Step: time.Millisecond, Layers: []LayerSpec{
			{Name: "n", Inputs: []Connection{{From: InputName, Kernel: k}}, Neuron: n},
		}}, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
		for w := range int64(6) {
			var in pipeline.Spikes
			in.Append(w*7000, uint32(w*3))
			in.Append(w*7000+3000, uint32(20+w))
			if err := e.Step(t.Context(), pipeline.Window{Start: w * 7000, End: (w + 1) * 7000}, &in, &act); err != nil {
				t.Fatal(err)
			}
			all = e.Membranes(0, all)
		}
		return all
	}
	asleep, awake := run(nil), run(make([]float32, 40))
	if len(asleep) != 6*40 || !slices.Equal(asleep, awake) || slices.Max(asleep) < .5 {
		t.Errorf("%d membranes up to %v; asleep they differ", len(asleep), slices.Max(asleep))
	}
}

// TestAMembraneIsThePotentialAtTheEndOfTheWindow looks into single neurons of a LIF
// layer: decay in closed form, the reset within the refractory period; and of a
// clock-driven one, where the whole layer is known.
func TestAMembraneIsThePotentialAtTheEndOfTheWindow(t *testing.T) {
	t.Parallel()
	k := Conv2d{Weight: []float32{2}, OutChannels: 1, KH: 1, KW: 1, Groups: 1, Stride: Pair{1, 1}, Dilation: Pair{1, 1}}
	lif := LIF{Tau: 10 * time.Millisecond, Threshold: 3, Reset: -.5, Refractory: 20 * time.Millisecond}
	clocked := Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{3}}
	e, err := New(Spec{Input: pipeline.Shape{1, 4, 5}, Step: time.Millisecond, Layers: []LayerSpec{
		{Name: "lif", Inputs: []Connection{{From: InputName, Kernel: k}}, Neuron: lif},
		{Name: "clocked", Inputs: []Connection{{From: InputName, Kernel: k}}, Neuron: clocked},
	}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 2)}
	var in pipeline.Spikes
	in.Append(1000, 7)  // once: stays below the threshold
	in.Append(1000, 19) // twice: fires
	in.Append(2000, 19)
	if err := e.Step(t.Context(), pipeline.Window{Start: 0, End: 6000}, &in, &act); err != nil {
		t.Fatal(err)
	}
	for neuron, want := range map[int]float64{0: 0, 7: 2 * math.Exp(-.5), 19: -.5} {
		if v, ok := e.Membrane(0, neuron); !ok || math.Abs(v-want) > 1e-6 {
			t.Errorf("neuron %d of lif: %v, %t; want %v", neuron, v, ok, want)
		}
	}
	for neuron, want := range e.Membranes(1, nil) {
		if v, ok := e.Membrane(1, neuron); !ok || v != float64(want) {
			t.Errorf("neuron %d of clocked: %v, %t; want %v", neuron, v, ok, want)
		}
	}
	for _, place := range [][2]int{{0, 20}, {0, -1}, {2, 0}, {-1, 0}} {
		if _, ok := e.Membrane(place[0], place[1]); ok {
			t.Errorf("neuron %d of layer %d has a membrane", place[1], place[0])
		}
	}
}

// Layers whose numbers are not membranes tell none.
func TestMembranesOfOtherNeuronsAreNotTold(t *testing.T) {
	t.Parallel()
	k := Conv2d{Weight: []float32{1}, OutChannels: 1, KH: 1, KW: 1, Groups: 1, Stride: Pair{1, 1}, Dilation: Pair{1, 1}}
	for name, c := range map[string]struct {
		neuron Neuron
		want   int
	}{
		"relay":   {Clocked{Rule: Relay}, 0},
		"integer": {Clocked{Rule: Integer, Loihi: &Loihi{DU: 4095, Threshold: 1}}, 0},
		"exact":   {LIF{Tau: time.Millisecond, Threshold: 1}, 0},
		"clocked": {Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{3}}, 6},
	} {
		e, err := New(Spec{Input: pipeline.Shape{1, 2, 3}, Step: time.Millisecond, Layers: []LayerSpec{
			{Name: "n", Inputs: []Connection{{From: InputName, Kernel: k}}, Neuron: c.neuron},
		}}, 1)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := len(e.Membranes(0, []float32{7})) - 1; got != c.want {
			t.Errorf("%s: %d membranes, want %d", name, got, c.want)
		}
		e.Close()
	}
}

func TestTimesOfPairsMoveWithTheClock(t *testing.T) {
	t.Parallel()
	b := tdeBlock{last: []int32{0, 49, 50, 51, 1000}}
	if b.shift(50); !slices.Equal(b.last, []int32{0, 0, 0, 1, 950}) {
		t.Errorf("%v", b.last)
	}
}
