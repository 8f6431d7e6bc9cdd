package runner_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// tunable is a readout with a configuration: the label of what it detects.
type tunable struct {
	pipelinetest.FakeReadout
	label string
}

func (r *tunable) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	dst = r.FakeReadout.Read(a, dst)
	for i := range dst {
		dst[i].Label = r.label
	}
	return dst
}

func (r *tunable) Adjust(cfg any) error {
	label := *cfg.(*string)
	if label == "" {
		return errors.New("label: is missing")
	}
	r.label = label
	return nil
}

// TestAnAdjustmentCountsFromTheNextBatchUnderARunOfItsOwn adjusts a run in its
// middle.
func TestAnAdjustmentCountsFromTheNextBatchUnderARunOfItsOwn(t *testing.T) {
	t.Parallel()
	g := newRig(10, 1, 1)
	p := g.pipeline()
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) {
		return &tunable{label: "old"}, nil
	}
	var between func(runner.Progress)
	r, err := runner.New(p, runner.Options{Progress: func(p runner.Progress) { between(p) }})
	if err != nil {
		t.Fatal(err)
	}
	bad, label := "", "new"
	if err := r.Adjust(runner.Adjustment{Readout: &label}); err == nil {
		t.Error("a run that has not begun was adjusted")
	}
	var refused error
	batch := 0
	between = func(runner.Progress) {
		if batch++; batch == 3 { // what is asked for counts from the next batch on
			err := r.Adjust(runner.Adjustment{Readout: &bad, ConfigHash: "x", Done: func(err error) { refused = err }})
			if err != nil {
				t.Error(err)
			}
		}
		if batch == 5 {
			if err := r.Adjust(runner.Adjustment{Readout: &label, ConfigHash: "fedcba9876543210"}); err != nil {
				t.Error(err)
			}
		}
	}
	var found []pipeline.Detection
	g.sinks[0].BeforeWrite = func(_ context.Context, d []pipeline.Detection) { found = append(found, d...) }
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if refused == nil || !strings.Contains(refused.Error(), "label") {
		t.Errorf("a bad configuration: %v", refused)
	}
	first := found[0].Run
	for i, d := range found[:10] {
		want, hash, run := "old", "0123456789abcdef", first
		if i >= 5 {
			want, hash, run = "new", "fedcba9876543210", found[5].Run
		}
		if d.Label != want || d.ConfigHash != hash || d.Run != run || d.Seq != uint64(i) {
			t.Errorf("detection %d: label %s, config %s, run %s, seq %d", i, d.Label, d.ConfigHash, d.Run, d.Seq)
		}
	}
	if found[5].Run == first || !pipeline.OfRun(found[5].Run, first) || s.ConfigHash != "fedcba9876543210" {
		t.Errorf("run %s after %s, config %s", found[5].Run, first, s.ConfigHash)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
}
