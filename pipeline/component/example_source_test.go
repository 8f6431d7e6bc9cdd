package component_test

import (
	"context"
	"fmt"
	"io"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

type blinkConfig struct {
	Times int `key:"times" doc:"How often the pixel becomes brighter." min:"1"`
}

// blink is a sensor of one pixel with an event every millisecond.
type blink struct{ left, t int }

func (s *blink) Open(context.Context) (pipeline.StreamInfo, error) {
	return pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 1, Height: 1}, nil
}

func (s *blink) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.left == 0 {
		return io.EOF
	}
	b.Window = pipeline.Window{Start: int64(s.t), End: int64(s.t) + 1000}
	b.Events = append(b.Events, pipeline.Event{T: b.Start, P: pipeline.On})
	s.left, s.t = s.left-1, s.t+1000
	return ctx.Err()
}

func (s *blink) Close() error { return nil }

func ExampleSource() {
	spec := component.Source("blink", "one pixel that blinks", blinkConfig{Times: 3},
		func(c blinkConfig, _ component.Env) (pipeline.Source, error) { return &blink{left: c.Times}, nil })
	source, err := spec.NewSource(spec.Defaults(), component.Env{})
	if err != nil {
		panic(err)
	}
	defer source.Close()
	var b pipeline.Batch
	for source.Read(context.Background(), &b) == nil {
		fmt.Println(b.Events)
		b.Reset()
	}
	// Output:
	// [{0 0 0 1}]
	// [{1000 0 0 1}]
	// [{2000 0 0 1}]
}
