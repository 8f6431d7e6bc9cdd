package class

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var layers = []pipeline.Layer{{Name: "hidden", Shape: pipeline.Shape{8}}, {Name: "out", Shape: pipeline.Shape{3}}}

func someConfig() config {
	c := newDefaultConfig()
	c.Labels, c.Window, c.Every, c.Hold, c.Least = []string{"disk", "bar", "cross"}, 200*time.Millisecond, 50*time.Millisecond,
		300*time.Millisecond, 5
	return c
}

// burst is that a class fires every period µs in a stretch.
type burst struct {
	class      uint32
	start, end int64
	period     int64
}

// activity holds bursts in the last layer, up to 4 s.
func activity(bursts ...burst) pipeline.Activity {
	a := pipeline.Activity{Window: pipeline.Window{End: 4_000_000}, Input: &pipeline.Spikes{}, Layers: make([]pipeline.LayerActivity, 2)}
	s := &a.Layers[1].Spikes
	for t := int64(0); t < a.End; t += 1000 {
		for k := range uint32(3) {
			if slices.ContainsFunc(bursts, func(b burst) bool { return b.class == k && t >= b.start && t < b.end && (t-b.start)%b.period == 0 }) {
				s.Append(t, k)
				a.Input.Append(t, k)
			}
		}
	}
	return a
}

type said struct {
	Label string
	T     int64
	Score float64
}

func read(t *testing.T, c config, a pipeline.Activity) (all []said) {
	t.Helper()
	r, err := newReadout(c, layers)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.Flush(r.Read(&a, nil)) {
		if d.Kind != pipeline.Class || d.TEnd != d.T || d.TStart != d.T-c.Window.Microseconds() {
			t.Errorf("%+v", d)
		}
		all = append(all, said{d.Label, d.T, math.Round(float64(d.Score)*1000) / 1000})
	}
	return all
}

// TestDecisionsAreThoseOfTheCounts: 100 spikes/s of the bar from 100 ms on fill
// the first bin with 5 by 150 ms; the cross, with three times as many from 1 s
// on, has 15 of the window's 30 after a bin and 30 of 40 after two.
func TestDecisionsAreThoseOfTheCounts(t *testing.T) {
	t.Parallel()
	a := activity(burst{1, 100_000, 1_000_000, 10_000}, burst{2, 1_000_000, 2_000_000, 2_000})
	want := []said{{"bar", 150_000, 1}, {"cross", 1_050_000, .625}} // 25 of 15+25
	if d := cmp.Diff(want, read(t, someConfig(), a)); d != "" {
		t.Error(d)
	}
	c := someConfig()
	c.Threshold = .8 // 50 of 10+50
	want[1] = said{"cross", 1_100_000, .833}
	if d := cmp.Diff(want, read(t, c, a)); d != "" {
		t.Error(d)
	}
	c = someConfig()
	c.Smooth = 50 * time.Millisecond // e^-1 of the share before is kept; it begins at 0
	got := read(t, c, a)
	k := math.Exp(-1)
	bar := 1 - k
	if len(got) != 2 || got[0] != (said{"bar", 150_000, math.Round(bar*1000) / 1000}) || got[1].Label != "cross" || got[1].T != 1_100_000 {
		t.Errorf("smoothed: %v", got)
	}
}

func TestSilenceAndDoubtDecideNothing(t *testing.T) {
	t.Parallel()
	if got := read(t, someConfig(), activity(burst{0, 0, 100, 1000}, burst{1, 1_000_000, 1_003_000, 1000})); got != nil {
		t.Errorf("4 spikes decide for %v", got)
	}
	even := activity(burst{0, 0, 900_000, 10_000}, burst{1, 0, 900_000, 10_000}, burst{2, 0, 900_000, 10_000})
	if got := read(t, someConfig(), even); got != nil {
		t.Errorf("a third each decides for %v", got)
	}
}

// TestAClassIsReportedAgainOnlyAfterItWasAway has gaps of 300 ms, in 200 ms of
// which the window still decides, and of 800 ms.
func TestAClassIsReportedAgainOnlyAfterItWasAway(t *testing.T) {
	t.Parallel()
	a := activity(burst{0, 0, 400_000, 5_000}, burst{0, 700_000, 1_000_000, 5_000}, burst{0, 1_800_000, 2_000_000, 5_000})
	want := []said{{"disk", 50_000, 1}, {"disk", 1_850_000, 1}}
	if d := cmp.Diff(want, read(t, someConfig(), a)); d != "" {
		t.Error(d)
	}
}

func TestGradedOutputsAreAddedUp(t *testing.T) {
	t.Parallel()
	a := activity()
	s := &a.Layers[1].Spikes
	for k := range int64(20) {
		s.AppendGraded(k*10_000, 0, 3)
		s.AppendGraded(k*10_000, 1, -2)
		s.AppendGraded(k*10_000, 2, 1)
	}
	if got := read(t, someConfig(), a); len(got) != 1 || got[0] != (said{"disk", 50_000, .75}) {
		t.Errorf("%v", got)
	}
}

