package cmd

import (
	"errors"
	"log/slog"

	"ganglion/cmd/scaleout"
	"ganglion/cmd/service"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/sinks/keep"
)

// scaleOut is what the commands of many machines take from the program.
func (p program) scaleOut() scaleout.Program {
	return scaleout.Program{
		Load: func(paths, sets []string, more ...config.Override) ([]*config.Pipeline, error) {
			pipelines, err := p.loadPipelines(paths, sets, more...)
			if err == nil {
				err = oneReaderOfStdin(pipelines)
			}
			if err != nil {
				return nil, usage(err)
			}
			return pipelines, nil
		},
		Assemble: func(p *config.Pipeline, log *slog.Logger) (runner.Pipeline, error) {
			if k, ok := p.Sections.Of("keep").(*keep.Config); ok && k.Dir != "" {
				return runner.Pipeline{}, errors.New("keep: clips are kept by run alone")
			}
			return service.Assemble(p, true, log)
		},
		Telemetry: service.Telemetry, CaptureLog: captureLog, Version: version(),
		Identity: identity, Stopping: stopping, Failing: failing, Usage: usage, Dropped: dropped,
	}
}
