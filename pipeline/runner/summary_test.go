package runner_test

import (
	"context"
	"math"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// measured is a network of two layers: the first passes its input on, the second
// is silent, goes in steps of 3 ms and has weights.
type measured struct{ pipelinetest.FakeNetwork }

func (m *measured) Layers() []pipeline.Layer {
	return []pipeline.Layer{
		{Name: "copy", Shape: pipeline.Shape{4}, Synapses: 4, Bytes: 100, Weights: 10, ZeroWeights: 1},
		{Name: "still", Shape: pipeline.Shape{2, 3}, Synapses: 24, StepUS: 3000, Bytes: 50, Weights: 30, ZeroWeights: 9},
	}
}

func (m *measured) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	out.Layers[1].SynOps, out.Layers[1].Updates = 5, 6
	return m.FakeNetwork.Step(ctx, w, in, out)
}

// TestTheSummaryAddsUp plays 10 windows of 1 ms with 4 events each that begin at
// 5 ms, and wants every figure as it is by hand.
func TestTheSummaryAddsUp(t *testing.T) {
	t.Parallel()
	source := &pipelinetest.FakeSource{Batches: 15, Events: 4}
	if err := source.Resume(t.Context(), 5000); err != nil {
		t.Fatal(err)
	}
	p := newRig(0, 0, 1).pipeline()
	p.Source = source
	p.Encoder = func(info pipeline.StreamInfo) (pipeline.Encoder, error) {
		return &pipelinetest.FakeEncoder{Info: info}, nil
	}
	p.Network = func(in pipeline.Shape) (pipeline.Network, error) {
		return &measured{pipelinetest.FakeNetwork{In: in}}, nil
	}
	s, err := runner.Run(t.Context(), p, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	layers := s.Layers
	if len(layers) != 2 || s.SensorS != .01 {
		t.Fatalf("%d layers over %v s", len(layers), s.SensorS)
	}
	wall := s.WallS
	for name, c := range map[string]struct{ got, want float64 }{
		"rate":                       {layers[0].RateHz, 40. / 4 / .01},
		"sparsity":                   {layers[0].Sparsity, 0},
		"synaptic operations":        {float64(layers[0].SynOps), 40},
		"dense ones":                 {float64(layers[0].DenseSynOps), 4 * 10},
		"connection sparsity":        {layers[0].ConnectionSparsity, .1},
		"silent rate":                {layers[1].RateHz, 0},
		"silent sparsity":            {layers[1].Sparsity, 1},
		"silent synaptic operations": {float64(layers[1].SynOps), 50},
		"silent updates":             {float64(layers[1].Updates), 60},
		"silent dense ones":          {float64(layers[1].DenseSynOps), 24 * 4}, // a step that has begun counts
		"all connection sparsity":    {s.ConnectionSparsity, 10. / 40},
		"all activation sparsity":    {s.ActivationSparsity, 1 - 40./(4*10+6*4)},
		"all synaptic operations":    {float64(s.SynOps), 90},
		"all dense ones":             {float64(s.DenseSynOps), 40 + 96},
		"footprint":                  {float64(s.Footprint), 150},
		"energy":                     {s.Energy.EventDrivenJ, 90 * .9e-12},
		"dense energy":               {s.Energy.DenseJ, 136 * 4.6e-12},
		"events per second":          {s.EventsPerS, 40 / wall},
		"real time":                  {s.RealTimeFactor, .01 / wall},
		"operations per second":      {s.SynOpsPerS, 90 / wall},
	} {
		if math.Abs(c.got-c.want) > 1e-9*math.Abs(c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	if wall <= 0 || wall > time.Minute.Seconds() {
		t.Errorf("%v s of wall time", wall)
	}
}

func TestWhatWasLostIsThePartsOfIt(t *testing.T) {
	t.Parallel()
	s := runner.Summary{
		Input: runner.Input{Events: runner.Flow{Dropped: 1, Queued: 2}, LeftOut: 32},
		Sinks: []runner.SinkFlow{{Dropped: 4, Queued: 8}, {Dropped: 16}},
	}
	if events, detections := s.Lost(); events != 35 || detections != 28 {
		t.Errorf("%d events and %d detections", events, detections)
	}
	if n := s.LostClips(); n != 0 {
		t.Errorf("%d clips of a run that keeps none", n)
	}
	s.Keep = &runner.KeepFlow{SinkFlow: runner.SinkFlow{Dropped: 1, Queued: 2}, Waiting: 4}
	if n := s.LostClips(); n != 7 {
		t.Errorf("%d clips, want 7", n)
	}
}

func TestVerifyNoticesAnyWrongCount(t *testing.T) {
	t.Parallel()
	g := newRig(5, 2, 1)
	s, err := runner.Run(t.Context(), g.pipeline(), runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*runner.Summary){
		"batches":  func(s *runner.Summary) { s.Input.Batches.Out++ },
		"events":   func(s *runner.Summary) { s.Input.Events.In++ },
		"causes":   func(s *runner.Summary) { s.Input.Drops = []runner.Drop{{Cause: "queue_full", Count: 1}} },
		"encoder":  func(s *runner.Summary) { s.Encoder.Events-- },
		"filtered": func(s *runner.Summary) { s.Encoder.Filtered = s.Encoder.Events + 1 },
		"kinds":    func(s *runner.Summary) { s.Detections.Total++ },
		"sink in":  func(s *runner.Summary) { s.Sinks[0].In++; s.Sinks[0].Queued++ },
		"sink out": func(s *runner.Summary) { s.Sinks[0].Written-- },
		"sink why": func(s *runner.Summary) { s.Sinks[0].Written--; s.Sinks[0].Dropped++ },
	} {
		bad := s
		bad.Sinks = append([]runner.SinkFlow(nil), s.Sinks...)
		spoil(&bad)
		if bad.Verify() == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}

func TestVerifyHoldsClipsAndDeadLettersToTheirAccount(t *testing.T) {
	t.Parallel()
	drops := []runner.Drop{{Cause: "write_failed", Count: 2}}
	sound := func() runner.Summary {
		return runner.Summary{
			Keep: &runner.KeepFlow{
				Sought: 8, Waiting: 3, SinkFlow: runner.SinkFlow{In: 5, Written: 2, Dropped: 2, Queued: 1, Drops: drops},
			},
			Errors: &runner.SinkFlow{In: 7, Written: 4, Dropped: 2, Queued: 1, Drops: drops},
		}
	}
	s := sound()
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*runner.Summary){
		"clips sought":     func(s *runner.Summary) { s.Keep.Sought++ },
		"clips waiting":    func(s *runner.Summary) { s.Keep.Waiting = 0 },
		"clips out":        func(s *runner.Summary) { s.Keep.Written-- },
		"clips why":        func(s *runner.Summary) { s.Keep.Drops = nil },
		"dead letters out": func(s *runner.Summary) { s.Errors.Queued = 0 },
		"dead letters why": func(s *runner.Summary) { s.Errors.Drops = nil },
	} {
		bad := sound()
		spoil(&bad)
		if bad.Verify() == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}
