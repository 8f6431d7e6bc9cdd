// Package scaleout holds the commands that run pipelines on many machines over
// NATS JetStream: feed, work and status. What they do is package
// pipeline/cluster.
package scaleout

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/cluster"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
)

// sectionKey is the key of a pipeline's section [cluster.Config].
const sectionKey = "cluster"

// Section declares it.
func Section() config.Section {
	return config.NewSection(sectionKey, "Running on many machines over NATS JetStream: feed, work and status.", cluster.NewDefaultConfig())
}

// Program is what the commands take from the program that they belong to.
type Program struct {
	// Load reads configurations with the values of --set.
	Load func(paths, sets []string, more ...config.Override) ([]*config.Pipeline, error)
	// Assemble builds a pipeline without its sinks; nothing is opened.
	Assemble func(p *config.Pipeline, log *slog.Logger) (runner.Pipeline, error)
	// Identity lists what the detections of a pipeline depend on.
	Identity func(p *config.Pipeline) (checkpoint.Identity, error)
	// Stopping returns a context that ends with the first signal to stop.
	Stopping func(context.Context) (context.Context, func())
	// Telemetry is the section of a pipeline that says what is shown and to whom.
	Telemetry func(*config.Pipeline) telemetry.Config
	// CaptureLog takes what libraries log.
	CaptureLog func(*slog.Logger)
	Version    string
	// Failing, Usage and Dropped give errors their exit codes.
	Failing        func(func(*cobra.Command, []string) error) func(*cobra.Command, []string) error
	Usage, Dropped func(error) error
}

// Commands are the commands.
func (p Program) Commands() []*cobra.Command {
	return []*cobra.Command{p.newFeed(), p.newWork(), p.newStatus()}
}

// of is the section of a pipeline.
func of(p *config.Pipeline) *cluster.Config { return p.Sections.Of(sectionKey).(*cluster.Config) }
