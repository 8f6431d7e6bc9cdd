package score_test

import (
	"math"
	"testing"
	"time"

	"ganglion/network/score"
	"ganglion/pipeline"
)

func heard(label string, ms ...int64) (ds []pipeline.Detection) {
	for _, t := range ms {
		ds = append(ds, pipeline.Detection{Kind: pipeline.Keyword, Label: label, T: t * 1000})
	}
	return ds
}

var said = []score.Utterance{{Start: 1_000_000, End: 1_600_000}}

func TestWhatCountsAsADetectionOfAnUtterance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ds                   []pipeline.Detection
		missed, wrong, again int
	}{
		"right after its end":        {heard("go", 1700), 0, 0, 0},
		"before its end":             {heard("go", 1500), 0, 0, 0},
		"not at all":                 {nil, 1, 0, 0},
		"before it began":            {heard("go", 1000), 1, 1, 0},
		"a second after its end":     {heard("go", 2600), 0, 0, 0},
		"later than that":            {heard("go", 2601), 1, 1, 0},
		"twice":                      {heard("go", 1700, 2500), 0, 0, 1},
		"twice, and once more later": {heard("go", 1700, 2500, 3000), 0, 1, 1},
		"another word":               {heard("stop", 1700), 1, 0, 0},
		"a motion":                   {[]pipeline.Detection{{Kind: pipeline.MotionStart, Label: "go", T: 1_700_000}}, 1, 0, 0},
	} {
		w := score.Words{Word: "go"}
		w.Add(4*time.Second, said, c.ds)
		r := w.Result(.5)
		if r.Said != 1 || r.Missed != c.missed || r.False != c.wrong || r.Duplicates != c.again {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestFalseAlarmsCountAllOverAndHoursWithoutTheWord(t *testing.T) {
	t.Parallel()
	w := score.Words{Word: "go"}
	w.Add(time.Hour, nil, heard("go", 5, 10))
	w.Add(time.Hour, said, heard("go", 1700, 1900, 9000))
	more := score.Words{Word: "go"}
	more.Add(time.Hour, nil, heard("go", 7))
	w.Merge(&more)
	r := w.Result(.7)
	if r.Hours != 2 || r.False != 4 || r.Duplicates != 1 || r.FAPerHour != 2.5 || r.FRR != 0 || r.Threshold != .7 {
		t.Errorf("%+v", r)
	}
}

func TestLatencyCountsFromTheEndOfTheWord(t *testing.T) {
	t.Parallel()
	w := score.Words{Word: "go"}
	for k := range int64(100) {
		w.Add(4*time.Second, said, heard("go", 1600+k+1))
	}
	if l := w.Result(.5).Latency; l.P50 != 50 || l.P90 != 90 || l.P99 != 99 {
		t.Errorf("%+v", l)
	}
}

// TestIntervals compares with published tables: Wilson of 81 in 263 as in
// Newcombe 1998, table I, and Garwood as in tables of Poisson limits.
func TestIntervals(t *testing.T) {
	t.Parallel()
	near := func(what string, got score.Figure, want float64) {
		t.Helper()
		if math.Abs(float64(got)-want) > 5e-4 {
			t.Errorf("%s: %v, not %v", what, got, want)
		}
	}
	s := score.Share(81, 263)
	near("Wilson, low", s.Low, .2553)
	near("Wilson, high", s.High, .3662)
	s = score.Share(0, 20)
	near("Wilson of none, low", s.Low, 0)
	near("Wilson of none, high", s.High, .1611)
	r := score.Rate(0, 1)
	near("Garwood of none, high", r.High, 3.6889)
	r = score.Rate(10, 2)
	near("Garwood, low", r.Low, 4.7954/2)
	near("Garwood, high", r.High, 18.3904/2)
	if score.Share(0, 0).Value.Defined() || score.Rate(1, 0).Value.Defined() {
		t.Error("a share or a rate of nothing is defined")
	}
}

func TestAtMostLooksAtAllThresholdsForTheFewestMisses(t *testing.T) {
	t.Parallel()
	rs := []score.WordResult{
		{Threshold: .1, FAPerHour: 9, Missed: 1}, {Threshold: .2, FAPerHour: 2, Missed: 2}, {Threshold: .3, FAPerHour: 4, Missed: 3},
		{Threshold: .4, FAPerHour: 3, Missed: 4}, {Threshold: .5, FAPerHour: 1, Missed: 5}, {Threshold: .6, FAPerHour: 1, Missed: 5},
		{Threshold: .65, FAPerHour: 1, Missed: 5}, {Threshold: .7, FAPerHour: 1, Missed: 6},
	}
	for rate, want := range map[float64]float64{3: .2, 1: .6, 2: .2, 100: .1, 4: .2} {
		if got, ok := score.AtMost(rs, rate); !ok || got.Threshold != want {
			t.Errorf("at most %v: %v %v, not %v", rate, got.Threshold, ok, want)
		}
	}
	if got, ok := score.AtMost(rs, .5); ok || got.Threshold != .7 {
		t.Errorf("at most .5: %v %v", got.Threshold, ok)
	}
	rs[7].FAPerHour = 5 // a rate that rises again hides nothing
	if got, ok := score.AtMost(rs, 1); !ok || got.Threshold != .6 {
		t.Errorf("beside a rate that rises again: %v %v", got.Threshold, ok)
	}
	for i := range rs { // all miss alike: not below even
		rs[i].FAPerHour, rs[i].Missed = 0, 0
	}
	if got, ok := score.AtMost(rs, 1); !ok || got.Threshold != .6 {
		t.Errorf("where all are as good: %v %v", got.Threshold, ok)
	}
}
