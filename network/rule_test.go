package network

import (
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

// ruleRun feeds one neuron spikes worth x in every millisecond from 0 on and
// returns the steps in which it fires.
func ruleRun(t *testing.T, n Clocked, x ...float32) (steps []int64) {
	t.Helper()
	e, err := New(Spec{Input: pipeline.Shape{1}, Step: time.Millisecond, Layers: []LayerSpec{
		{Name: "n", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: []float32{1}, Out: 1, In: 1}}}, Neuron: n},
	}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var in pipeline.Spikes
	for k, v := range x {
		in.AppendGraded(int64(k)*1000, 0, v)
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := e.Step(t.Context(), pipeline.Window{End: int64(len(x)+2) * 1000}, &in, &act); err != nil {
		t.Fatal(err)
	}
	for _, at := range act.Layers[0].Spikes.T {
		steps = append(steps, at/1000)
	}
	return steps
}

// TestTheThresholdIsTakenOffInTheNextStep follows membranes by hand, beside the
// rule that takes the threshold off at once, and the delayed one, which is the
// same a step later.
func TestTheThresholdIsTakenOffInTheNextStep(t *testing.T) {
	t.Parallel()
	n := Clocked{Rule: SubtractNext, Decay: []float32{.5}, Threshold: []float32{1}}
	if got := ruleRun(t, n, 3, .5, .5, .75); !slices.Equal(got, []int64{0, 3}) { // 3 | 1.5+.5-1 = 1 | .5+.5 = 1 | .5+.75 = 1.25
		t.Errorf("fires in %v", got)
	}
	n.Rule = Subtract
	if got := ruleRun(t, n, 3, .5, .5, .75); !slices.Equal(got, []int64{0, 1, 3}) { // 3-1 | 1+.5-1 | .25+.5 | .375+.75
		t.Errorf("taken off at once, fires in %v", got)
	}
	n.Rule, n.Late = SubtractNext, true
	late := ruleRun(t, n, 3, .5, .5, .75)
	n.Rule, n.Late = SubtractDelayed, false
	if got := ruleRun(t, n, 3, .5, .5, .75); !slices.Equal(got, late) || !slices.Equal(got, []int64{1, 4}) {
		t.Errorf("fires in %v and a step later in %v", late, got)
	}
}

// TestTheThresholdIsTakenOffBeforeTheTestToo follows membranes by hand: the
// threshold is taken off before the test only where the membrane was above it
// before, not where it was at it.
func TestTheThresholdIsTakenOffBeforeTheTestToo(t *testing.T) {
	t.Parallel()
	n := Clocked{Rule: SubtractTwice, Decay: []float32{.5}, Threshold: []float32{1}}
	if got := ruleRun(t, n, 1, .75); !slices.Equal(got, []int64{1}) { // 1: at it, no spike | .5+.75 = 1.25
		t.Errorf("from the threshold, fires in %v", got)
	}
	// 3, leaves 2 | 1+.5, tested as .5 | .75+1.25 = 2, tested as 1 | 1+1.25, tested as 1.25
	if got := ruleRun(t, n, 3, .5, 1.25, 1.25); !slices.Equal(got, []int64{0, 3}) {
		t.Errorf("from above, fires in %v", got)
	}
	// 3, leaves 2 | 1+2.5, tested as 2.5, leaves 2.5 | 1.25+.25, tested as .5 | .75+.75, tested as .5
	if got := ruleRun(t, n, 3, 2.5, .25, .75); !slices.Equal(got, []int64{0, 1}) {
		t.Errorf("twice from above, fires in %v", got)
	}
}

// TestALateThresholdFiresOneStepLater wants every spike once, a step after its
// input.
func TestALateThresholdFiresOneStepLater(t *testing.T) {
	t.Parallel()
	n := Clocked{Rule: Step, Threshold: []float32{.5}, Late: true}
	if got := ruleRun(t, n, 1, 0, 1, 1, 0, 1); !slices.Equal(got, []int64{1, 3, 4, 6}) {
		t.Errorf("fires in %v", got)
	}
}
