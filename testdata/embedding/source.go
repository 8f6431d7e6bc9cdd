package main

import (
	"context"
	"io"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// barriersConfig is the section `source` of a pipeline that uses barriers.
type barriersConfig struct {
	Barriers int           `key:"barriers" doc:"Light barriers along the lane." min:"1" max:"65536" example:"8"`
	Laps     int           `key:"laps" doc:"How often the runner passes all of them." min:"1" max:"1000000"`
	Period   time.Duration `key:"period" doc:"Time from one barrier to the next." min:"1us"`
}

var barriers = component.Source("barriers", "a runner who passes light barriers",
	barriersConfig{Barriers: 8, Laps: 3, Period: 10 * time.Millisecond},
	func(c barriersConfig, _ component.Env) (pipeline.Source, error) { return &lane{barriersConfig: c}, nil })

// lane is one runner: an event at each barrier, at pixel (barrier, 0).
type lane struct {
	barriersConfig
	passed int
}

// Open says what the stream is. A source that reads a file or a socket opens it
// here, not in its constructor: `ganglion validate` builds components too.
func (l *lane) Open(context.Context) (pipeline.StreamInfo, error) {
	return pipeline.StreamInfo{Modality: pipeline.EventStream, Format: "barriers", Width: l.Barriers, Height: 1}, nil
}

// Read fills one window: the pass of one barrier.
func (l *lane) Read(ctx context.Context, b *pipeline.Batch) error {
	if l.passed == l.Barriers*l.Laps {
		return io.EOF
	}
	start := int64(l.passed) * l.Period.Microseconds()
	b.Window = pipeline.Window{Start: start, End: start + l.Period.Microseconds()}
	b.Events = append(b.Events, pipeline.Event{T: start, X: uint16(l.passed % l.Barriers), P: pipeline.On})
	l.passed++
	return ctx.Err()
}

func (l *lane) Close() error { return nil }
