package soundscape

import (
	"context"
	"fmt"
	"io"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// config configures the source.
type config struct {
	Scene string `key:"scene" doc:"What sounds." enum:"clicks,hiss"`
	Seed  uint64 `key:"seed" doc:"Varies noise and the order of the directions."`
}

// Component declares the source.
func Component() component.Spec {
	return component.Source("soundscape", "simulated sound for two ears, from known directions", config{Scene: "hiss"},
		func(c config, _ component.Env) (pipeline.Source, error) { return &player{cfg: c}, nil })
}

// player plays a scene in windows of 10 ms.
type player struct {
	cfg config
	rec *Recording
	at  int // frames played
}

// windowFrames is 10 ms.
const windowFrames = rate / 100

// Open makes the scene.
func (s *player) Open(context.Context) (pipeline.StreamInfo, error) {
	rec, err := Record(s.cfg.Scene, s.cfg.Seed)
	if err != nil {
		return pipeline.StreamInfo{}, fmt.Errorf("soundscape: %w", err)
	}
	s.rec = rec
	return pipeline.StreamInfo{Modality: pipeline.AudioStream, Format: "simulated " + s.cfg.Scene, SampleRate: rate, Channels: 2,
		Content: "simulation"}, nil
}

// Read implements [pipeline.Source].
func (s *player) Read(ctx context.Context, b *pipeline.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	total := len(s.rec.PCM) / 2
	if s.at >= total {
		return io.EOF
	}
	n := min(windowFrames, total-s.at)
	b.Seq, b.FrameIndex = uint64(s.at/windowFrames), int64(s.at)
	b.Start = int64(s.at/windowFrames) * 10_000
	b.End = b.Start + 10_000
	b.PCM = append(b.PCM, s.rec.PCM[2*s.at:2*(s.at+n)]...)
	s.at += n
	return nil
}

// Resume implements [pipeline.Resumable]. t is the end of a window.
func (s *player) Resume(_ context.Context, t int64) error {
	if t < 0 || t%10_000 != 0 {
		return fmt.Errorf("soundscape: %d µs is not an end of a window", t)
	}
	s.at = int(min(t/10_000*windowFrames, int64(len(s.rec.PCM)/2)))
	return nil
}

// Close does nothing.
func (s *player) Close() error { return nil }

var (
	_ pipeline.Source    = (*player)(nil)
	_ pipeline.Resumable = (*player)(nil)
)

// Peek implements [pipeline.Peeked].
func (s *player) Peek(ctx context.Context) (pipeline.StreamInfo, bool, error) {
	info, err := (&player{cfg: s.cfg}).Open(ctx)
	return info, err == nil, err
}
