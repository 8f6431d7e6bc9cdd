package component_test

import (
	"context"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

type relayConfig struct {
	Delay int64 `key:"delay" doc:"How much later the spikes come out." unit:"us" min:"0"`
}

// relay fires where its input does, later. Its window must be longer than the
// delay here, so that it need not keep spikes.
type relay struct {
	delay int64
	shape pipeline.Shape
}

func (n relay) Layers() []pipeline.Layer { return []pipeline.Layer{{Name: "relay", Shape: n.shape}} }

func (n relay) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	l := &out.Layers[0]
	for i, t := range in.T {
		for _, id := range in.Run(i) {
			l.Spikes.Append(t+n.delay, id)
			l.SynOps++
		}
	}
	return ctx.Err()
}

func (n relay) Close() error { return nil }

func ExampleNetwork() {
	spec := component.Network("relay", "the input, later", relayConfig{Delay: 5},
		func(c relayConfig, in pipeline.Shape) (pipeline.Network, error) { return relay{c.Delay, in}, nil })
	net, err := spec.NewNetwork(spec.Defaults(), pipeline.Shape{4})
	if err != nil {
		panic(err)
	}
	defer net.Close()
	var in pipeline.Spikes
	in.Append(10, 2)
	out := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(net.Layers()))}
	err = net.Step(context.Background(), pipeline.Window{Start: 0, End: 1000}, &in, &out)
	fmt.Println(out.Layers[0].Spikes.T, out.Layers[0].Spikes.IDs, err)
	// Output: [15] [2] <nil>
}
