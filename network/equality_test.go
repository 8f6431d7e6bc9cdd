package network

import (
	"slices"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestAThresholdIsMetByWhatLiesAboveIt brings neurons of every model to their
// threshold, above it and below: at the threshold only those that are told to,
// or that a step reads as late ones, fire.
func TestAThresholdIsMetByWhatLiesAboveIt(t *testing.T) {
	t.Parallel()
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

// firingTimes are the times, µs, at which the first neuron of a layer fires
// within a time; inputs are values at times of input neuron 0, in order.
func firingTimes(t *testing.T, n Neuron, span int64, weights []float32, at ...int64) (times []int64) {
	t.Helper()
	e := newEngine(t, Spec{Input: pipeline.Shape{len(weights)}, Layers: []LayerSpec{{
		Name: "a", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: weights, In: len(weights), Out: 1}}}, Neuron: n,
	}}}, 1)
	var in pipeline.Spikes
	for _, at := range at {
		for id := range weights {
			in.Append(at, uint32(id))
		}
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := e.Step(t.Context(), pipeline.Window{End: span}, &in, &act); err != nil {
		t.Fatal(err)
	}
	s := &act.Layers[0].Spikes
	for i := range s.T {
		for range s.Run(i) {
			times = append(times, s.T[i])
		}
	}
	return times
}

// TestEqualityBetweenEvents has membranes arrive exactly at their threshold
// where nothing but time, a pulse or an inhibition brings them there.
func TestEqualityBetweenEvents(t *testing.T) {
	t.Parallel()
	one := []float64{1}
	for _, c := range []struct {
		name    string
		neuron  Neuron
		weights []float32
		at      []int64
		want    []int64
	}{
		{"a drive that reaches the threshold after 64 µs", Exact{Rule: ToReset, Threshold: one, Drive: []float64{1. / 64}},
			[]float32{0}, []int64{0}, []int64{65, 130, 195}},
		{"an input that adds nothing at that time", Exact{Rule: ToReset, Threshold: one, Drive: []float64{1. / 64}},
			[]float32{0}, []int64{64}, []int64{65, 130, 195}},
		{"a pulse whose rest, after a spike, reaches the threshold",
			Exact{Rule: ToReset, Threshold: one, Tau: []float64{1000}, Pulse: []float64{.25}}, []float32{1.5}, []int64{0}, []int64{0}},
		{"an input at the end of a refractory period", Exact{Rule: Subtract, Threshold: one, Drive: []float64{3}, Refractory: []int64{100}},
			[]float32{1}, []int64{100, 101}, []int64{1, 101, 101}}, // the one at 100 µs is lost
		{"a LIF that an inhibition of the same time takes back", LIF{Tau: time.Second, Threshold: 1}, []float32{2, -1}, []int64{0}, nil},
		{"a LIF's input at the end of its refractory period", LIF{Tau: time.Second, Threshold: 1, Refractory: 50 * time.Microsecond},
			[]float32{2}, []int64{0, 49, 50}, []int64{0, 50}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := firingTimes(t, c.neuron, 200, c.weights, c.at...); !slices.Equal(got, c.want) {
				t.Errorf("fires at %v µs, want %v", got, c.want)
			}
		})
	}
}

// TestClockedTimesAreTakenUpToTheirBounds tries each bound, and just beyond it.
func TestClockedTimesAreTakenUpToTheirBounds(t *testing.T) {
	t.Parallel()
	one := []float32{1}
	for _, c := range []struct {
		name   string
		neuron Clocked
		ok     bool
	}{
		{"no refractory period", Clocked{Rule: ToReset, Threshold: one, Refractory: []int32{0}}, true},
		{"the longest", Clocked{Rule: ToReset, Threshold: one, Refractory: []int32{MaxDelay}}, true},
		{"a longer one", Clocked{Rule: ToReset, Threshold: one, Refractory: []int32{MaxDelay + 1}}, false},
		{"less than none", Clocked{Rule: ToReset, Threshold: one, Refractory: []int32{-1}}, false},
		{"the last rule that has one", Clocked{Rule: SubtractNext, Threshold: one, Refractory: []int32{1}}, true},
		{"a step has none", Clocked{Rule: Step, Threshold: one, Refractory: []int32{1}}, false},
		{"nor has a readout", Clocked{Rule: Readout, Refractory: []int32{1}}, false},
		{"no delay", Clocked{Rule: Relay, Delay: []int32{0}}, true},
		{"the longest delay", Clocked{Rule: Relay, Delay: []int32{MaxDelay}}, true},
		{"a longer delay", Clocked{Rule: Relay, Delay: []int32{MaxDelay + 1}}, false},
		{"less than no delay", Clocked{Rule: Relay, Delay: []int32{-1}}, false},
	} {
		e, err := New(Spec{Input: pipeline.Shape{1}, Step: time.Millisecond, Layers: []LayerSpec{{
			Name: "a", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: one, In: 1, Out: 1}}}, Neuron: c.neuron,
		}}}, 1)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			e.Close()
		}
	}
}
