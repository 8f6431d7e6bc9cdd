package runner_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/state"
)

// counter is a readout that numbers the windows it has seen.
type counter struct {
	pipelinetest.FakeReadout
	windows uint64
}

func (c *counter) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	c.windows++
	return append(dst, pipeline.Detection{Kind: pipeline.MotionUpdate, T: a.Start, TrackID: c.windows})
}

func (c *counter) AppendState(b []byte) ([]byte, error) { return state.Append(b, c.fields) }
func (c *counter) RestoreState(b []byte) error          { return state.Restore(b, c.fields) }
func (c *counter) fields(s *state.Codec)                { s.Uint64(&c.windows) }

// committed is a sink that notes how much it had been given at each Commit.
type committed struct {
	pipelinetest.FakeSink
	at  []int
	ids []uint64
	err error
}

func (c *committed) Commit(context.Context) error {
	c.at = append(c.at, len(c.Seqs()))
	return c.err
}

func (c *committed) Write(ctx context.Context, d []pipeline.Detection) error {
	for i := range d {
		c.ids = append(c.ids, d[i].TrackID)
	}
	return c.FakeSink.Write(ctx, d)
}

// saving is a rig with a counter that saves a snapshot every 3 ms, and a sink.
func saving(dir string, batches int) (runner.Pipeline, *committed, runner.Options) {
	g := newRig(batches, 1, 0)
	p := g.pipeline()
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return new(counter), nil }
	sink := new(committed)
	p.Sinks = []runner.Sink{{Name: "committed", Sink: sink}}
	return p, sink, runner.Options{Checkpoint: &runner.Checkpoint{Dir: dir, Every: 3 * time.Millisecond}}
}

func run(t *testing.T, p runner.Pipeline, o runner.Options) runner.Summary {
	t.Helper()
	s, err := runner.Run(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	_ = s.WriteText(t.Output())
	return s
}

func TestASnapshotIsSavedWhenSensorTimePassesAPeriod(t *testing.T) {
	t.Parallel()
	p, sink, o := saving(t.TempDir(), 10)
	s := run(t, p, o)
	if diff := cmp.Diff([]int{3, 6, 9}, sink.at); diff != "" {
		t.Errorf("committed after so many detections: %s", diff)
	}
	if s.Checkpoints.Saved != 3 || s.Checkpoints.Failed != 0 || s.Checkpoints.Bytes == 0 || s.Checkpoints.Resumed {
		t.Errorf("%+v", s.Checkpoints)
	}
}

func TestAResumedRunGoesOnWithStateInputAndNumbers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, _, o := saving(dir, 10)
	run(t, p, o)
	p, sink, o := saving(dir, 14)
	p.Source.(*pipelinetest.FakeSource).Batches = 10 // the same stream
	o.Checkpoint.Resume = true
	s := run(t, p, o)
	if diff := cmp.Diff([]uint64{9, 10}, sink.Seqs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]uint64{10, 0}, sink.ids); diff != "" { // and the one of Flush
		t.Error(diff)
	}
	if sink.Meta.NextSeq != 9 || s.Detections.Total != 2 || s.Input.Batches.In != 1 {
		t.Errorf("sink opened at %d; %+v", sink.Meta.NextSeq, s)
	}
	if want := (runner.Checkpoints{Resumed: true, ResumedUS: 9000, NextSeq: 9}); s.Checkpoints != want {
		t.Errorf("%+v", s.Checkpoints)
	}
}

func TestAnOrderlyStopSavesWhereItStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, _, o := saving(dir, 10)
	ctx, cancel := context.WithCancel(t.Context())
	p.Source.(*pipelinetest.FakeSource).BeforeRead = func(_ context.Context, n int) {
		if n == 5 {
			cancel()
		}
	}
	s, err := runner.Run(ctx, p, o)
	if err != nil || !s.Stopped || s.Checkpoints.Saved != 2 {
		t.Fatalf("%+v, %v", s.Checkpoints, err)
	}
	p, sink, o := saving(dir, 10)
	o.Checkpoint.Resume = true
	run(t, p, o)
	if diff := cmp.Diff([]uint64{6, 7, 8, 9, 10, 0}, sink.ids); diff != "" {
		t.Error(diff)
	}
}

func TestAFreshRunDiscardsTheSnapshotsOfAnEarlierOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, _, o := saving(dir, 10)
	run(t, p, o)
	p, _, o = saving(dir, 2) // ends before its first snapshot
	run(t, p, o)
	if files, _ := filepath.Glob(filepath.Join(dir, "*.snapshot")); len(files) > 0 {
		t.Errorf("left %v", files)
	}
	p, sink, o := saving(dir, 2)
	o.Checkpoint.Resume = true
	log := new(strings.Builder)
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	run(t, p, o)
	if !strings.Contains(log.String(), "begins at the beginning") || len(sink.ids) != 3 {
		t.Errorf("%d detections; log %s", len(sink.ids), log)
	}
}

