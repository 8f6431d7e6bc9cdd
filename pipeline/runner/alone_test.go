package runner_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// slowCommit is a sink whose commits take longer than the pause between two looks at
// its output, as they do on a slow disk.
type slowCommit struct {
	pipelinetest.FakeSink
	inside         atomic.Int32
	commits, looks int
	together       int
}

func (s *slowCommit) enter() func() {
	if s.inside.Add(1) > 1 {
		s.together++
	}
	return func() { s.inside.Add(-1) }
}

func (s *slowCommit) Commit(ctx context.Context) error {
	defer s.enter()()
	s.commits++
	wait(ctx, 2*time.Second)
	return nil
}

func (s *slowCommit) Check(context.Context) error {
	defer s.enter()()
	s.looks++
	return nil
}

func (s *slowCommit) Write(ctx context.Context, d []pipeline.Detection) error {
	defer s.enter()()
	return s.FakeSink.Write(ctx, d)
}

// A look at the output while a commit writes it finds a file that is shorter than
// it was, takes it for cut off by somebody, and cuts it.
func TestNoTwoCallsAreInASinkAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, o := saving(t.TempDir(), 10)
		sink := new(slowCommit)
		p.Sinks = []runner.Sink{{Name: "slow", Sink: sink}}
		run(t, p, o)
		if sink.together > 0 {
			t.Errorf("%d calls came while another one was in the sink", sink.together)
		}
		if sink.commits != 3 || sink.looks == 0 {
			t.Errorf("%d commits, %d looks: the test shows nothing", sink.commits, sink.looks)
		}
	})
}
