package runner_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a pipeline of fakes.
type rig struct {
	source *pipelinetest.FakeSource
	enc    pipelinetest.FakeEncoder
	net    pipelinetest.FakeNetwork
	sinks  []*pipelinetest.FakeSink
	queue  runner.Queue
	sinkQ  runner.SinkQueue
}

func (g *rig) pipeline() runner.Pipeline {
	p := runner.Pipeline{
		Name: "test", ConfigHash: "0123456789abcdef", Source: g.source, Queue: g.queue,
		Encoder: func(info pipeline.StreamInfo) (pipeline.Encoder, error) {
			g.enc.Info = info
			return &g.enc, nil
		},
		Network: func(in pipeline.Shape) (pipeline.Network, error) {
			g.net.In = in
			return &g.net, nil
		},
		Readout: func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) {
			return new(pipelinetest.FakeReadout), nil
		},
	}
	for _, s := range g.sinks {
		p.Sinks = append(p.Sinks, runner.Sink{Name: "fake", Sink: s, Queue: g.sinkQ})
	}
	return p
}

func newRig(batches, events, sinks int) *rig {
	g := &rig{source: &pipelinetest.FakeSource{Batches: batches, Events: events}}
	for range sinks {
		g.sinks = append(g.sinks, new(pipelinetest.FakeSink))
	}
	return g
}

func TestEveryDetectionReachesEverySinkInOrder(t *testing.T) {
	t.Parallel()
	g := newRig(50, 7, 3)
	s, err := runner.Run(t.Context(), g.pipeline(), runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	want := make([]uint64, 50*7+1)
	for i := range want {
		want[i] = uint64(i)
	}
	for _, sink := range g.sinks {
		if d := cmp.Diff(want, sink.Seqs()); d != "" {
			t.Error(d)
		}
		if sink.Opened != 1 || sink.Closed != 1 {
			t.Errorf("opened %d times, closed %d times", sink.Opened, sink.Closed)
		}
	}
	if g.source.Opened != 1 || g.source.Closed != 1 || g.net.Closed != 1 {
		t.Errorf("source opened %d, closed %d, network closed %d times", g.source.Opened, g.source.Closed, g.net.Closed)
	}
	if s.Input.Events.In != 350 || s.Detections.Total != 351 || s.Latency.Batches != 50 || s.Stopped {
		t.Errorf("summary %+v", s)
	}
	if events, detections := s.Lost(); events != 0 || detections != 0 {
		t.Errorf("lost %d events, %d detections", events, detections)
	}
	_ = s.WriteText(t.Output())
}

func TestAFailedStartReadsNothingAndClosesEverything(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, breakIt := range map[string]func(*rig){
		"source": func(g *rig) { g.source.OpenErr = boom },
		"sink":   func(g *rig) { g.sinks[1].OpenErr = boom },
	} {
		t.Run(name, func(t *testing.T) {
			g := newRig(5, 1, 2)
			g.source.BeforeRead = func(context.Context, int) { t.Error("read") }
			breakIt(g)
			if _, err := runner.Run(t.Context(), g.pipeline(), runner.Options{}); !errors.Is(err, boom) {
				t.Errorf("error %v", err)
			}
			if g.source.Closed != 1 {
				t.Errorf("source closed %d times", g.source.Closed)
			}
			for i, s := range g.sinks {
				if s.Opened != s.Closed {
					t.Errorf("sink %d opened %d, closed %d times", i, s.Opened, s.Closed)
				}
			}
		})
	}
}

// crowded is a readout that leaves out two spikes of every batch.
type crowded struct {
	pipelinetest.FakeReadout
	dropped uint64
}

func (c *crowded) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	c.dropped += 2
	return c.FakeReadout.Read(a, dst)
}

func (c *crowded) Dropped() uint64 { return c.dropped }

func TestWhatTheReadoutLeavesOutIsInTheSummary(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]uint64{"crowded": 2, "plain": 0} {
		p := newRig(5, 7, 1).pipeline()
		if want > 0 {
			p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return new(crowded), nil }
		}
		s, err := runner.Run(t.Context(), p, runner.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Detections.LeftOut; got != want*s.Input.Batches.Out || s.Input.Batches.Out == 0 {
			t.Errorf("%s: %d left out of %d batches", name, got, s.Input.Batches.Out)
		}
	}
}
