package cmd_test

import (
	"context"
	"os"

	"ganglion/cmd"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// silence is a network without spikes.
type silence struct{ shape pipeline.Shape }

func (s silence) Layers() []pipeline.Layer {
	return []pipeline.Layer{{Name: "silence", Shape: s.shape}}
}

func (s silence) Step(ctx context.Context, _ pipeline.Window, _ *pipeline.Spikes, _ *pipeline.Activity) error {
	return ctx.Err()
}

func (s silence) Close() error { return nil }

// A program with one component of its own. A real one calls
//
//	os.Exit(cmd.Main(append(standard.Components(), mine...)...))
//
// in main, and has the components of ganglion too.
func ExampleMain() {
	mine := component.Network("silence", "a network that never fires", struct{}{},
		func(_ struct{}, in pipeline.Shape) (pipeline.Network, error) { return silence{in}, nil })
	os.Args = []string{"ganglion", "list", "networks"}
	cmd.Main(mine)
	// Output: network  silence  a network that never fires
}
