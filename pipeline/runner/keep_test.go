package runner_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/pipeline/clip"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// noise is a stream of sound at 1 kHz in batches of 10 ms; a sample is its
// number.
type noise struct {
	pipelinetest.FakeSource
	n int
}

func (s *noise) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	_, err := s.FakeSource.Open(ctx)
	return pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 1000, Channels: 1, Live: s.Live, SizeBytes: 1}, err
}

func (s *noise) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.BeforeRead != nil {
		s.BeforeRead(ctx, s.n)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.n == s.Batches {
		return io.EOF
	}
	b.Window = pipeline.Window{Start: int64(s.n) * 10_000, End: int64(s.n+1) * 10_000}
	b.FrameIndex = int64(s.n) * 10
	for i := range 10 {
		b.PCM = append(b.PCM, float32(b.FrameIndex)+float32(i))
	}
	s.n++
	return nil
}

func (s *noise) Resume(_ context.Context, t int64) error {
	s.n = int(t / 10_000)
	return nil
}

// ticker detects something every 100 ms, which lasted for the 50 ms before.
type ticker struct{}

func (ticker) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	if a.End%100_000 != 0 {
		return dst
	}
	return append(dst, pipeline.Detection{Kind: pipeline.Keyword, Label: "tick", T: a.End, TStart: a.End - 50_000, TEnd: a.End})
}

// Flush detects what is not of sound.
func (ticker) Flush(dst []pipeline.Detection) []pipeline.Detection {
	return append(dst, pipeline.Detection{Kind: pipeline.MotionEnd})
}

// shelf keeps what clips are.
type shelf struct {
	opened   int
	meta     pipeline.StreamMeta
	openErr  error
	refuse   func(n int) error
	wait     chan struct{} // Keep waits for it, if it is there
	mu       sync.Mutex    // guards clips
	clips    []string
	received int
}

func (s *shelf) Open(_ context.Context, m pipeline.StreamMeta, _ pipeline.Shape) error {
	s.opened++
	s.meta = m
	return s.openErr
}

