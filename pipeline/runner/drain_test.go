package runner_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// wait sleeps on the clock of the test's bubble.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func untilDone(ctx context.Context, _ []pipeline.Detection) { <-ctx.Done() }

func TestAStopInTheMiddleDrainsWhatWasRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := newRig(1000, 3, 2)
		g.source.BeforeRead = func(_ context.Context, n int) {
			if n == 40 {
				cancel()
			}
		}
		g.net.BeforeStep = func(ctx context.Context, _ pipeline.Window) { wait(ctx, time.Millisecond) }
		s, err := runner.Run(ctx, g.pipeline(), runner.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(); err != nil {
			t.Error(err)
		}
		if s.Input.Events.In != 120 || s.Detections.Kinds[pipeline.MotionEnd] != 1 || !s.Stopped {
			t.Errorf("summary %+v", s)
		}
		if events, detections := s.Lost(); events != 0 || detections != 0 {
			t.Errorf("lost %d events, %d detections", events, detections)
		}
	})
}

func TestTheDrainTimeEndsAnEndlessDrainAndCountsTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		g := newRig(1000, 3, 2)
		g.source.Endless = true
		g.sinkQ = runner.SinkQueue{Detections: 10, Policy: runner.Block}
		g.sinks[1].BeforeWrite = untilDone
		began := time.Now()
		s, err := runner.Run(ctx, g.pipeline(), runner.Options{Drain: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(); err != nil {
			t.Error(err)
		}
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("took %v", d)
		}
		if events, detections := s.Lost(); events == 0 || detections == 0 {
			t.Errorf("lost %d events, %d detections", events, detections)
		}
		if k := s.Sinks[1]; k.Written != 0 || len(k.Drops) != 1 || k.Drops[0].Cause != "drain_deadline" {
			t.Errorf("blocked sink %+v", k)
		}
	})
}

func TestASinkThatIgnoresItsContextIsLeftBehindByName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		release := make(chan struct{})
		defer close(release)
		g := newRig(10, 3, 2)
		g.sinks[1].BeforeWrite = func(context.Context, []pipeline.Detection) { <-release }
		s, err := runner.Run(ctx, g.pipeline(), runner.Options{Drain: time.Second})
		if err == nil || !strings.Contains(err.Error(), "sink fake-2 did not return") || strings.Contains(err.Error(), "compute") {
			t.Errorf("error %v", err)
		}
		if err := s.Verify(); err != nil {
			t.Error(err)
		}
		if k := s.Sinks[1]; k.Queued != 31 {
			t.Errorf("stuck sink %+v", k)
		}
	})
}

func TestAFailureStopsTheRunAndKeepsTheAccount(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		breakIt func(*rig)
		want    string
	}{
		"source":  {func(g *rig) { g.source.ReadErr, g.source.ErrAt = boom, 20 }, "source: boom"},
		"encoder": {func(g *rig) { g.enc.Err = boom }, "encoder: batch 0 at 0 µs: boom"},
		"network": {func(g *rig) { g.net.StepErr = boom }, "network: batch 0 at 0 µs: boom"},
		"close":   {func(g *rig) { g.sinks[0].CloseErr = boom }, `sink "fake": close: boom`},
	} {
		t.Run(name, func(t *testing.T) {
			g := newRig(1000, 3, 2)
			c.breakIt(g)
			s, err := runner.Run(t.Context(), g.pipeline(), runner.Options{})
			if !errors.Is(err, boom) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
			if err := s.Verify(); err != nil {
				t.Error(err)
			}
			if name == "source" && (s.Input.Events.Out != 60 || s.Sinks[0].Written != 61) {
				t.Errorf("what was read before is not through: %+v", s)
			}
		})
	}
}

// TestAFailureEndsTheWaitForInput: nothing comes any more that the reader could
// notice the failure by.
func TestAFailureEndsTheWaitForInput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // or it would wait for ever
		defer cancel()
		g := newRig(1, 3, 1)
		g.source.Endless, g.net.StepErr = true, boom
		began := time.Now()
		s, err := runner.Run(ctx, g.pipeline(), runner.Options{})
		if !errors.Is(err, boom) {
			t.Errorf("error %v", err)
		}
		if d := time.Since(began); d != 0 || !s.Stopped {
			t.Errorf("the run ended %v after the failure, stopped %t", d, s.Stopped)
		}
	})
}

