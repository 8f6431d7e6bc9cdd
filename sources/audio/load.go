package audio

import (
	"context"
	"errors"
	"io"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Load reads the whole of a sound file, its channels mixed to one and brought
// to the given rate (0 keeps the file's), and returns the samples, their rate
// and what was damaged. It is for training and evaluation; pipelines stream.
func Load(ctx context.Context, path string, rate int) (pcm []float32, at int, damage []pipeline.Damage, err error) {
	c := NewDefaultConfig()
	c.Path, c.Rate, c.Window = path, rate, time.Second
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		return nil, 0, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	info, err := s.Open(ctx)
	if err != nil {
		return nil, 0, nil, err
	}
	b := pipeline.Batch{PCM: pcm}
	for err == nil {
		err = s.Read(ctx, &b)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b.PCM, info.SampleRate, s.Damage(), err
}
