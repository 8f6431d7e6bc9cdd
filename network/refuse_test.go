package network

import (
	"math"
	"strings"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestSpecsThatDoNotFitAreRefused changes a spec that is right in one place
// each.
func TestSpecsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	clocked := Clocked{Rule: ToReset, Threshold: []float32{1}}
	for name, c := range map[string]struct {
		change func(*Spec)
		want   string
	}{
		"input":     {func(s *Spec) { s.Input = pipeline.Shape{0} }, "input shape [0] is not"},
		"step":      {func(s *Spec) { s.Step = time.Nanosecond }, "not a whole number of µs"},
		"name":      {func(s *Spec) { s.Layers[0].Name = "" }, `layer 0: name "" is empty or taken`},
		"no inputs": {func(s *Spec) { s.Layers[0].Inputs = nil }, "0 inputs outside 1..8"},
		"no neuron": {func(s *Spec) { s.Layers[0].Neuron = nil }, "no neuron model"},
		"no layer":  {func(s *Spec) { s.Layers[0].Inputs[0].From = "x" }, `input "x" is not a layer`},
		"no kernel": {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = nil }, "has no kernel"},
		"recurrent": {func(s *Spec) { s.Layers[0].Inputs[0].Recurrent = true }, "must be recurrent exactly"},
		"only loops": {func(s *Spec) { s.Layers[0].Inputs[0] = Connection{From: "a", Kernel: Diagonal{}, Recurrent: true} },
			"all inputs are recurrent"},
		"rule":      {func(s *Spec) { s.Layers[0].Neuron = Clocked{Rule: 99} }, "no rule 99"},
		"threshold": {func(s *Spec) { s.Layers[0].Neuron = Clocked{Rule: Step} }, "no threshold"},
		"endless":   {func(s *Spec) { s.Layers[0].Neuron = Clocked{Rule: SubtractMany, Threshold: []float32{0}} }, "fires without end"},
		"integer":   {func(s *Spec) { s.Layers[0].Neuron = Clocked{Rule: Integer} }, "decays of 12 bits"},
		"delay":     {func(s *Spec) { s.Layers[0].Neuron = Clocked{Rule: Relay, Delay: []int32{-1}} }, "delay of -1 steps"},
		"leak": {func(s *Spec) { s.Layers[0].Neuron = Clocked{Rule: Readout, Leak: make([]float32, 3)} },
			"leak has 3 values for 4 neurons"},
		"late": {func(s *Spec) { n := clocked; n.Late, n.Compete = true, &Competition{}; s.Layers[0].Neuron = n },
			"in the same step, compete"},
		"group":    {func(s *Spec) { n := clocked; n.Compete = &Competition{Group: 7}; s.Layers[0].Neuron = n }, "no group 7"},
		"matrix":   {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = Dense{Out: 4, In: 3} }, "takes 3 neurons"},
		"weights":  {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = Dense{Out: 4, In: 4} }, "has 0 weights where 4 x 4"},
		"diagonal": {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = Diagonal{Weight: make([]float32, 3)} }, "3 weights"},
		"reshape":  {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = Diagonal{Shape: pipeline.Shape{5}} }, "does not reshape"},
		"flat":     {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = Conv2d{} }, "convolution needs an input of"},
		"offsets":  {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = Sparse{Out: 4} }, "0 offsets"},
		"targets":  {func(s *Spec) { s.Layers[0].Inputs[0].Kernel = Sparse{Out: 4, Offsets: []uint32{0, 1, 1, 1, 1}} }, "offsets need 1"},
		"order": {func(s *Spec) {
			s.Layers[0].Inputs[0].Kernel = Sparse{Out: 4, Offsets: []uint32{0, 2, 2, 2, 2}, Targets: []uint32{1, 1}, Weight: []float32{1, 1}}
		}, "do not ascend"},
		"descend": {func(s *Spec) {
			s.Layers[0].Inputs[0].Kernel = Sparse{Out: 4, Offsets: []uint32{0, 2, 1, 2, 2}, Targets: []uint32{1, 2}, Weight: []float32{1, 1}}
		}, "descend"},
		"two shapes": {func(s *Spec) {
			s.Layers[0].Inputs = append(s.Layers[0].Inputs, Connection{From: InputName, Kernel: Dense{Weight: make([]float32, 20), Out: 5, In: 4}})
		}, "another one [4]"},
		"conv channels": {func(s *Spec) { s.Input = pipeline.Shape{1, 2, 2}; s.Layers[0].Inputs[0].Kernel = Conv2d{KH: 1, KW: 1} },
			"0 output channels"},
		"conv groups": {func(s *Spec) {
			s.Input = pipeline.Shape{1, 2, 2}
			s.Layers[0].Inputs[0].Kernel = Conv2d{KH: 1, KW: 1, OutChannels: 1, Groups: 2}
		}, "groups do not divide"},
		"conv weights": {func(s *Spec) {
			s.Input = pipeline.Shape{1, 2, 2}
			s.Layers[0].Inputs[0].Kernel = Conv2d{KH: 1, KW: 1, OutChannels: 1}
		}, "has 0 weights"},
		"conv size": {func(s *Spec) {
			s.Input = pipeline.Shape{1, 2, 2}
			s.Layers[0].Inputs[0].Kernel = Conv2d{KH: 5, KW: 5, OutChannels: 1, Weight: make([]float32, 25)}
		}, "larger than its padded input"},
		"exact rule":       {func(s *Spec) { s.Layers[0].Neuron = Exact{Rule: SubtractTwice} }, "needs steps"},
		"exact threshold":  {func(s *Spec) { s.Layers[0].Neuron = Exact{Rule: ToReset} }, "no threshold"},
		"exact tau":        {func(s *Spec) { s.Layers[0].Neuron = Exact{Tau: []float64{0}} }, "not positive"},
		"exact pulse":      {func(s *Spec) { s.Layers[0].Neuron = Exact{Pulse: []float64{1}} }, "a pulse of which neuron 0 keeps 1"},
		"exact refractory": {func(s *Spec) { s.Layers[0].Neuron = Exact{Refractory: []int64{-1}} }, "refractory period of -1 µs"},
		"exact sizes":      {func(s *Spec) { s.Layers[0].Neuron = Exact{Gain: make([]float64, 3)} }, "gain has 3 values for 4 neurons"},
		"exact high reset": {func(s *Spec) { s.Layers[0].Neuron = Exact{Rule: ToReset, Threshold: []float64{1}, Reset: []float64{2}} },
			"fires without end"},
		"exact endless": {func(s *Spec) { s.Layers[0].Neuron = Exact{Rule: Subtract, Threshold: []float64{0}} }, "fires without end"},
		"exact reset": {func(s *Spec) {
			s.Layers[0].Neuron = Exact{Rule: ToReset, Threshold: []float64{1}, Reset: []float64{1}, Pulse: []float64{.5}}
		}, "reset to its threshold"},
		"exact depression": {func(s *Spec) {
			s.Layers[0].Neuron = Exact{}
			s.Layers[0].Inputs[0].Depress = &Depression{Use: .5, Recovery: time.Second}
		}, "need exact times, not a step"},
		"exact in steps": {func(s *Spec) {
			s.Layers[0].Neuron = Exact{Rule: ToReset, Tau: []float64{9}, Threshold: []float64{1}, Rest: []float64{2}}
		}, "need exact times, not a step"},
		"exact learning": {func(s *Spec) {
			s.Layers[0].Neuron = Exact{}
			s.Layers[0].Inputs[0].Plastic = &STDP{}
		}, "is plastic, which needs steps"},
		"exact current": {func(s *Spec) { s.Layers[0].Neuron = Exact{SynTau: []float64{9}} }, "a synaptic current needs a membrane that leaks"},
		"exact synapse": {func(s *Spec) {
			s.Layers[0].Neuron = Exact{Rule: Readout, Every: 9, Tau: []float64{9}, SynTau: []float64{math.NaN()}}
		}, "a synaptic time constant of NaN"},
		"exact drive": {func(s *Spec) { s.Layers[0].Neuron = Exact{Tau: []float64{9}, Drive: []float64{1}} },
			"only a membrane without leak has a drive"},
		"exact infinity": {func(s *Spec) {
			s.Layers[0].Neuron = Exact{Rule: Readout, Every: 9, Tau: []float64{9}, Rest: []float64{math.Inf(1)}}
		}, "settles at +Inf"},
		"exact readings": {func(s *Spec) { s.Layers[0].Neuron = Exact{Rule: Readout} }, "read every 0 µs"},
		"exact latency": {func(s *Spec) {
			s.Step, s.Layers[0].Neuron, s.Layers[0].Inputs[0].Latency = 0, Exact{}, []int64{-1}
		}, "latency of -1 µs of neuron 0"},
		"exact latencies": {func(s *Spec) {
			s.Step, s.Layers[0].Neuron, s.Layers[0].Inputs[0].Latency = 0, Exact{}, []int64{1, 2}
		}, "latency has 2 values for 4 neurons"},
		"exact delays": {func(s *Spec) {
			s.Step, s.Layers[0].Neuron, s.Layers[0].Inputs[0].Delays = 0, Exact{}, []int32{1, 2}
		}, "2 delays for 16 weights"},
		"latency in steps": {func(s *Spec) { s.Layers[0].Inputs[0].Latency = []int64{1} }, "only exact layers have"},
		"mixed loop": {func(s *Spec) {
			s.Step = 0
			s.Layers = append(s.Layers, LayerSpec{Name: "b", Inputs: []Connection{{From: "a", Kernel: Diagonal{}}}, Neuron: Exact{}})
			s.Layers[0].Inputs = append(s.Layers[0].Inputs, Connection{From: "b", Kernel: Diagonal{}, Recurrent: true})
		}, "in a loop of clocked and event-driven layers"},
		"event delays": {func(s *Spec) {
			s.Layers[0].Neuron = LIF{Tau: time.Second, Threshold: 1}
			s.Layers[0].Inputs[0].Delays = make([]int32, 16)
		}, "synapses with delays"},
		"event loop": {func(s *Spec) {
			s.Layers[0].Neuron = LIF{Tau: time.Second, Threshold: 1}
			s.Layers[0].Inputs = append(s.Layers[0].Inputs, Connection{From: "a", Kernel: Diagonal{}, Recurrent: true})
		}, "only clocked and exact layers can be"},
		"tau":    {func(s *Spec) { s.Layers[0].Neuron = LIF{Threshold: 1} }, "tau 0s is below"},
		"reset":  {func(s *Spec) { s.Layers[0].Neuron = LIF{Tau: time.Second, Threshold: 1, Reset: 2} }, "reset 2 is above"},
		"no NaN": {func(s *Spec) { s.Layers[0].Neuron = LIF{Tau: time.Second, Threshold: math.NaN()} }, "threshold NaN"},
		"taps":   {func(s *Spec) { s.Layers[0].Neuron = TimeDifference{} }, "no taps"},
	} {
		s := Spec{Input: pipeline.Shape{4}, Step: time.Millisecond, Layers: []LayerSpec{{
			Name: "a", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: make([]float32, 16), Out: 4, In: 4}}}, Neuron: clocked,
		}}}
		c.change(&s)
		if _, err := New(s, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := New(Spec{}, 0); err == nil {
		t.Error("an engine without shards")
	}
	if _, err := NewAuto(Spec{}, 0); err == nil {
		t.Error("an engine without a network")
	}
}