func (s *shelf) Keep(ctx context.Context, c *pipeline.Clip) error {
	if s.wait != nil {
		select {
		case <-s.wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received++
	if s.refuse != nil {
		if err := s.refuse(s.received - 1); err != nil {
			return err
		}
	}
	s.clips = append(s.clips, fmt.Sprintf("%d at %d: %v..%v", c.Detection.Seq, c.Detection.T/1000, c.PCM[0], c.PCM[len(c.PCM)-1]))
	return nil
}

// listening is a pipeline of sound that keeps clips.
func listening(batches int) (runner.Pipeline, *shelf, *noise) {
	source, keeper := &noise{FakeSource: pipelinetest.FakeSource{Batches: batches}}, new(shelf)
	g := newRig(0, 0, 1)
	p := g.pipeline()
	p.Source = source
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return ticker{}, nil }
	p.Keep = &runner.Keep{
		Span:   clip.Span{Before: 30 * time.Millisecond, After: 25 * time.Millisecond, Longest: time.Second},
		Keeper: keeper,
	}
	return p, keeper, source
}

var ticks = []string{"0 at 100: 20..124", "1 at 200: 120..224", "2 at 300: 220..324", "3 at 400: 320..399"}

func TestClipsReachTheKeeperAlsoAtTheEnd(t *testing.T) {
	t.Parallel()
	p, keeper, _ := listening(40)
	s := run(t, p, runner.Options{})
	if d := cmp.Diff(ticks, keeper.clips); d != "" || keeper.opened != 1 || keeper.meta.Name != "test" {
		t.Errorf("opened %d times: %s", keeper.opened, d)
	}
	if k := s.Keep; k.Sought != 4 || k.Written != 4 || k.Waiting != 0 || s.LostClips() != 0 {
		t.Errorf("%+v", k)
	}
	if s.Detections.Total != 5 {
		t.Errorf("%d detections", s.Detections.Total)
	}
}

func TestAClipThatIsNotKeptCostsNoDetection(t *testing.T) {
	t.Parallel()
	p, keeper, _ := listening(40)
	keeper.refuse = func(n int) error {
		if n == 1 || n == 2 {
			return errors.New("no room")
		}
		return nil
	}
	s := run(t, p, runner.Options{})
	if d := cmp.Diff([]string{ticks[0], ticks[3]}, keeper.clips); d != "" {
		t.Error(d)
	}
	k := s.Keep
	if k.Written != 2 || k.Dropped != 2 || k.Errors != 2 || k.FirstError != "no room" || s.LostClips() != 2 || s.Detections.Total != 5 {
		t.Errorf("%+v, %d detections", k, s.Detections.Total)
	}
	if d := cmp.Diff([]runner.Drop{{Cause: "write_failed", Count: 2}}, k.Drops); d != "" {
		t.Error(d)
	}
	var text strings.Builder
	if err := s.WriteText(&text); err != nil || !strings.Contains(text.String(),
		"2 clips written; 2 DROPPED (write_failed 2); 2 errors, first: no room") {
		t.Errorf("%v: %s", err, text.String())
	}
}

func TestAKeeperThatHangsStopsNothingThatIsLive(t *testing.T) {
	t.Parallel()
	p, keeper, source := listening(400)
	source.Live, keeper.wait = true, make(chan struct{})
	p.Queue = runner.Queue{Batches: 8, Policy: runner.Block}
	s, err := runner.Run(t.Context(), p, runner.Options{Progress: func(g runner.Progress) {
		if g.Events == 4000 { // all is heard
			close(keeper.wait)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	k := s.Keep
	if s.Detections.Total != 41 || k.Written < 16 || k.Written > 18 || k.Dropped != 40-k.Written || k.Errors > 0 ||
		k.Drops[0].Cause != "queue_full" {
		t.Errorf("%+v, %d detections", k, s.Detections.Total)
	}
}

func TestAStopKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	p, keeper, source := listening(1 << 30)
	ctx, cancel := context.WithCancel(t.Context())
	source.BeforeRead = func(_ context.Context, n int) {
		if n == 31 {
			cancel()
		}
	}
	if _, err := runner.Run(ctx, p, runner.Options{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{ticks[0], ticks[1], "2 at 300: 220..309"}, keeper.clips); d != "" {
		t.Error(d)
	}
}

func TestAResumedRunKeepsTheSameClips(t *testing.T) {
	t.Parallel()
	for stop := 1; stop < 40; stop += 3 {
		o := runner.Options{Checkpoint: &runner.Checkpoint{Dir: t.TempDir(), Every: 100 * time.Millisecond}}
		p, first, source := listening(40)
		ctx, cancel := context.WithCancel(t.Context())
		source.BeforeRead = func(_ context.Context, n int) {
			if n == stop {
				cancel()
			}
		}
		if _, err := runner.Run(ctx, p, o); err != nil {
			t.Fatal(err)
		}
		p, second, _ := listening(40)
		o.Checkpoint.Resume = true
		s := run(t, p, o)
		// What the stop cut short comes again whole.
		whole := map[string]string{}
		for _, c := range append(first.clips, second.clips...) {
			name, _, _ := strings.Cut(c, ":")
			whole[name] = c
		}
		for _, c := range ticks {
			if name, _, _ := strings.Cut(c, ":"); whole[name] != c {
				t.Errorf("stopped at %d ms: %q, want %q", stop*10, whole[name], c)
			}
		}
		if s.Keep.Sought != uint64(len(second.clips)) || len(second.clips) > 4-(stop-3)/10 {
			t.Errorf("stopped at %d ms: %v came again", stop*10, second.clips)
		}
	}
}

func TestAnotherSpanIsRefusedOnResuming(t *testing.T) {
	t.Parallel()
	o := runner.Options{Checkpoint: &runner.Checkpoint{Dir: t.TempDir(), Every: 100 * time.Millisecond}}
	p, _, _ := listening(40)
	run(t, p, o)
	o.Checkpoint.Resume = true
	p, _, _ = listening(40)
	p.Keep.Span.Before *= 2
	if _, err := runner.Run(t.Context(), p, o); err == nil ||
		!strings.Contains(err.Error(), `keep.before is "30ms" in the snapshot and "60ms" here`) {
		t.Error(err)
	}
	p.Keep = nil
	if _, err := runner.Run(t.Context(), p, o); err == nil || !strings.Contains(err.Error(), "absent here") {
		t.Error(err)
	}
}

func TestWhatCannotBeKeptIsToldBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	p, keeper, source := listening(4)
	source.BeforeRead = func(context.Context, int) { t.Error("read") }
	keeper.openErr = errors.New("no such place")
	if _, err := runner.Run(t.Context(), p, runner.Options{}); err == nil || !strings.Contains(err.Error(), "keep: no such place") ||
		!strings.HasPrefix(err.Error(), fmt.Sprintf("pipeline %q: ", p.Name)) {
		t.Error(err)
	}
	events := newRig(4, 4, 1).pipeline()
	events.Keep = &runner.Keep{Span: clip.Span{After: -1}, Keeper: keeper}
	_, err := runner.Run(t.Context(), events, runner.Options{})
	if err == nil || !strings.Contains(err.Error(), "keep: 0s before, -1ns after") {
		t.Error(err)
	}
}

// TestKeepingAllocatesNothingBetweenDetections holds a run with a keeper to
// the same bound as one without.
func TestKeepingAllocatesNothingBetweenDetections(t *testing.T) {
	next, done := make(chan struct{}), make(chan struct{})
	p, _, source := listening(1 << 30)
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return new(silent), nil }
	source.BeforeRead = func(ctx context.Context, _ int) {
		select {
		case <-next:
		case <-ctx.Done():
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan error, 1)
	go func() {
		_, err := runner.Run(ctx, p, runner.Options{Progress: func(runner.Progress) { done <- struct{}{} }})
		finished <- err
	}()
	step := func() {
		next <- struct{}{}
		<-done
	}
	for range 50 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
	cancel()
	if err := <-finished; err != nil {
		t.Error(err)
	}
}

// silent detects nothing.
type silent struct{ pipelinetest.FakeReadout }

func (*silent) Flush(dst []pipeline.Detection) []pipeline.Detection { return dst }
