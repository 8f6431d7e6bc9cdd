package runner_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// apprentice is a network that learns: one change a window.
type apprentice struct {
	pipelinetest.FakeNetwork
	changes uint64
}

func (a *apprentice) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	a.changes++
	return a.FakeNetwork.Step(ctx, w, in, out)
}

func (a *apprentice) Learned(dst []pipeline.Learned) []pipeline.Learned {
	return append(dst, pipeline.Learned{Layer: "copy", From: "input", Changes: a.changes, Drift: .5, Version: 2, Frozen: true})
}

func TestWhatANetworkHasLearnedIsInTheSummary(t *testing.T) {
	t.Parallel()
	g := newRig(7, 1, 1)
	p := g.pipeline()
	p.Network = func(in pipeline.Shape) (pipeline.Network, error) {
		return &apprentice{FakeNetwork: pipelinetest.FakeNetwork{In: in}}, nil
	}
	want := []runner.Learned{{Layer: "copy", From: "input", Changes: 7, Drift: .5, Version: 2, Frozen: true}}
	if s := run(t, p, runner.Options{}); !cmp.Equal(s.Learning, want) {
		t.Errorf("%+v, want %+v", s.Learning, want)
	}
	if s := run(t, newRig(2, 1, 1).pipeline(), runner.Options{}); len(s.Learning) != 0 {
		t.Errorf("a network that does not learn: %+v", s.Learning)
	}
}
