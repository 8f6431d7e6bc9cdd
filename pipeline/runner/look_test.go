package runner_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// ailing is a part that tells of its health.
type ailing struct {
	pipelinetest.FakeSink
	health error
}

func (a *ailing) Health() error { return a.health }

type ailingSource struct {
	*pipelinetest.FakeSource
	health error
}

func (a *ailingSource) Health() error { return a.health }

// What is wrong is told while it is, without secrets, and where.
func TestProblemsAreThoseOfTheMoment(t *testing.T) {
	t.Parallel()
	g := newRig(4, 1, 1)
	p := g.pipeline()
	source, sink := &ailingSource{FakeSource: g.source}, new(ailing)
	p.Source = source
	p.Sinks = append(p.Sinks, runner.Sink{Name: "ailing", Sink: sink})
	r, err := runner.New(p, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(when string, want ...runner.Problem) {
		t.Helper()
		if diff := cmp.Diff(want, r.Problems()); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	expect("before", runner.Problem{Part: "pipeline", Error: "is not open yet"})
	g.net.BeforeStep = func(_ context.Context, w pipeline.Window) {
		switch w.Start {
		case 0:
			expect("at the beginning")
			if !r.Running() || r.Name() != "test" || r.Started().IsZero() {
				t.Errorf("running %t, %s since %v", r.Running(), r.Name(), r.Started())
			}
			source.health, sink.health = errors.New("nats://robot:hunter2@host: away"), errors.New("no place left")
		case 1000:
			expect("while both fail", runner.Problem{Part: "source", Error: "nats://[REDACTED]@host: away"},
				runner.Problem{Part: "sink ailing", Error: "no place left"})
			source.health, sink.health = nil, nil
		case 2000:
			expect("after they have recovered")
		}
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect("after", runner.Problem{Part: "pipeline", Error: "has come to its end"})
	if r.Running() {
		t.Error("it runs after its end")
	}

	g = newRig(4, 1, 1)
	g.net.StepErr = errors.New("out of spikes")
	if r, err = runner.New(g.pipeline(), runner.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context()); err == nil {
		t.Fatal("the run did not fail")
	}
	if ps := r.Problems(); len(ps) != 1 || ps[0].Part != "pipeline" || !strings.Contains(ps[0].Error, "out of spikes") {
		t.Errorf("after a failure: %v", ps)
	}
}

// A sink whose last write failed is a problem until one succeeds.
func TestASinkThatFailsIsAProblemUntilItWrites(t *testing.T) {
	t.Parallel()
	g := newRig(3, 1, 1)
	written := make(chan struct{})
	var mended atomic.Bool
	g.sinks[0].BeforeWrite = func(context.Context, []pipeline.Detection) {
		g.sinks[0].WriteErr = nil
		if !mended.Load() {
			g.sinks[0].WriteErr = errors.New("the disk is full")
		}
	}
	r, err := runner.New(g.pipeline(), runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	until := func(what string, want int) {
		for end := time.Now().Add(20 * time.Second); len(r.Problems()) != want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%s: %v", what, r.Problems())
				return
			}
		}
	}
	g.source.BeforeRead = func(_ context.Context, n int) {
		switch n {
		case 1:
			until("after a failed write", 1)
			if ps := r.Problems(); len(ps) == 1 && (ps[0].Part != "sink fake" || ps[0].Error != "the disk is full") {
				t.Errorf("%v", ps)
			}
			mended.Store(true) // before what the next batch gives
		case 2:
			until("after one that succeeded", 0)
			close(written)
		}
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-written
}

// Who subscribes gets every detection from then on until it stops.
func TestASubscriptionLastsUntilItStops(t *testing.T) {
	t.Parallel()
	g := newRig(4, 3, 1)
	var between func(runner.Progress)
	r, err := runner.New(g.pipeline(), runner.Options{Progress: func(p runner.Progress) { between(p) }})
	if err != nil {
		t.Fatal(err)
	}
	var all, some []uint64
	take := func(to *[]uint64) func([]pipeline.Detection) {
		return func(ds []pipeline.Detection) {
			for i := range ds {
				*to = append(*to, ds[i].Seq)
			}
		}
	}
	defer r.Subscribe(take(&all))()
	var stop func()
	between = func(p runner.Progress) {
		switch p.SensorUS {
		case 1000:
			stop = r.Subscribe(take(&some))
		case 3000:
			stop()
		}
	}
	s, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, all); diff != "" || s.Detections.Total != 13 {
		t.Errorf("all of %d: %s", s.Detections.Total, diff)
	}
	if diff := cmp.Diff([]uint64{3, 4, 5, 6, 7, 8}, some); diff != "" {
		t.Errorf("some: %s", diff)
	}
}

// onlooker is a sink that looks at the run.
type onlooker struct {
	pipelinetest.FakeSink
	t       *testing.T
	r       *runner.Runner
	windows []pipeline.Window
	spikes  int
	found   int
	values  []float64
	scores  int
}

func (o *onlooker) Watch(r *runner.Runner) {
	o.r = r
	if info := r.Info(); info.Format != "fake" || !cmp.Equal(r.Input(), pipeline.Shape{3}) || len(r.Layers()) != 1 ||
		r.Layers()[0].Name != "copy" {
		o.t.Errorf("%+v, input %v, layers %v", info, r.Input(), r.Layers())
	}
}

func (o *onlooker) Look(_ context.Context, a *pipeline.Activity, ds []pipeline.Detection) {
	o.windows, o.spikes, o.found = append(o.windows, a.Window), o.spikes+a.Input.Len(), o.found+len(ds)
	if v, ok := o.r.Membrane(0, 7); ok {
		o.values = append(o.values, v)
	}
	o.scores += len(o.r.Scores(nil))
}

type probing struct{ pipelinetest.FakeNetwork }

func (*probing) Membrane(layer, neuron int) (float64, bool) { return float64(10*layer + neuron), true }

type scoring struct{ pipelinetest.FakeReadout }

func (*scoring) Scores(dst []pipeline.Score) []pipeline.Score {
	return append(dst, pipeline.Score{Label: "wave"})
}

func TestAnOnlookerSeesEveryWindow(t *testing.T) {
	t.Parallel()
	for _, tells := range []bool{false, true} {
		g := newRig(3, 3, 0)
		p := g.pipeline()
		if tells {
			p.Network = func(in pipeline.Shape) (pipeline.Network, error) {
				return &probing{pipelinetest.FakeNetwork{In: in}}, nil
			}
			p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return new(scoring), nil }
		}
		o := &onlooker{t: t}
		p.Sinks = []runner.Sink{{Name: "page", Sink: o}}
		if _, err := runner.Run(t.Context(), p, runner.Options{}); err != nil {
			t.Fatal(err)
		}
		if len(o.windows) < 3 || !cmp.Equal(o.windows[:3], []pipeline.Window{{Start: 0, End: 1000}, {Start: 1000, End: 2000},
			{Start: 2000, End: 3000}}) {
			t.Errorf("windows %v", o.windows)
		}
		if o.spikes < 9 || o.found != 10 { // and the one that the end settles
			t.Errorf("%d spikes, %d detections", o.spikes, o.found)
		}
		if tells != (len(o.values) == len(o.windows) && len(o.windows) > 0) || tells && o.values[0] != 7 || tells != (o.scores > 0) {
			t.Errorf("tells %t: membranes %v, %d scores", tells, o.values, o.scores)
		}
	}
}

// moved is a sink whose file can be moved away: it is looked after.
type moved struct {
	pipelinetest.FakeSink
	looked chan struct{} // closed by the first look
	once   sync.Once
	lost   error
}

func (m *moved) Check(context.Context) error {
	m.once.Do(func() { close(m.looked) })
	err := m.lost
	m.lost = nil
	return err
}

func TestOutputsAreLookedAfter(t *testing.T) {
	t.Parallel()
	g := newRig(3, 1, 0)
	p := g.pipeline()
	m := &moved{looked: make(chan struct{}), lost: &pipeline.LostError{Lost: 1, Err: errors.New("the file went away")}}
	p.Sinks = []runner.Sink{{Name: "moved", Sink: m}}
	g.source.BeforeRead = func(_ context.Context, n int) {
		if n == 2 {
			<-m.looked
		}
	}
	s, err := runner.Run(t.Context(), p, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if k := s.Sinks[0]; k.Errors != 1 || !strings.Contains(k.FirstError, "the file went away") {
		t.Errorf("%+v", k)
	}
}

// Only what can be adjusted is, and never a run that could not be resumed with it.
func TestARunThatCannotBeAdjustedSaysWhy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		checkpoint *runner.Checkpoint
		want       string
	}{
		{nil, "the readout keeps its configuration while it runs"},
		{&runner.Checkpoint{Dir: t.TempDir(), Every: time.Hour}, "a run with checkpoints keeps its configuration"},
	} {
		g := newRig(1, 1, 1)
		r, err := runner.New(g.pipeline(), runner.Options{Checkpoint: c.checkpoint})
		if err != nil {
			t.Fatal(err)
		}
		var told error
		g.net.BeforeStep = func(context.Context, pipeline.Window) { told = r.Adjust(runner.Adjustment{}) }
		if _, err := r.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told == nil || told.Error() != c.want {
			t.Errorf("error %v, want %s", told, c.want)
		}
	}
}
