package service

import (
	"ganglion/pipeline/config"
	"ganglion/pipeline/expectation"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry"
	"ganglion/sinks/deadletter"
	"ganglion/sinks/keep"
)

// The sections of a pipeline that belong to no component.
const (
	queueSection     = "queue"
	telemetrySection = "telemetry"
	keepSection      = "keep"
	restartSection   = "restart"
	testsSection     = "tests"
	errorsSection    = "errors"
)

// Sections declares the keys of a pipeline beside those of its components.
func Sections() []config.Section {
	return []config.Section{
		config.NewSection(queueSection, "Queue between the source and the encoder.", runner.NewDefaultQueue()),
		config.NewSection(telemetrySection, "Metrics, traces, health and profiles.", telemetry.NewDefaultConfig()),
		config.NewSection(keepSection, "What was heard or seen around detections, kept as files.", keep.NewDefaultConfig()),
		config.NewSection(errorsSection, "Where records of what was lost for good go.", deadletter.NewDefaultConfig()).Short("path"),
		config.NewSection(restartSection, "Whether a pipeline that has ended begins again.", newDefaultRestartConfig()).Short("policy"),
		config.NewSection(testsSection, "Recorded inputs and what must be detected in them, for ganglion test.",
			expectation.Config{}).Short("cases"),
	}
}

// SinkSections declares the keys of every sink beside its own.
func SinkSections() []config.Section {
	return []config.Section{config.NewSection(queueSection, "The sink's queue.", runner.NewDefaultSinkQueue())}
}

// Tests are the tests of a pipeline that [Sections] were declared for.
func Tests(p *config.Pipeline) []expectation.Case {
	return p.Sections.Of(testsSection).(*expectation.Config).Cases
}

// Errors is where a pipeline writes its dead letters.
func Errors(p *config.Pipeline) *deadletter.Config {
	return p.Sections.Of(errorsSection).(*deadletter.Config)
}

// Telemetry is what a pipeline shows of itself, and where.
func Telemetry(p *config.Pipeline) telemetry.Config {
	return *p.Sections.Of(telemetrySection).(*telemetry.Config)
}

// Keep is the configuration of the clips that a pipeline keeps.
func Keep(p *config.Pipeline) *keep.Config { return p.Sections.Of(keepSection).(*keep.Config) }