func TestASnapshotThatCannotBeSavedCostsNoDetection(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*committed, string){
		"commit": func(c *committed, _ string) { c.err = errors.New("boom") },
		"folder": func(_ *committed, dir string) { os.RemoveAll(dir) },
	} {
		dir := filepath.Join(t.TempDir(), "state")
		p, sink, o := saving(dir, 10)
		p.Source.(*pipelinetest.FakeSource).BeforeRead = func(_ context.Context, n int) {
			if n == 0 {
				breakIt(sink, dir)
			}
		}
		s := run(t, p, o)
		if s.Checkpoints.Saved != 0 || s.Checkpoints.Failed != 3 || s.Detections.Total != 11 {
			t.Errorf("%s: %+v, %d detections", name, s.Checkpoints, s.Detections.Total)
		}
	}
}

// live hides that a source can resume.
type live struct{ pipeline.Source }

func TestWhatCannotBeResumedIsRefusedBeforeAnySinkOpens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, _, o := saving(dir, 10)
	run(t, p, o)
	for want, change := range map[string]func(*runner.Pipeline, *runner.Options){
		"cannot resume from the middle of its stream": func(p *runner.Pipeline, _ *runner.Options) { p.Source = live{p.Source} },
		"source: resume at 9000 µs: boom": func(p *runner.Pipeline, _ *runner.Options) {
			p.Source.(*pipelinetest.FakeSource).ResumeErr = errors.New("boom")
		},
		`stream.size_bytes is "10" in the snapshot and "11" here`: func(p *runner.Pipeline, _ *runner.Options) {
			p.Source.(*pipelinetest.FakeSource).Batches++
		},
		`config_hash is "0123456789abcdef" in the snapshot and "x" here`: func(p *runner.Pipeline, _ *runner.Options) { p.ConfigHash = "x" },
		`seed is absent in the snapshot and "7" here`: func(_ *runner.Pipeline, o *runner.Options) {
			o.Identity = checkpoint.Identity{{Key: "seed", Text: "7"}}
		},
		`layer.copy is "[1], 1 synapses"`: func(p *runner.Pipeline, _ *runner.Options) {
			p.Network = func(pipeline.Shape) (pipeline.Network, error) {
				return &pipelinetest.FakeNetwork{In: pipeline.Shape{2}}, nil
			}
		},
		"state of 1 components, this pipeline has 0": func(p *runner.Pipeline, _ *runner.Options) {
			p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) {
				return new(pipelinetest.FakeReadout), nil
			}
		},
		"less than 1 µs": func(_ *runner.Pipeline, o *runner.Options) { o.Checkpoint.Every = 1 },
	} {
		t.Run(want, func(t *testing.T) {
			p, sink, o := saving(dir, 10)
			o.Checkpoint.Resume = true
			change(&p, &o)
			_, err := runner.Run(t.Context(), p, o)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v", err)
			}
			if sink.Opened != 0 {
				t.Error("a sink was opened")
			}
		})
	}
}

func TestDamagedSnapshotsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, _, o := saving(dir, 10)
	run(t, p, o)
	files, _ := filepath.Glob(filepath.Join(dir, "*.snapshot"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b[50] ^= 1
		if err := os.WriteFile(f, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, sink, o := saving(dir, 10)
	o.Checkpoint.Resume = true
	_, err := runner.Run(t.Context(), p, o)
	if err == nil || strings.Count(err.Error(), "checksum is wrong") != 2 || sink.Opened != 0 {
		t.Errorf("error %v, sink opened %d times", err, sink.Opened)
	}
}

func TestASnapshotWaitsForEverySink(t *testing.T) {
	t.Parallel()
	p, sink, o := saving(t.TempDir(), 10)
	slow := new(committed)
	slow.BeforeWrite = func(context.Context, []pipeline.Detection) { runtime.Gosched() }
	p.Sinks = append(p.Sinks, runner.Sink{Name: "slow", Sink: slow})
	run(t, p, o)
	if !slices.Equal(slow.at, []int{3, 6, 9}) || !slices.Equal(sink.at, slow.at) {
		t.Errorf("committed at %v and %v", sink.at, slow.at)
	}
}

func TestNoSnapshotDueCostsNoAllocation(t *testing.T) {
	st := startStepper(t, 4, runner.Options{Checkpoint: &runner.Checkpoint{Dir: t.TempDir(), Every: 1 << 40}})
	if n := testing.AllocsPerRun(200, st.step); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// Snapshots that fail one after the other, as on a full disk, are logged at a bounded
// rate, and counted each.
func TestSnapshotsThatFailAreToldAtABoundedRate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	p, _, o := saving(dir, 30)
	p.Source.(*pipelinetest.FakeSource).BeforeRead = func(_ context.Context, n int) {
		if n == 0 {
			os.RemoveAll(dir)
		}
	}
	log := new(strings.Builder)
	o.Log, o.Now = slog.New(slog.NewTextHandler(log, nil)), func() time.Time { return time.Unix(1, 0) }
	s := run(t, p, o)
	if n := strings.Count(log.String(), "no snapshot was saved"); n != 1 || s.Checkpoints.Failed < 5 {
		t.Errorf("%d lines for %d failures: %s", n, s.Checkpoints.Failed, log)
	}
}
