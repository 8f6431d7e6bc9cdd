package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testSpec is a small net with every feature of the engine.
func testSpec(h, w int) Spec {
	ring := Conv2d{OutChannels: 2, KH: 3, KW: 3, Pad: PadAll(1), Groups: 2}
	for range 2 {
		ring.Weight = append(ring.Weight, 1, 1, 1, 1, 3, 1, 1, 1, 1)
	}
	mixed := Conv2d{OutChannels: 3, KH: 4, KW: 3, Stride: Pair{2, 2}, Pad: PadAll(1)}
	for i := range 3 * 2 * 4 * 3 {
		mixed.Weight = append(mixed.Weight, float32(i%7)-2)
	}
	return Spec{
		Input: pipeline.Shape{2, h, w},
		Layers: []LayerSpec{
			{Name: "a", Inputs: []Connection{{From: InputName, Kernel: ring, Depress: &Depression{Use: .6, Recovery: 50 * time.Millisecond}}},
				Neuron: LIF{Tau: 10 * time.Millisecond, Threshold: 4.1, Refractory: 3 * time.Millisecond}},
			{Name: "b", Inputs: []Connection{{From: "a", Kernel: mixed}, {From: InputName, Kernel: mixed}},
				Neuron: LIF{Tau: 20 * time.Millisecond, Threshold: 6, Reset: -1}},
			{Name: "c", Inputs: []Connection{{From: "a", Kernel: Identity()}},
				Neuron: TimeDifference{Taps: []Offset{{-2, 0}, {2, 1}, {0, -3}}, Min: 100 * time.Microsecond, Max: 30 * time.Millisecond}},
		},
	}
}

// randomTrain makes a clustered spike train in canonical order.
func randomTrain(seed uint64, h, w, n int, span int64) *pipeline.Spikes {
	r := rand.New(rand.NewPCG(seed, 1))
	type spike struct {
		t  int64
		id uint32
	}
	var all []spike
	for range n {
		y, x := h/2+int(r.NormFloat64()*float64(h)/6), w/2+int(r.NormFloat64()*float64(w)/6)
		y, x = min(max(y, 0), h-1), min(max(x, 0), w-1)
		all = append(all, spike{r.Int64N(span), uint32((r.IntN(2)*h+y)*w + x)})
	}
	slices.SortFunc(all, func(a, b spike) int {
		if a.t != b.t {
			return int(a.t - b.t)
		}
		return int(a.id) - int(b.id)
	})
	var s pipeline.Spikes
	for _, sp := range all {
		s.Append(sp.t, sp.id)
	}
	return &s
}

// runCut runs the train through an engine, cut into windows of the given
// lengths in turn, and returns the concatenated trains of all layers.
func runCut(t testing.TB, e *Engine, in *pipeline.Spikes, span int64, cuts ...int64) []pipeline.Spikes {
	t.Helper()
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(e.Layers()))}
	got := make([]pipeline.Spikes, len(act.Layers))
	run := 0
	for start, k := int64(0), 0; start < span; k++ {
		w := pipeline.Window{Start: start, End: start + cuts[k%len(cuts)]}
		var part pipeline.Spikes
		for ; run < len(in.T) && in.T[run] < w.End; run++ {
			for _, id := range in.Run(run) {
				part.Append(in.T[run], id)
			}
		}
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
		}
		if err := e.Step(t.Context(), w, &part, &act); err != nil {
			t.Fatal(err)
		}
		for i := range act.Layers {
			s := &act.Layers[i].Spikes
			if err := s.Check(e.Layers()[i].Shape.Size()); err != nil {
				t.Fatalf("layer %d: %v", i, err)
			}
			for r := range s.T {
				appendRun(&got[i], s, r)
			}
		}
		start = w.End
	}
	return got
}

