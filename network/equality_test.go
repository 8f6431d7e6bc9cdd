package network

import (
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestAThresholdIsMetByWhatLiesAboveIt brings neurons of every model to their
// threshold, above it and below: at the threshold only those that are told to,
// or that a step reads as late ones, fire.
func TestAThresholdIsMetByWhatLiesAboveIt(t *testing.T) {
	one := []float32{1}
	clocked := func(r Rule, inclusive bool) Clocked { return Clocked{Rule: r, Threshold: one, Inclusive: inclusive} }
	exact := func(r Rule) Exact { return Exact{Rule: r, Threshold: []float64{1}} }
	for name, c := range map[string]struct {
		neuron Neuron
		step   time.Duration
		at     int // spikes of an input that brings it to its threshold
	}{
		"LIF":                 {LIF{Tau: time.Second, Threshold: 1}, 0, 0},
		"step":                {clocked(Step, false), time.Millisecond, 0},
		"step, inclusive":     {clocked(Step, true), time.Millisecond, 1},
		"reset":               {clocked(ToReset, false), time.Millisecond, 0},
		"reset, inclusive":    {clocked(ToReset, true), time.Millisecond, 1},
		"subtract":            {clocked(Subtract, false), time.Millisecond, 0},
		"subtract, inclusive": {clocked(Subtract, true), time.Millisecond, 1},
		"subtract many":       {clocked(SubtractMany, false), time.Millisecond, 0},
		"integer":             {Clocked{Rule: Integer, Loihi: &Loihi{DU: 4095, Threshold: 1}}, time.Millisecond, 0},
		"exact step":          {exact(Step), 0, 0},
		"exact reset":         {exact(ToReset), 0, 0},
		"exact subtract":      {exact(Subtract), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			above := float32(1.001)
			if name == "integer" {
				above = 2 // its inputs are whole numbers
			}
			for weight, want := range map[float32]int{0: 0, 1: c.at, above: 1} {
				spec := Spec{Input: pipeline.Shape{1}, Step: c.step, Layers: []LayerSpec{{
					Name: "a", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: []float32{weight}, In: 1, Out: 1}}}, Neuron: c.neuron,
				}}}
				e := newEngine(t, spec, 1)
				var in pipeline.Spikes
				in.Append(0, 0)
				act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
				if err := e.Step(t.Context(), pipeline.Window{End: 1000}, &in, &act); err != nil {
					t.Fatal(err)
				}
				if got := act.Layers[0].Spikes.Len(); got != want {
					t.Errorf("an input of %v: %d spikes, want %d", weight, got, want)
				}
			}
		})
	}
}
