package recording

import (
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Component declares the source.
func Component() component.Spec {
	return component.Source("recording", "event-camera recording, read from a file or standard input",
		Config{Format: autoFormat, Outliers: "drop", Pace: "max", Window: 10 * time.Millisecond},
		func(c Config, env component.Env) (pipeline.Source, error) { return New(c, env) })
}
