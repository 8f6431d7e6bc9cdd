package service

import (
	"io"
	"log/slog"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/sinks/deadletter"
	"ganglion/sinks/keep"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// Assemble builds what a checked configuration describes. Nothing is opened.
func Assemble(p *config.Pipeline, dryRun bool, log *slog.Logger) (runner.Pipeline, error) {
	env := component.Env{Log: log.With("stream", p.Name), Now: time.Now, Name: p.Name}
	source, err := p.Source.Spec.NewSource(p.Source.Config, env)
	if err != nil {
		return runner.Pipeline{}, err
	}
	parts := runner.Pipeline{
		Name:       p.Name,
		ConfigHash: p.Hash,
		Source:     source,
		Queue:      *p.Sections.Of(queueSection).(*runner.Queue),
		Encoder: func(info pipeline.StreamInfo) (pipeline.Encoder, error) {
			return p.Encoder.Spec.NewEncoder(p.Encoder.Config, info)
		},
		Network: func(in pipeline.Shape) (pipeline.Network, error) {
			return p.Network.Spec.NewNetwork(p.Network.Config, in)
		},
		Readout: func(info pipeline.StreamInfo, layers []pipeline.Layer) (pipeline.Readout, error) {
			return p.Readout.Spec.NewReadout(p.Readout.Config, info, layers)
		},
	}
	if dryRun {
		return parts, nil
	}
	for _, s := range p.Sinks {
		sink, err := s.Spec.NewSink(s.Config, env)
		if err != nil {
			return runner.Pipeline{}, err
		}
		queue := *s.Sections.Of(queueSection).(*runner.SinkQueue)
		parts.Sinks = append(parts.Sinks, runner.Sink{Name: s.Spec.Name, Sink: sink, Queue: queue})
	}
	if c := Errors(p); c.On() {
		parts.Errors = &runner.Errors{To: deadletter.New(*c, p.Name, env.Log), Most: uint64(c.Most), Input: inputOf(p)}
	}
	if c := Keep(p); c.Dir != "" {
		parts.Keep = &runner.Keep{Span: c.Span(), Keeper: keep.New(*c, p.Name, record)}
	}
	return parts, nil
}

// record makes the recordings of kept clips.
func record(dst io.Writer, kind string, width, height int) (keep.EventWriter, error) {
	return recording.NewWriter(dst, "clip", kind, format.Info{Width: width, Height: height})
}

// inputOf is the file that a pipeline reads, or the component that listens.
func inputOf(p *config.Pipeline) string {
	for _, f := range component.Files(p.Source.Config) {
		if !f.Writes {
			return f.Text
		}
	}
	return p.Source.Spec.Name
}
