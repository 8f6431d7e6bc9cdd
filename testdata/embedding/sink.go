package main

import (
	"context"
	"fmt"
	"os"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// tallyConfig is an entry of `sinks`.
type tallyConfig struct {
	Path string `key:"path" doc:"File to write." required:"true" example:"laps.txt"`
}

var tally = component.Sink("tally", "a line for each label with its count and the fastest", tallyConfig{},
	func(c tallyConfig, _ component.Env) (pipeline.Sink, error) { return &scorer{path: c.Path}, nil })

// scorer counts, and writes when it is closed.
type scorer struct {
	path    string
	label   string
	count   int
	fastest int64 // µs
}

func (s *scorer) Open(context.Context, pipeline.StreamMeta) error { return nil }

func (s *scorer) Write(_ context.Context, d []pipeline.Detection) error {
	for i := range d {
		took := d[i].TEnd - d[i].TStart
		if s.count++; s.count == 1 || took < s.fastest {
			s.label, s.fastest = d[i].Label, took
		}
	}
	return nil
}

func (s *scorer) Close(context.Context) error {
	return os.WriteFile(s.path, fmt.Appendf(nil, "%s: %d, fastest %d ms\n", s.label, s.count, s.fastest/1000), 0o644)
}
