package runner_test

import (
	"context"
	"io"
	"testing"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/pipelinetest"
	"ganglion/pipeline/runner"
)

// hum is ones at 16 kHz in windows, of which the last may be short.
type hum struct {
	frames, at, window int64 // window in µs
	stop               func()
}

func (s *hum) Open(context.Context) (pipeline.StreamInfo, error) { return s.info(), nil }

func (s *hum) info() pipeline.StreamInfo {
	return pipeline.StreamInfo{Modality: pipeline.AudioStream, SampleRate: 16000, Channels: 2}
}

func (s *hum) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.at == s.frames {
		if s.stop != nil {
			s.stop()
			<-ctx.Done()
			return ctx.Err()
		}
		return io.EOF
	}
	b.Start = s.info().FrameTime(s.at) / s.window * s.window
	b.End, b.FrameIndex = b.Start+s.window, s.at
	for ; s.at < min(s.frames, s.info().FrameAt(b.End)); s.at++ {
		b.PCM = append(b.PCM, 1, 1)
	}
	return nil
}

func (s *hum) Close() error { return nil }

// ear notes what it hears.
type ear struct {
	t              *testing.T
	next, loud     int64 // frames
	begun          bool
	end            int64 // µs
	lastLoudWindow pipeline.Window
}

func (e *ear) Shape() pipeline.Shape { return pipeline.Shape{1} }

func (e *ear) Encode(b *pipeline.Batch, out *pipeline.Spikes) (int, error) {
	if e.begun && (b.FrameIndex != e.next || b.Start != e.end) {
		e.t.Errorf("frame %d at %d µs follows frame %d at %d µs", b.FrameIndex, b.Start, e.next-1, e.end)
	}
	for _, v := range b.PCM {
		if e.loud += int64(v); v == 1 {
			e.lastLoudWindow = b.Window
		}
	}
	e.begun, e.next, e.end = true, b.FrameIndex+int64(len(b.PCM)/2), b.End
	out.Append(b.Start, 0)
	return 0, nil
}

// patient wants a tail of silence.
type patient struct {
	pipelinetest.FakeReadout
	tail time.Duration
}

func (p *patient) Tail(end int64) int64 { return end + p.tail.Microseconds() }

// runHum runs a stream of so many frames and returns what was heard.
func runHum(t *testing.T, source *hum, r pipeline.Readout) (*ear, runner.Summary) {
	t.Helper()
	e, p := &ear{t: t}, newRig(0, 0, 1).pipeline()
	p.Source = source
	p.Encoder = func(pipeline.StreamInfo) (pipeline.Encoder, error) { return e, nil }
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return r, nil }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if source.stop != nil {
		source.stop = cancel
	}
	s, err := runner.Run(ctx, p, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	return e, s
}

func TestTheEndOfAStreamIsPlayedOutWithSilenceWhateverItsWindows(t *testing.T) {
	t.Parallel()
	for _, frames := range []int64{1, 159, 160, 161, 16_000, 16_007} {
		for _, window := range []int64{1000, 7300, 10_000, 250_000, 10_000_000} {
			e, s := runHum(t, &hum{frames: frames, window: window}, &patient{tail: 300 * time.Millisecond})
			end := new(hum).info().FrameTime(frames) + 300_000
			if e.end != end || e.next != new(hum).info().FrameAt(end) || e.loud != 2*frames {
				t.Errorf("%d frames in windows of %d µs: heard %d and to frame %d, %d µs, want %d µs", frames, window, e.loud/2, e.next, e.end, end)
			}
			if s.Input.Events.In != uint64(frames) || s.Encoder.Events != uint64(frames) {
				t.Errorf("%d frames in windows of %d µs: the account has %d", frames, window, s.Encoder.Events)
			}
		}
	}
}

func TestNothingIsPlayedWhereNoReadoutWantsItOrTheStreamDidNotEnd(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*ear{
		"another readout": first(runHum(t, &hum{frames: 1000, window: 10_000}, new(pipelinetest.FakeReadout))),
		"no tail":         first(runHum(t, &hum{frames: 1000, window: 10_000}, new(patient))),
		"stopped":         first(runHum(t, &hum{frames: 960, window: 10_000, stop: func() {}}, &patient{tail: time.Second})),
	} {
		if e.end != e.lastLoudWindow.End || e.end%10_000 != 0 || e.next > 1000 {
			t.Errorf("%s: heard to frame %d, %d µs", name, e.next, e.end)
		}
	}
}

func first(e *ear, _ runner.Summary) *ear { return e }
