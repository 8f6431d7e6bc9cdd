package network

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ganglion/internal/shareddata"
	"ganglion/pipeline"
)

// paired is a layer of n neurons that fire exactly when neurons n..2n-1 of the
// input do, each behind one plastic synapse from neuron 0..n-1.
func paired(n int, rule STDP, w float32, step time.Duration) Spec {
	teacher := Sparse{Out: n, Offsets: make([]uint32, n+1)}
	plastic := Sparse{Out: n, Offsets: make([]uint32, n+1)}
	for i := range uint32(n) {
		plastic.Targets, plastic.Weight = append(plastic.Targets, i), append(plastic.Weight, w)
		plastic.Offsets[i+1] = i + 1
		teacher.Targets, teacher.Weight = append(teacher.Targets, i), append(teacher.Weight, 1000)
		teacher.Offsets = append(teacher.Offsets, i+1)
	}
	for range n {
		plastic.Offsets = append(plastic.Offsets, uint32(n))
	}
	return Spec{Input: pipeline.Shape{2 * n}, Step: step, Layers: []LayerSpec{{
		Name:   "post",
		Inputs: []Connection{{From: InputName, Kernel: plastic, Plastic: &rule}, {From: InputName, Kernel: teacher}},
		Neuron: Clocked{Rule: ToReset, Decay: []float32{0}, Threshold: []float32{500}},
	}}}
}

// spikeAt is a spike of a neuron in a step.
type spikeAt struct{ step, id int }

// trainAt puts spikes in order.
func trainAt(spikes []spikeAt, step time.Duration) *pipeline.Spikes {
	slices.SortFunc(spikes, func(a, b spikeAt) int {
		if a.step != b.step {
			return a.step - b.step
		}
		return a.id - b.id
	})
	var s pipeline.Spikes
	for _, sp := range spikes {
		s.Append(int64(sp.step)*step.Microseconds(), uint32(sp.id))
	}
	return &s
}

// readSpikes reads lines of neuron and step.
func readSpikes(t *testing.T, path string, first int) []spikeAt {
	t.Helper()
	var spikes []spikeAt
	for _, line := range readLines(t, path)[1:] {
		var s spikeAt
		if _, err := fmt.Sscanf(line, "%d,%d", &s.id, &s.step); err != nil {
			t.Fatalf("%s: %q: %v", path, line, err)
		}
		s.id += first
		spikes = append(spikes, s)
	}
	return spikes
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("the reference is not here: %v", err)
	}
	defer f.Close()
	var lines []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if l := strings.TrimSpace(sc.Text()); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

// referenceFile is a file of the recorded run of another simulator.
func referenceFile(t testing.TB, name string) string {
	t.Helper()
	return shareddata.Path(t, "nir", "stdp", name)
}

func TestWeightsAreThoseOfTheReferenceSimulator(t *testing.T) {
	t.Parallel()
	var want []float64
	for _, line := range readLines(t, referenceFile(t, "w_final.csv")) {
		var w float64
		if _, err := fmt.Sscan(line, &w); err != nil {
			t.Fatal(err)
		}
		want = append(want, w)
	}
	const step = 100 * time.Microsecond
	n := len(want)
	in := trainAt(append(readSpikes(t, referenceFile(t, "pre.csv"), 0), readSpikes(t, referenceFile(t, "post.csv"), n)...), step)
	rule := STDP{APlus: .01, AMinus: -.0105, TauPlus: 20 * time.Millisecond, TauMinus: 20 * time.Millisecond, Max: 1}
	worst := func(rule STDP, shards int) float64 {
		e := newEngine(t, paired(n, rule, .5, step), shards)
		runCut(t, e, in, 1_000_000, 10_000)
		worst := 0.
		for i, w := range e.Learning().Connections[0].Weights {
			worst = max(worst, math.Abs(w-want[i]))
		}
		return worst
	}
	for _, shards := range []int{1, 3} {
		if d := worst(rule, shards); d > 1e-12 {
			t.Errorf("%d shards: largest difference %g", shards, d)
		} else {
			t.Logf("%d shards: largest difference %g", shards, d)
		}
	}
	wrong := rule // the control: the wrong pairing is told apart
	wrong.Pairing = Nearest
	if d := worst(wrong, 1); d < 1e-6 {
		t.Errorf("the nearest pairing differs by %g alone: the test shows nothing", d)
	}
}

func TestPairsOfSpikesChangeTheWeightByTheEquations(t *testing.T) {
	t.Parallel()
	const step = time.Millisecond
	base := STDP{APlus: .1, AMinus: -.2, TauPlus: 10 * time.Millisecond, TauMinus: 20 * time.Millisecond, Max: 1}
	e := math.Exp
	for name, c := range map[string]struct {
		change    func(*STDP)
		pre, post []int
		want      float64
	}{
		"pre before post strengthens":       {nil, []int{0}, []int{5}, .5 + .1*e(-.5)},
		"post before pre weakens":           {nil, []int{5}, []int{0}, .5 - .2*e(-.25)},
		"in one step pre comes first":       {nil, []int{3}, []int{3}, .6},
		"all pairs add up":                  {nil, []int{0, 4}, []int{5}, .5 + .1*(e(-.5)+e(-.1))},
		"nearest takes the last alone":      {func(s *STDP) { s.Pairing = Nearest }, []int{0, 4}, []int{5}, .5 + .1*e(-.1)},
		"nearest takes the last post alone": {func(s *STDP) { s.Pairing = Nearest }, []int{5}, []int{0, 3}, .5 - .2*e(-.1)},
		"hard bounds clip above":            {func(s *STDP) { s.APlus = 3 }, []int{0}, []int{1}, 1},
		"hard bounds clip below":            {func(s *STDP) { s.AMinus = -3; s.Min = -.25 }, []int{1}, []int{0}, -.25},
		"soft bounds scale growth":          {func(s *STDP) { s.Soft, s.Max = true, 2 }, []int{0}, []int{5}, .5 + .1*e(-.5)*1.5},
		"soft bounds scale decline":         {func(s *STDP) { s.Soft = true }, []int{5}, []int{0}, .5 - .2*e(-.25)*.5},
		"a silent side changes nothing":     {nil, []int{0, 5}, nil, .5},
	} {
		rule := base
		if c.change != nil {
			c.change(&rule)
		}
		var spikes []spikeAt
		for _, s := range c.pre {
			spikes = append(spikes, spikeAt{s, 0})
		}
		for _, s := range c.post {
			spikes = append(spikes, spikeAt{s, 1})
		}
		eng := newEngine(t, paired(1, rule, .5, step), 1)
		runCut(t, eng, trainAt(spikes, step), 10_000, 10_000)
		if got := eng.Learning().Connections[0].Weights[0]; math.Abs(got-c.want) > 1e-14 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
