package runner_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// slowReader is a readout that calls before at the beginning of each Read.
type slowReader struct {
	counter
	before func()
}

func (s *slowReader) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	s.before()
	return s.counter.Read(a, dst)
}

// together is a rig whose readout waits in its first Read until the network is in
// the next batch.
func together(ctx context.Context, o runner.Options) (s runner.Summary, behind []int64, err error) {
	g := newRig(9, 2, 1)
	p := g.pipeline()
	ahead := make(chan struct{})
	var stepped, read atomic.Int64
	g.net.BeforeStep = func(context.Context, pipeline.Window) {
		behind = append(behind, stepped.Add(1)-read.Load()-1)
		if stepped.Load() == 2 {
			close(ahead)
		}
	}
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) {
		return &slowReader{before: func() {
			if o.Checkpoint == nil {
				<-ahead
			}
			read.Add(1)
		}}, nil
	}
	s, err = runner.Run(ctx, p, o)
	return s, behind, err
}

func TestTheNetworkWorksWhileTheReadoutReads(t *testing.T) {
	t.Parallel()
	s, behind, err := together(t.Context(), runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil || s.Detections.Total != 10 {
		t.Errorf("%v, %d detections", err, s.Detections.Total)
	}
	for i, n := range behind {
		if n > 3 {
			t.Errorf("at batch %d the readout is %d batches behind", i, n)
		}
	}
}

// Where every batch has its snapshot, the network never begins one before the readout
// has done the one before.
func TestBeforeASnapshotTheReadoutComesAsFarAsTheNetwork(t *testing.T) {
	t.Parallel()
	_, behind, err := together(t.Context(), runner.Options{Checkpoint: &runner.Checkpoint{Dir: t.TempDir(), Every: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range behind {
		if n > 0 {
			t.Errorf("at batch %d the readout is %d batches behind", i, n)
		}
	}
}
