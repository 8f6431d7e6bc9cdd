package baseline

import (
	"math/rand/v2"
	"testing"
	"time"

	"ganglion/encoders/events"
	"ganglion/encoders/filter"
	"ganglion/network/pass"
	"ganglion/network/score"
	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sources/simulator"
)

// activity is a simulated scene behind the baseline's encoder, in one window.
func activity(t *testing.T, name string, length time.Duration) (pipeline.Activity, *simulator.Recording) {
	t.Helper()
	r, err := simulator.Record(simulator.Config{Scene: name, Seed: 3, Noise: 5, Width: 128, Height: 128, Duration: length})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := events.New(events.Config{Polarity: "split", Downsample: 1,
		Filters: []filter.Config{{Type: "stcf", DT: 25 * time.Millisecond, K: 4}}},
		pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 128, Height: 128})
	if err != nil {
		t.Fatal(err)
	}
	a := pipeline.Activity{Window: pipeline.Window{End: length.Microseconds()}, Input: &pipeline.Spikes{},
		Layers: make([]pipeline.LayerActivity, 1)}
	if _, err := enc.Encode(&pipeline.Batch{Window: a.Window, Events: r.Events}, a.Input); err != nil {
		t.Fatal(err)
	}
	if err := (pass.Network{}).Step(t.Context(), a.Window, a.Input, &a); err != nil {
		t.Fatal(err)
	}
	return a, r
}

var layers = []pipeline.Layer{{Name: pass.Layer, Shape: pipeline.Shape{2, 128, 128}}}

func TestReadoutKeepsItsContract(t *testing.T) {
	t.Parallel()
	a, _ := activity(t, "three", 500*time.Millisecond)
	pipelinetest.Readout(t, pipelinetest.ReadoutCase{
		New:      func() (pipeline.Readout, error) { return newReadout(newDefaultConfig(), layers) },
		Activity: a,
	})
}

func TestADiskIsOneTrack(t *testing.T) {
	t.Parallel()
	a, rec := activity(t, "disk", time.Second)
	r, err := newReadout(newDefaultConfig(), layers)
	if err != nil {
		t.Fatal(err)
	}
	found := r.Flush(r.Read(&a, nil))
	got := score.MotionWithin(time.Second, rec.Truth, found)
	if !(got.F1 > .85) || got.IDSwitches != 0 {
		t.Errorf("F1 %v, %v switches", got.F1, got.IDSwitches)
	}
}

func TestPassCopiesGradedSpikesToo(t *testing.T) {
	t.Parallel()
	var in pipeline.Spikes
	in.AppendGraded(3, 1, .5)
	out := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := (pass.Network{}).Step(t.Context(), pipeline.Window{End: 10}, &in, &out); err != nil {
		t.Fatal(err)
	}
	if s := out.Layers[0].Spikes; s.Len() != 1 || s.Values[0] != .5 || s.Check(2) != nil {
		t.Errorf("%+v", s)
	}
}

func TestTooManyEventsAreCounted(t *testing.T) {
	t.Parallel()
	c := newDefaultConfig()
	c.Most = 100
	r, err := newReadout(c, layers)
	if err != nil {
		t.Fatal(err)
	}
	a := pipeline.Activity{Window: pipeline.Window{End: 10_000}, Layers: make([]pipeline.LayerActivity, 1)}
	a.Input = &a.Layers[0].Spikes
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range int64(150) {
		a.Input.Append(i, uint32(rng.IntN(2*128*128)))
	}
	r.Read(&a, nil)
	if r.Dropped() != 50 {
		t.Errorf("%d events dropped, 50 were too many", r.Dropped())
	}
}
