package pass

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
)

func TestSpikesPassAsTheyAre(t *testing.T) {
	t.Parallel()
	n := Network{shape: pipeline.Shape{2, 3}}
	defer n.Close()
	if d := cmp.Diff([]pipeline.Layer{{Name: Layer, Shape: pipeline.Shape{2, 3}}}, n.Layers()); d != "" {
		t.Error(d)
	}
	var in pipeline.Spikes
	in.Append(5, 0)
	in.Append(5, 4)
	in.AppendGraded(9, 2, 1.5)
	out := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := n.Step(t.Context(), pipeline.Window{End: 10}, &in, &out); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(in, out.Layers[0].Spikes); d != "" {
		t.Error(d)
	}
	in.IDs[0] = 1 // the input is the caller's again
	if out.Layers[0].Spikes.IDs[0] != 0 {
		t.Error("the output shares the input's memory")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Step(ended, pipeline.Window{}, &in, &out); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context gives %v", err)
	}
	if err := Component().Check(); err != nil {
		t.Error(err)
	}
}