// TestAutoChoosesAndChangesNothing wants of an engine that measured what one
// shard gives.
func TestAutoChoosesAndChangesNothing(t *testing.T) {
	t.Parallel()
	const span = 30_000
	spec := clockedSpec(5)
	in := randomTrain(5, 20, 24, 2000, span)
	e, err := NewAuto(spec, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	same(t, "auto", runCut(t, newEngine(t, spec, 1), in, span, span), runCut(t, e, in, span, 10_000))
}

func TestSnapshotsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	cuts, damages := 200, 800
	if testing.Short() {
		cuts, damages = 50, 200
	}
	for _, spec := range []Spec{extendedSpec(1), learningSpec(1), stepless(3), testSpec(20, 24)} {
		in := inputOf(spec, 1, 20_000)
		e := newEngine(t, spec, 2)
		runCut(t, e, in, 20_000, 5000)
		snap := stateOf(t, e)
		for n := 0; n < len(snap); n += 1 + len(snap)/cuts {
			if err := newEngine(t, spec, 1).RestoreState(snap[:n]); err == nil {
				t.Fatalf("%d of %d bytes were taken", n, len(snap))
			}
		}
		if err := newEngine(t, spec, 1).RestoreState(append(snap, 0)); err == nil {
			t.Error("a byte too many was taken")
		}
		old := append([]byte{engineState - 1}, snap[1:]...)
		if err := newEngine(t, spec, 1).RestoreState(old); err == nil ||
			!strings.Contains(err.Error(), "has version 2, this program reads version 3") {
			t.Errorf("an older version: %v", err)
		}
		broken := 0
		for n := 0; n+8 <= len(snap); n += 8 * (1 + len(snap)/damages) { // no damage may panic
			bad := append([]byte(nil), snap...)
			for i := range 8 {
				bad[n+i] = 0xff
			}
			e := newEngine(t, spec, 1)
			if e.RestoreState(bad) != nil {
				broken++
			}
		}
		if broken == 0 {
			t.Error("no damage was noticed")
		}
	}
}