func newEngine(t testing.TB, spec Spec, shards int) *Engine {
	t.Helper()
	e, err := New(spec, shards)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func TestSpikesAreTheSameForAnyNumberOfShardsAndAnyWindows(t *testing.T) {
	t.Parallel()
	const h, w, span = 90, 41, 200_000
	for seed := range few(3) {
		for _, step := range []time.Duration{0, time.Millisecond} {
			spec := testSpec(h, w)
			spec.Step = step
			in := randomTrain(seed, h, w, 20_000, span)
			want := runCut(t, newEngine(t, spec, 1), in, span, 10_000)
			for i, s := range want {
				if s.Len() == 0 {
					t.Fatalf("layer %d is silent: the test shows nothing", i)
				}
			}
			for _, shards := range []int{1, 2, 3, 8} {
				for _, cuts := range [][]int64{{1000}, {7000, 1000, 23000}, {span}} {
					got := runCut(t, newEngine(t, spec, shards), in, span, cuts...)
					same(t, fmt.Sprintf("seed %d step %v shards %d cuts %v", seed, step, shards, cuts), want, got)
				}
			}
		}
	}
}

// TestLIFFollowsItsDifferentialEquation holds the engine against a plain
// float64 simulation of the same equations, spike by spike.
func TestLIFFollowsItsDifferentialEquation(t *testing.T) {
	t.Parallel()
	const h, w, span = 20, 20, 300_000
	spec := testSpec(h, w)
	spec.Layers = spec.Layers[:1]
	in := randomTrain(9, h, w, 4000, span)
	got := runCut(t, newEngine(t, spec, 2), in, span, 10_000)[0]
	want := referenceLIF(in, h, w)
	// float32 against float64 can flip a comparison at the threshold; one in
	// a thousand is far below what any wrong rule gives.
	differ := 0
	seen := map[[2]int64]int{}
	for i, tt := range got.T {
		for _, id := range got.Run(i) {
			seen[[2]int64{tt, int64(id)}]++
		}
	}
	for _, s := range want {
		seen[s]--
	}
	for _, n := range seen {
		if n != 0 {
			differ++
		}
	}
	if len(want) < 500 || differ > len(want)/1000 {
		t.Fatalf("%d spikes, %d differ from the reference", len(want), differ)
	}
}

// referenceLIF is layer "a" of testSpec: depression, 3x3 kernel, LIF with a
// refractory period, in float64 and without any table.
func referenceLIF(in *pipeline.Spikes, h, w int) (spikes [][2]int64) {
	v := make([]float64, 2*h*w)
	last := make([]int64, 2*h*w)
	until := make([]int64, 2*h*w)
	r := make([]float64, 2*h*w)
	rLast := make([]int64, 2*h*w)
	for i := range r {
		r[i] = 1
	}
	for i, t := range in.T {
		touched := map[int]bool{}
		for _, id := range in.Run(i) {
			res := 1 - (1-r[id])*math.Exp(-float64(t-rLast[id])/50_000)
			r[id], rLast[id] = res*.4, t
			c, y, x := int(id)/(h*w), int(id)/w%h, int(id)%w
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					ny, nx := y+dy, x+dx
					if ny < 0 || nx < 0 || ny >= h || nx >= w {
						continue
					}
					n := (c*h+ny)*w + nx
					if t < until[n] {
						continue
					}
					weight := 1.0
					if dx == 0 && dy == 0 {
						weight = 3
					}
					v[n] = v[n]*math.Exp(-float64(t-last[n])/10_000) + weight*res
					last[n] = t
					touched[n] = true
				}
			}
		}
		for n := range touched {
			if v[n] > 4.1 {
				v[n], until[n], last[n] = 0, t+3000, t+3000
				spikes = append(spikes, [2]int64{t, int64(n)})
			}
		}
	}
	return spikes
}

func TestTimeDifferencesCarryTheTimeOfTravel(t *testing.T) {
	t.Parallel()
	spec := Spec{Input: pipeline.Shape{1, 8, 8}, Layers: []LayerSpec{{
		Name: "d", Inputs: []Connection{{From: InputName, Kernel: Identity()}},
		Neuron: TimeDifference{Taps: []Offset{{-2, 0}, {0, 3}}, Min: time.Millisecond, Max: 10 * time.Millisecond},
	}}}
	var in pipeline.Spikes
	in.Append(1000, 3*8+1)  // (1,3)
	in.Append(1500, 3*8+3)  // (3,3) too soon after (1,3)
	in.Append(6000, 3*8+3)  // (3,3) 5 ms after (1,3)
	in.Append(7000, 0*8+3)  // (3,0) 1 ms after (3,3)
	in.Append(16000, 3*8+5) // (5,3) 10 ms after (3,3)
	in.Append(16001, 3*8+5) // and again, 1 µs too late
	in.Append(20000, 6*8+3) // (3,6)
	in.Append(20999, 3*8+3) // (3,3) 999 µs after (3,6), and far too late after (1,3)
	got := runCut(t, newEngine(t, spec, 2), &in, 30_000, 10_000)[0]
	var want pipeline.Spikes
	want.AppendGraded(6000, (3*8+3)*2, 5000)
	want.AppendGraded(7000, 3*2+1, 1000)
	want.AppendGraded(16000, (3*8+5)*2, 10_000)
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
}