func TestAFailingSinkCostsItsOwnDetectionsAndNoOthers(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		write, close error
		written      uint64
		cause        string
	}{
		"every write fails":                        {boom, nil, 0, "write_failed"},
		"one of each write gets through":           {&pipeline.PartialWriteError{Written: 1, Err: boom}, nil, 21, "write_failed"},
		"a partial write claims too much":          {&pipeline.PartialWriteError{Written: 99, Err: boom}, nil, 61, ""},
		"a partial write claims less than nothing": {&pipeline.PartialWriteError{Written: -1, Err: boom}, nil, 0, "write_failed"},
		"every detection is refused":               {&pipeline.PartialWriteError{Refused: []int{0}, Err: boom}, nil, 0, "refused"},
		"more is refused than was written":         {&pipeline.PartialWriteError{Refused: []int{0, 99}, Err: boom}, nil, 0, "refused"},
		"what was not written is refused":          {&pipeline.PartialWriteError{Refused: []int{-1}, Err: boom}, nil, 0, "write_failed"},
		"the last row is lost in closing":          {nil, &pipeline.LostError{Lost: 1, Err: boom}, 60, "lost_after_write"},
		"more is lost than was delivered":          {nil, &pipeline.LostError{Lost: 99, Err: boom}, 0, "lost_after_write"},
		"less than nothing is lost":                {nil, &pipeline.LostError{Lost: -1, Err: boom}, 61, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := newRig(20, 3, 2)
			g.sinkQ = runner.SinkQueue{Detections: 1, Policy: runner.Block}
			if c.cause == "write_failed" && c.written > 0 {
				g.sinkQ.Detections = 3
			}
			g.sinks[0].WriteErr, g.sinks[0].CloseErr = c.write, c.close
			s, err := runner.Run(t.Context(), g.pipeline(), runner.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Verify(); err != nil {
				t.Error(err)
			}
			bad, good := s.Sinks[0], s.Sinks[1]
			if good.Written != 61 || good.Errors != 0 {
				t.Errorf("the other sink %+v", good)
			}
			if bad.Errors == 0 || !strings.Contains(bad.FirstError, "boom") {
				t.Errorf("errors %+v", bad)
			}
			if c.cause == "" && bad.Dropped != 0 || c.cause != "" && (len(bad.Drops) != 1 || bad.Drops[0].Cause != c.cause) {
				t.Errorf("drops %+v", bad.Drops)
			}
			if bad.Written+bad.Dropped != 61 {
				t.Errorf("written %d and dropped %d of 61", bad.Written, bad.Dropped)
			}
			if name != "one of each write gets through" && bad.Written != c.written {
				t.Errorf("written %d, want %d", bad.Written, c.written)
			}
		})
	}
}

// remembering is a sink that claims to have held some detections of each write
// already.
type remembering struct {
	pipelinetest.FakeSink
	claims, told uint64
}

func (r *remembering) Write(ctx context.Context, d []pipeline.Detection) error {
	r.told += r.claims
	return r.FakeSink.Write(ctx, d)
}

func (r *remembering) Duplicates() uint64 { return r.told }

func TestWhatASinkHeldBeforeIsNeitherWrittenNorDropped(t *testing.T) {
	t.Parallel()
	for claims, duplicates := range map[uint64]uint64{0: 0, 1: 61, 5: 61} { // no more than it was given
		g := newRig(20, 3, 0)
		sink := &remembering{claims: claims}
		p := g.pipeline()
		p.Sinks = []runner.Sink{{Name: "fake", Sink: sink, Queue: runner.SinkQueue{Detections: 1, Policy: runner.Block}}}
		s, err := runner.Run(t.Context(), p, runner.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(); err != nil {
			t.Error(err)
		}
		if got := s.Sinks[0]; got.Duplicates != duplicates || got.Written != 61-duplicates || got.Dropped != 0 {
			t.Errorf("a claim of %d each time: %+v", claims, got)
		}
	}
}

func TestABlockedSinkHoldsNoMoreThanItsQueue(t *testing.T) {
	for _, policy := range []string{runner.Block, runner.DropOldest, runner.DropNewest} {
		t.Run(policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { blockedForAMinute(t, policy) })
		})
	}
}

