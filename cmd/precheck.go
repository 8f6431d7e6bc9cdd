package cmd

import (
	"context"
	"errors"
	"strconv"

	"ganglion/pipeline"
	"ganglion/pipeline/clip"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

// precheck finds what run would stumble over, as far as that shows without
// connecting to anything or writing anything: it reads the header of a recorded
// input and builds encoder, network and readout for it. Each fault is told with
// its place.
func precheck(ctx context.Context, p *config.Pipeline, parts runner.Pipeline) error {
	var errs []error
	fail := func(path string, err error) {
		if err != nil {
			errs = append(errs, p.Fault(path, err))
		}
	}
	for i, s := range parts.Sinks {
		if c, ok := s.Sink.(pipeline.Prechecked); ok {
			fail("sinks."+strconv.Itoa(i), c.Precheck())
		}
	}
	if c, ok := parts.Source.(pipeline.Prechecked); ok {
		fail("source", c.Precheck())
	}
	if c, ok := p.Sections.Of("cluster").(pipeline.Prechecked); ok {
		fail("cluster", c.Precheck())
	}
	source, ok := parts.Source.(pipeline.Peeked)
	if !ok {
		return errors.Join(errs...)
	}
	info, ok, err := source.Peek(ctx)
	fail("source", err)
	if ok && err == nil {
		path, err := build(parts, info)
		fail(path, err)
	}
	return errors.Join(errs...)
}

// build makes what a stream goes through, and returns which part cannot be
// made and why.
func build(parts runner.Pipeline, info pipeline.StreamInfo) (path string, err error) {
	if k := parts.Keep; k != nil {
		if _, err := clip.NewRecorder(k.Span, info); err != nil {
			return "keep", err
		}
	}
	enc, err := parts.Encoder(info)
	if err != nil {
		return "encoder", err
	}
	net, err := parts.Network(enc.Shape())
	if err != nil {
		return "network", err
	}
	if _, err := parts.Readout(info, net.Layers()); err != nil {
		return "readout", errors.Join(err, net.Close())
	}
	return "network", net.Close()
}

// connect opens what a pipeline reads and connects to, and closes it again.
// Files that would be written are left alone.
func connect(ctx context.Context, p *config.Pipeline, parts runner.Pipeline) error {
	var errs []error
	fail := func(path string, err error) {
		if err != nil {
			errs = append(errs, p.Fault(path, err))
		}
	}
	info, err := parts.Source.Open(ctx)
	fail("source", errors.Join(err, parts.Source.Close()))
	if err == nil {
		path, err := build(parts, info)
		fail(path, err)
	}
	for i, s := range parts.Sinks {
		if _, ok := s.Sink.(pipeline.Linked); ok {
			meta := pipeline.StreamMeta{Name: p.Name, ConfigHash: p.Hash, Info: info}
			fail("sinks."+strconv.Itoa(i), errors.Join(s.Sink.Open(ctx, meta), s.Sink.Close(ctx)))
		}
	}
	return errors.Join(errs...)
}
