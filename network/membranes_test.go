package network

import (
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestMembranesAreThoseOfNeuronsThatNeverSleep compares a layer that sleeps in
// silence with the same one that is kept awake by a drive of nothing.
func TestMembranesAreThoseOfNeuronsThatNeverSleep(t *testing.T) {
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
