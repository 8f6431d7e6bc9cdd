// Package pass is the identity network: its one layer fires where its input
// does. A readout that works on the encoder's spikes uses it.
package pass

import (
	"context"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Layer is the name of the one layer.
const Layer = "input"

// config has nothing to configure.
type config struct{}

// Component declares the network.
func Component() component.Spec {
	return component.Network("pass", "no network: the encoder's spikes go to the readout as they are",
		config{}, func(_ config, in pipeline.Shape) (pipeline.Network, error) { return Network{shape: in}, nil })
}

// Network implements [pipeline.Network] without state.
type Network struct{ shape pipeline.Shape }

// Layers is the input layer.
func (n Network) Layers() []pipeline.Layer { return []pipeline.Layer{{Name: Layer, Shape: n.shape}} }

// Step copies the window's spikes.
func (n Network) Step(ctx context.Context, _ pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	s := &out.Layers[0].Spikes
	s.T = append(s.T, in.T...)
	s.Offsets = append(s.Offsets, in.Offsets...)
	s.IDs = append(s.IDs, in.IDs...)
	s.Values = append(s.Values, in.Values...)
	return ctx.Err()
}

// Close does nothing.
func (n Network) Close() error { return nil }

var _ pipeline.Network = Network{}
