package keyword

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

// stepping is a readout of two words in steps of so many µs.
func stepping(t *testing.T, step int64) *Readout {
	t.Helper()
	r, err := New(Config{
		Labels: []string{"_other", "yes", "no"}, Words: []Word{{Label: "yes", Threshold: .5}, {Label: "no", Threshold: .5}},
		Smooth: 4 * time.Duration(step) * time.Microsecond, Longest: 10 * time.Duration(step) * time.Microsecond,
		Voice: Voice{Spikes: 1, Pause: 3 * time.Duration(step) * time.Microsecond},
	}, []pipeline.Layer{{Name: "out", Shape: pipeline.Shape{3}, Graded: true, StepUS: step}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every flag comes back as it was, whatever it was in the readout that takes the
// snapshot, and the voiced steps are counted again.
func TestASnapshotBringsBackEveryFieldAsItWas(t *testing.T) {
	t.Parallel()
	type fields struct {
		Begun        bool
		Next, Spikes int64
		Heads        []head
		Voice        voice
		Detector     detector
	}
	of := func(r *Readout) fields {
		return fields{r.begun, r.next, int64(r.spikes), r.heads, r.voice, r.detector}
	}
	for flags := range 16 {
		flag := func(k int) bool { return flags>>k&1 == 1 }
		saved, restored := stepping(t, 1000), stepping(t, 1000)
		saved.begun, restored.begun = flag(0), !flag(0)
		saved.detector.open, restored.detector.open = flag(1), !flag(1)
		for i := range 2 {
			saved.detector.words[i].armed, restored.detector.words[i].armed = flag(2+i), !flag(2+i)
			saved.detector.words[i].free = int64(40 + i)
		}
		saved.detector.best, saved.detector.until = crossing{word: 1, score: .75, start: -3, end: 9}, 77
		saved.next, saved.spikes = 21_000, 5
		h := &saved.heads[0]
		copy(h.logits, []float32{1, -2, 3})
		copy(h.ring, []float32{.1, .2, .3, .4, .5, .6, .7, .8})
		h.at = 3
		for _, spikes := range []int{1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1} { // the last ten hold two
			saved.voice.add(spikes)
		}
		b, err := saved.AppendState(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := restored.RestoreState(b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(of(saved), of(restored), cmp.AllowUnexported(head{}, voice{}, detector{}, wordState{}, crossing{})); diff != "" {
			t.Errorf("flags %04b: %s", flags, diff)
		}
		if restored.voice.voiced != 2 {
			t.Errorf("%d steps of the last ten are voiced, want 2", restored.voice.voiced)
		}
	}
}

// The step that is gathered begins at a multiple of the step, and both ends of it
// and of its neighbours are times.
func TestASnapshotWhoseNextStepCannotBeginIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step, next int64
		ok         bool
	}{
		{1000, 0, true}, {1000, 21_000, true}, {1000, -21_000, true},
		{1000, 21_001, false}, {1000, 20_999, false}, {1000, -20_999, false},
		{1000, math.MaxInt64 / 1000 * 1000, false}, {1000, (math.MaxInt64/1000 - 1) * 1000, true},
		{1000, math.MinInt64 / 1000 * 1000, false}, {1000, (math.MinInt64/1000 + 1) * 1000, true},
		{1, math.MaxInt64, false}, {1, math.MaxInt64 - 1, true}, {1, math.MinInt64, false}, {1, math.MinInt64 + 1, true},
	} {
		r := stepping(t, c.step)
		r.begun, r.next = true, c.next
		b, err := r.AppendState(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := stepping(t, c.step).RestoreState(b); (err == nil) != c.ok {
			t.Errorf("steps of %d µs, the next at %d: error %v", c.step, c.next, err)
		}
	}
}
