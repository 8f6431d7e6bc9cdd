package runner_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// known is a source whose content is known, so that its runs are repeatable.
type known struct{ pipelinetest.FakeSource }

func (s *known) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	info, err := s.FakeSource.Open(ctx)
	info.Content = "0123"
	return info, err
}

// coarse is a network that takes windows of 2.5 ms.
type coarse struct{ pipelinetest.FakeNetwork }

func (*coarse) WindowStep() int64 { return 2500 }

// keeping is a sink that keeps what it is given.
type keeping struct {
	pipelinetest.FakeSink
	all []pipeline.Detection
}

func (k *keeping) Write(_ context.Context, ds []pipeline.Detection) error {
	k.all = append(k.all, ds...)
	return nil
}

// numbered is a pipeline with a readout that numbers the windows it sees; step is that of
// its network.
func numbered(batches int, step bool) (runner.Pipeline, *keeping) {
	g := newRig(batches, 2, 0)
	p := g.pipeline()
	p.Source = &known{pipelinetest.FakeSource{Batches: batches, Events: 2}}
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return new(counter), nil }
	if step {
		p.Network = func(in pipeline.Shape) (pipeline.Network, error) {
			return &coarse{pipelinetest.FakeNetwork{In: in}}, nil
		}
	}
	sink := new(keeping)
	p.Sinks = []runner.Sink{{Name: "keeping", Sink: sink}}
	return p, sink
}

func handRun(t *testing.T, p runner.Pipeline, content string) *runner.HandRun {
	t.Helper()
	info, err := p.Source.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info.Content = content
	h, err := runner.NewHandRun(p, checkpoint.Identity{{Key: "model", Text: "m"}}, info, "fallback", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// process hands the batches up to number n of the pipeline's source to the run.
func process(t *testing.T, h *runner.HandRun, p runner.Pipeline, n int) (all []pipeline.Detection) {
	t.Helper()
	for range n {
		var b pipeline.Batch
		if err := p.Source.Read(t.Context(), &b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		ds, err := h.Process(t.Context(), &b)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ds...)
	}
	return all
}

// A run by hand detects what a run does, under the same names, also across a snapshot.
func TestARunByHandDetectsWhatARunDoes(t *testing.T) {
	t.Parallel()
	const batches = 11
	for _, step := range []bool{false, true} {
		p, sink := numbered(batches, step)
		if _, err := runner.Run(t.Context(), p, runner.Options{Identity: checkpoint.Identity{{Key: "model", Text: "m"}}}); err != nil {
			t.Fatal(err)
		}
		want := sink.all
		if len(want) < 4 {
			t.Fatalf("%d detections: the test proves little", len(want))
		}
		for cut := range batches + 1 {
			p, _ := numbered(batches, step)
			h := handRun(t, p, "0123")
			got := process(t, h, p, cut)
			snapshot, err := h.AppendSnapshot(nil)
			if err != nil {
				t.Fatal(err)
			}
			again := handRun(t, p, "0123")
			if err := again.Restore(snapshot); err != nil {
				t.Fatal(err)
			}
			if again.Run() != h.Run() || again.NextSeq() != uint64(len(got)) || again.Position() != h.Position() ||
				!cmp.Equal(again.Identity(), h.Identity()) {
				t.Errorf("cut at %d: run %s, number %d, %d µs", cut, again.Run(), again.NextSeq(), again.Position())
			}
			if err := p.Source.(pipeline.Resumable).Resume(t.Context(), int64(cut)*1000); err != nil {
				t.Fatal(err)
			}
			got = append(got, process(t, again, p, batches)...)
			last, err := again.End(t.Context(), false)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, append(got, last...), cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("step %t, cut at %d: -run +by hand\n%s", step, cut, diff)
			}
		}
	}
}

func TestARunByHandThatIsStoppedBearsARunOfItsOwn(t *testing.T) {
	t.Parallel()
	p, _ := numbered(5, false)
	h := handRun(t, p, "0123")
	process(t, h, p, 3)
	last, err := h.End(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if len(last) != 1 || last[0].Run != pipeline.StoppedRun(h.Run(), 3000) || last[0].Seq != 3 {
		t.Errorf("%+v", last)
	}
	// What nobody can repeat has the name that it is given.
	q, _ := numbered(5, false)
	if other := handRun(t, q, ""); other.Run() != "fallback" {
		t.Errorf("run %s", other.Run())
	} else if other.Rename("another"); other.Run() != "another" || process(t, other, q, 1)[0].Run != "another" {
		t.Error("the name that was given is not borne")
	}
}

func TestASnapshotOfAnotherPipelineIsRefused(t *testing.T) {
	t.Parallel()
	p, _ := numbered(5, false)
	h := handRun(t, p, "0123")
	snapshot, err := h.AppendSnapshot(nil)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := numbered(5, false)
	other.ConfigHash = "fedcba9876543210"
	if err := handRun(t, other, "0123").Restore(snapshot); err == nil || !strings.Contains(err.Error(),
		"the snapshot is not of this pipeline") {
		t.Errorf("error %v", err)
	}
	for n := range len(snapshot) {
		if h.Restore(snapshot[:n]) == nil {
			t.Fatalf("%d of %d bytes are accepted", n, len(snapshot))
		}
	}
	broken := errors.New("the lens is dirty")
	p.Encoder = func(pipeline.StreamInfo) (pipeline.Encoder, error) { return nil, broken }
	if _, err := runner.NewHandRun(p, nil, pipeline.StreamInfo{}, "x", time.Now); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	p, _ = numbered(5, false)
	p.Network = func(in pipeline.Shape) (pipeline.Network, error) {
		return &pipelinetest.FakeNetwork{In: in, StepErr: broken}, nil
	}
	h = handRun(t, p, "0123")
	if _, err := h.Process(t.Context(), &pipeline.Batch{}); !errors.Is(err, broken) || !strings.Contains(err.Error(),
		"network: batch 0 at 0 µs") {
		t.Errorf("error %v", err)
	}
}
