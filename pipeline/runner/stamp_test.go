package runner_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

func TestDetectionsCarryTheirOriginAndALiveStreamItsDelay(t *testing.T) {
	t.Parallel()
	for _, live := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var got []pipeline.Detection
			g := newRig(2, 1, 1)
			g.source.Live = live
			g.source.BeforeRead = func(ctx context.Context, _ int) { wait(ctx, time.Millisecond) } // as the sensor's time goes
			g.net.BeforeStep = func(ctx context.Context, _ pipeline.Window) { wait(ctx, 250*time.Microsecond) }
			g.sinks[0].BeforeWrite = func(_ context.Context, d []pipeline.Detection) { got = append(got, d...) }
			if _, err := runner.Run(t.Context(), g.pipeline(), runner.Options{}); err != nil {
				t.Fatal(err)
			}
			for i, d := range got {
				delay := pipeline.NoDelay
				if live && d.Kind == pipeline.MotionUpdate {
					delay = 1250 // the event is 1 ms older than its window's end
				}
				if d.Kind == pipeline.MotionEnd {
					delay = d.EmitDelayUS
				}
				unix := pipeline.NoTime
				if live {
					unix = d.TimeUnixUS
				}
				if d.Run == "" || d.Run != got[0].Run {
					t.Errorf("run %q", d.Run)
				}
				want := pipeline.Detection{
					Run: d.Run, TimeUnixUS: unix,
					Stream: "test", SchemaVersion: pipeline.SchemaVersion, ConfigHash: "0123456789abcdef",
					Seq: uint64(i), Kind: d.Kind, T: d.T, EmitDelayUS: delay,
				}
				if diff := cmp.Diff(want, d); diff != "" {
					t.Errorf("live %v: %s", live, diff)
				}
			}
			if len(got) != 3 {
				t.Errorf("live %v: %d detections", live, len(got))
			}
		})
	}
}

func TestProgressEndsWithTheWholeInput(t *testing.T) {
	t.Parallel()
	var last runner.Progress
	o := runner.Options{Progress: func(p runner.Progress) { last = p }}
	if _, err := runner.Run(t.Context(), newRig(30, 4, 0).pipeline(), o); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(runner.Progress{Bytes: 120, SizeBytes: 120, Events: 120, Unit: "events", SensorUS: 30_000}, last); d != "" {
		t.Error(d)
	}
}

// tone is a source of 10 windows of 160 stereo frames.
type tone struct{ n int }

func (s *tone) Open(context.Context) (pipeline.StreamInfo, error) {
	return pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 16000, Channels: 2, Width: 1}, nil
}

func (s *tone) Read(_ context.Context, b *pipeline.Batch) error {
	if s.n == 10 {
		return io.EOF
	}
	b.Window = pipeline.Window{Start: int64(s.n) * 10_000, End: int64(s.n+1) * 10_000}
	b.PCM = append(b.PCM, make([]float32, 320)...)
	s.n++
	return nil
}

func (s *tone) Close() error { return nil }

func TestAudioIsCountedInFrames(t *testing.T) {
	t.Parallel()
	p := newRig(0, 0, 1).pipeline()
	p.Source = new(tone)
	s, err := runner.Run(t.Context(), p, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Input.Unit != "frames" || s.Input.Events.In != 1600 || s.Verify() != nil {
		t.Errorf("input %+v, %v", s.Input, s.Verify())
	}
}

func TestAMisconfiguredPipelineDoesNotStart(t *testing.T) {
	t.Parallel()
	if _, err := runner.Run(t.Context(), runner.Pipeline{Name: "x"}, runner.Options{}); err == nil {
		t.Error("a pipeline without parts runs")
	}
	for _, spoil := range []func(*rig){
		func(g *rig) { g.queue = runner.Queue{Batches: 1, Policy: "drop"} },
		func(g *rig) { g.sinkQ = runner.SinkQueue{Detections: 1, Policy: "drop"} },
	} {
		g := newRig(1, 1, 1)
		spoil(g)
		if _, err := runner.Run(t.Context(), g.pipeline(), runner.Options{}); err == nil || g.sinks[0].Closed != 1 {
			t.Errorf("error %v, sink closed %d times", err, g.sinks[0].Closed)
		}
	}
}