// blockedForAMinute feeds 1000 batches a second into a sink that blocks.
func blockedForAMinute(t *testing.T, policy string) {
	const capacity = 2000
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g := newRig(1<<40, 4, 2)
	g.source.BeforeRead = func(ctx context.Context, _ int) { wait(ctx, time.Millisecond) }
	g.sinkQ = runner.SinkQueue{Detections: capacity, Policy: policy}
	g.sinks[0].BeforeWrite = untilDone
	g.sinks[1].Discard = true
	r, err := runner.New(g.pipeline(), runner.Options{Drain: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := r.Run(ctx)
		done <- err
	}()
	time.Sleep(10 * time.Second) // of the bubble's clock: queues are full
	before := heap()
	time.Sleep(50 * time.Second)
	grown := int64(heap()) - int64(before)
	s := r.Summary()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	k := s.Sinks[0]
	if k.In != k.Written+k.Dropped+k.Queued {
		t.Errorf("live account %+v", k)
	}
	// The queue, the write in progress, and the one the producer waits with.
	if k.Queued > capacity+1024+1 {
		t.Errorf("%d detections queued", k.Queued)
	}
	if grown > capacity*300/10 {
		t.Errorf("the heap grew by %d bytes while the sink was blocked", grown)
	}
	if (policy == runner.Block) != (k.Dropped == 0) {
		t.Errorf("dropped %d", k.Dropped)
	}
	if final := r.Summary(); final.Verify() != nil {
		t.Error(final.Verify())
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTheAccountIsExactWhereverTheRunIsStopped(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { stoppedAtRandom(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

// stoppedAtRandom runs a random pipeline with random delays and stops it at a
// random time.
func stoppedAtRandom(t *testing.T, rng *rand.Rand) {
	policies := []string{runner.Auto, runner.Block, runner.DropOldest, runner.DropNewest}
	delays := make([]time.Duration, 64)
	for i := range delays {
		delays[i] = time.Duration(rng.IntN(3)*rng.IntN(1000)) * time.Microsecond
	}
	g := newRig(rng.IntN(200), rng.IntN(5), 1+rng.IntN(3))
	g.source.Live = rng.IntN(2) == 0
	g.queue = runner.Queue{Batches: 1 + rng.IntN(4), Policy: policies[rng.IntN(4)]}
	g.sinkQ = runner.SinkQueue{Detections: 1 + rng.IntN(8), Policy: policies[rng.IntN(4)]}
	g.source.BeforeRead = func(ctx context.Context, n int) { wait(ctx, delays[n%64]) }
	g.net.BeforeStep = func(ctx context.Context, w pipeline.Window) { wait(ctx, delays[(w.Start/1000+7)%64]) }
	for i, s := range g.sinks {
		s.BeforeWrite = func(ctx context.Context, d []pipeline.Detection) { wait(ctx, delays[(d[0].Seq+uint64(i))%64]) }
	}
	if rng.IntN(4) == 0 {
		g.sinks[0].WriteErr = errors.New("boom")
	}
	if rng.IntN(8) == 0 {
		g.source.ReadErr, g.source.ErrAt = errors.New("boom"), rng.IntN(100)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+rng.IntN(100))*time.Millisecond)
	defer cancel()
	s, err := runner.Run(ctx, g.pipeline(), runner.Options{Drain: time.Duration(1+rng.IntN(50)) * time.Millisecond})
	if err != nil && g.source.ReadErr == nil {
		t.Error(err)
	}
	if err := s.Verify(); err != nil {
		t.Errorf("%v\n%+v", err, s)
	}
	for i, sink := range g.sinks {
		seqs := sink.Seqs()
		if uint64(len(seqs)) != s.Sinks[i].Written {
			t.Errorf("sink %d has %d, the summary says %d", i, len(seqs), s.Sinks[i].Written)
		}
		for j := 1; j < len(seqs); j++ {
			if seqs[j] <= seqs[j-1] {
				t.Fatalf("sink %d: %d after %d", i, seqs[j], seqs[j-1])
			}
		}
	}
}

func TestALiveStreamThatWaitsLosesNothing(t *testing.T) {
	t.Parallel()
	for _, waits := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			g := newRig(100, 3, 1)
			g.source.Live, g.source.Waits = true, waits
			g.queue = runner.Queue{Batches: 2, Policy: runner.Auto}
			g.net.BeforeStep = func(ctx context.Context, _ pipeline.Window) { wait(ctx, time.Millisecond) }
			s, err := runner.Run(t.Context(), g.pipeline(), runner.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if events, _ := s.Lost(); (events == 0) != waits {
				t.Errorf("waits %t: %d events were lost behind a slow network", waits, events)
			}
		})
	}
}

func TestAThousandRunsLeaveNothingBehind(t *testing.T) {
	run := func() {
		g := newRig(3, 2, 2)
		g.sinkQ = runner.SinkQueue{Detections: 16}
		if _, err := runner.Run(t.Context(), g.pipeline(), runner.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	run()
	goroutines, before := runtime.NumGoroutine(), heap()
	for range 1000 {
		run()
	}
	// The last run's goroutines have said that they are done, but may still be
	// on their way out.
	n := runtime.NumGoroutine()
	for tries := 0; n > goroutines && tries < 100_000; tries++ {
		runtime.Gosched()
		n = runtime.NumGoroutine()
	}
	if n > goroutines {
		t.Errorf("%d goroutines, %d at first", n, goroutines)
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("heap %d bytes, %d at first", after, before)
	}
}