func TestSnapshotResumesAsIfNeverStoppedOnAnyNumberOfShards(t *testing.T) {
	t.Parallel()
	const h, w, span = 60, 33, 400_000
	spec := testSpec(h, w)
	in := randomTrain(4, h, w, 30_000, span)
	want := runCut(t, newEngine(t, spec, 2), in, span, 10_000)
	first := newEngine(t, spec, 3)
	head := runCut(t, first, in, span/2, 10_000)
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
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 3)}
	if err := second.Step(t.Context(), pipeline.Window{Start: span / 2, End: span}, &tail, &act); err != nil {
		t.Fatal(err)
	}
	for i := range head {
		s := &act.Layers[i].Spikes
		for r := range s.T {
			appendRun(&head[i], s, r)
		}
	}
	same(t, "resumed", want, head)
	for n := range snap[:200] {
		if err := second.RestoreState(snap[:n]); err == nil {
			t.Fatalf("a snapshot cut at byte %d was taken", n)
		}
	}
}

// TestTimesFarApartChangeNothing crosses the engine's clock rebase many times,
// by multiples of 3.2 s, the frames of all its time constants.
func TestTimesFarApartChangeNothing(t *testing.T) {
	t.Parallel()
	const h, w, span = 30, 30, 50_000
	spec := testSpec(h, w)
	in := randomTrain(5, h, w, 5000, span)
	want := runCut(t, newEngine(t, spec, 1), in, span, 10_000)
	e := newEngine(t, spec, 2)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 3)}
	for _, shift := range []int64{-3_200_000_000, 0, 960_000_000, 2_560_000_000, 1_600_000_000_000_000} {
		moved := pipeline.Spikes{Offsets: in.Offsets, IDs: in.IDs}
		for _, tt := range in.T {
			moved.T = append(moved.T, tt+shift)
		}
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: shift, End: shift + span}, &moved, &act); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !slices.Equal(want[i].IDs, act.Layers[i].Spikes.IDs) {
				t.Fatalf("shift %d: layer %d differs", shift, i)
			}
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	const h, w, span = 60, 60, 10_000
	e := newEngine(t, testSpec(h, w), 2)
	in := randomTrain(6, h, w, 3000, span)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 3)}
	moved := pipeline.Spikes{T: slices.Clone(in.T), Offsets: in.Offsets, IDs: in.IDs}
	start := int64(0)
	step := func() {
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: start, End: start + span}, &moved, &act); err != nil {
			t.Fatal(err)
		}
		start += span
		for i := range moved.T {
			moved.T[i] += span
		}
	}
	for range 50 {
		step()
	}
	if n := testing.AllocsPerRun(50, step); n != 0 {
		t.Fatalf("%v allocations per window", n)
	}
}

func TestBadSpecsNameTheLayerAndTheCause(t *testing.T) {
	t.Parallel()
	good := testSpec(20, 20)
	for name, c := range map[string]struct {
		change func(*Spec)
		want   string
	}{
		"unknown input": {func(s *Spec) { s.Layers[0].Inputs[0].From = "x" }, `network: layer "a": input "x" is not a layer`},
		"later layer": {func(s *Spec) { s.Layers[0].Inputs[0].From = "b" },
			`network: layer "a": input "b" must be recurrent exactly when it is not an earlier layer`},
		"weights": {func(s *Spec) {
			k := s.Layers[0].Inputs[0].Kernel.(Conv2d)
			k.Weight = nil
			s.Layers[0].Inputs[0].Kernel = k
		}, `network: layer "a": input "input": convolution has 0 weights where its shape needs 18`},
		"shapes that differ": {func(s *Spec) { s.Layers[1].Inputs[0].Kernel = Identity() },
			`network: layer "b": input "input" delivers [3 10 10], another one [2 20 20]`},
		"threshold": {func(s *Spec) { s.Layers[0].Neuron = LIF{Tau: time.Second} }, `network: layer "a": threshold 0 is not positive`},
		"name":      {func(s *Spec) { s.Layers[1].Name = "a" }, `network: layer 1: name "a" is empty or taken`},
	} {
		spec := good
		spec.Layers = slices.Clone(good.Layers)
		for i := range spec.Layers {
			spec.Layers[i].Inputs = slices.Clone(good.Layers[i].Inputs)
		}
		c.change(&spec)
		if _, err := New(spec, 1); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
