package runner_test

import (
	"context"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// stepper runs a pipeline one batch at a time.
type stepper struct {
	next, done chan struct{}
}

// step lets one batch through and waits until both sinks have its last
// detection.
func (s *stepper) step() {
	s.next <- struct{}{}
	<-s.done
	<-s.done
}

// startStepper runs batches of events events with as many detections each to
// two sinks, until the test ends.
func startStepper(tb testing.TB, events int, o runner.Options) *stepper {
	st := &stepper{next: make(chan struct{}), done: make(chan struct{}, 2)}
	ctx, cancel := context.WithCancel(tb.Context())
	g := newRig(1<<40, events, 2)
	g.source.BeforeRead = func(ctx context.Context, _ int) {
		select {
		case <-st.next:
		case <-ctx.Done():
		}
	}
	for _, s := range g.sinks {
		s.Discard = true
		s.BeforeWrite = func(_ context.Context, d []pipeline.Detection) {
			if last := d[len(d)-1].Seq; (last+1)%uint64(events) == 0 {
				st.done <- struct{}{}
			}
		}
	}
	finished := make(chan error, 1)
	go func() {
		o.Progress = func(runner.Progress) {}
		_, err := runner.Run(ctx, g.pipeline(), o)
		finished <- err
	}()
	tb.Cleanup(func() {
		cancel()
		if err := <-finished; err != nil {
			tb.Error(err)
		}
	})
	for range 50 { // every pooled batch has met its size
		st.step()
	}
	return st
}

func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	st := startStepper(t, 16, runner.Options{})
	if n := testing.AllocsPerRun(200, st.step); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// BenchmarkRunner measures what the runner adds to the components: batches of
// one detection each, one after the other (latency) and flat out (throughput).
func BenchmarkRunner(b *testing.B) {
	b.Run("one batch at a time", func(b *testing.B) {
		st := startStepper(b, 1, runner.Options{})
		b.ReportAllocs()
		for b.Loop() {
			st.step()
		}
	})
	b.Run("flat out", func(b *testing.B) {
		const batches, events = 2000, 64
		b.ReportAllocs()
		for b.Loop() {
			g := newRig(batches, events, 1)
			g.sinks[0].Discard = true
			if _, err := runner.Run(b.Context(), g.pipeline(), runner.Options{}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*batches*events/b.Elapsed().Seconds(), "detections/s")
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/batches, "ns/batch")
	})
}