// membranes holds the values of three classes every 10 ms, by the second.
func membranes(values ...[3]float32) pipeline.Activity {
	a := pipeline.Activity{Window: pipeline.Window{End: int64(len(values)) * 1_000_000}, Input: &pipeline.Spikes{},
		Layers: make([]pipeline.LayerActivity, 2)}
	for t := int64(0); t < a.End; t += 10_000 {
		for k, v := range values[t/1_000_000] {
			a.Layers[1].Spikes.AppendGraded(t, uint32(k), v)
		}
	}
	return a
}

// TestMembranesAreDecidedByTheirSoftmax has values below 0, of which counts
// could make nothing: softmax of (-3, -1, -2) is (.090, .665, .245).
func TestMembranesAreDecidedByTheirSoftmax(t *testing.T) {
	t.Parallel()
	c := someConfig()
	c.Shares, c.Threshold = shareSoftmax, .6
	got := read(t, c, membranes([3]float32{-3, -1, -2}, [3]float32{1, 1, 1}, [3]float32{2, 0, 0}))
	if len(got) != 2 || got[0].Label != "bar" || got[1].Label != "disk" || got[1].T <= 2_000_000 || got[1].T > 2_200_000 {
		t.Fatalf("%+v", got)
	}
	if math.Abs(got[0].Score-.6652) > 1e-3 || !(got[1].Score >= .6) {
		t.Errorf("%+v", got)
	}
	if got := read(t, someConfig(), membranes([3]float32{-3, -1, -2})); len(got) != 0 {
		t.Errorf("counts decide on membranes below 0: %+v", got)
	}
}

func TestTheReadoutKeepsItsContract(t *testing.T) {
	t.Parallel()
	c := someConfig()
	c.Smooth = 70 * time.Millisecond
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New:      func() (pipeline.Readout, error) { return newReadout(c, layers) },
		Activity: activity(burst{0, 0, 700_000, 7_000}, burst{1, 650_000, 1_500_000, 3_000}, burst{2, 3_000_000, 3_600_000, 2_000}),
	})
	c.Shares = shareSoftmax
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New:      func() (pipeline.Readout, error) { return newReadout(c, layers) },
		Activity: membranes([3]float32{-3, -1, -2}, [3]float32{1, 1, 1}, [3]float32{2, 0, 0}),
	})
}

// TestALongGapCostsNothing jumps over a century.
func TestALongGapCostsNothing(t *testing.T) {
	t.Parallel()
	r, err := newReadout(someConfig(), layers)
	if err != nil {
		t.Fatal(err)
	}
	a := activity(burst{0, 0, 700_000, 7_000})
	first := r.Read(&a, nil)
	const century = 3_155_760_000_000_000
	b := pipeline.Activity{Window: pipeline.Window{Start: century, End: century + 1_000_000}, Layers: make([]pipeline.LayerActivity, 2)}
	for k := range int64(10) {
		b.Layers[1].Spikes.Append(century+k*1000, 0)
	}
	second := r.Read(&b, nil)
	if len(first) != 1 || len(second) != 1 || second[0].T <= century || second[0].T > century+50_000 {
		t.Errorf("%+v, %+v", first, second)
	}
}

func TestWrongUseIsNamed(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*config){
		`layer: the network has no layer "absent"`:          func(c *config) { c.Layer = "absent" },
		`labels: 2 for the 3 neurons of layer "out"`:        func(c *config) { c.Labels = c.Labels[:2] },
		"window: 201ms is not 1 to 16384 times every, 50ms": func(c *config) { c.Window = 201 * time.Millisecond },
		"every: 1.0000001s is not a whole number of µs":     func(c *config) { c.Every, c.Window = 1_000_000_100, 1_000_000_100 },
	} {
		c := someConfig()
		change(&c)
		if _, err := newReadout(c, layers); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
	r, err := newReadout(someConfig(), layers)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := r.AppendState(nil)
	for i := range b {
		if r.RestoreState(b[:i]) == nil {
			t.Errorf("%d of %d bytes are accepted", i, len(b))
		}
	}
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	r, err := newReadout(someConfig(), layers)
	if err != nil {
		t.Fatal(err)
	}
	a := activity(burst{1, 0, 4_000_000, 3_000})
	dst := make([]pipeline.Detection, 0, 64)
	if n := testing.AllocsPerRun(20, func() {
		dst = r.Read(&a, dst[:0])
		for i := range a.Layers[1].Spikes.T {
			a.Layers[1].Spikes.T[i] += 4_000_000
		}
		a.Start, a.End = a.Start+4_000_000, a.End+4_000_000
	}); n != 0 {
		t.Errorf("%v allocations a window", n)
	}
}
