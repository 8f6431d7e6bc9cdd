package binaural

import (
	"context"
	"fmt"

	"ganglion/network"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/state"
)

// layerName is the name of the layer of coincidence cells.
const layerName = "coincidence"

// detectors is delay lines before an engine of coincidence cells.
type detectors struct {
	engine *network.Engine
	lines  delays
	shape  pipeline.Shape // of the coincidence cells
	late   pipeline.Spikes
	end    int64 // of the last window
	began  bool
}

// newNetwork builds the network for an input [cells, 2, bands].
func newNetwork(c config, in pipeline.Shape) (*detectors, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if len(in) != 3 || in[1] != 2 {
		return nil, fmt.Errorf("the input has the shape %v where two ears make it [cells, 2, bands]: set channels of the source to all", in)
	}
	n := &detectors{
		lines: delays{in: in, taps: c.taps(), step: c.Step.Microseconds()},
		shape: pipeline.Shape{c.taps(), in[0], in[2]},
	}
	if n.lines.size() >= 1<<idBits {
		return nil, fmt.Errorf("%d taps of %d inputs are too many", c.taps(), in.Size())
	}
	var err error
	if c.Shards == component.Auto {
		n.engine, err = network.NewAuto(n.spec(c), 0)
	} else {
		n.engine, err = network.New(n.spec(c), int(c.Shards))
	}
	return n, err
}

// WindowStep implements [pipeline.Stepped].
func (n *detectors) WindowStep() int64 { return n.engine.WindowStep() }

// spec connects the two lines of each tap, cell and band to one cell.
func (n *detectors) spec(c config) network.Spec {
	cells := n.shape.Size()
	k := network.Sparse{Out: cells, Offsets: []uint32{0}}
	for i := range 2 * cells {
		k.Offsets = append(k.Offsets, uint32(i+1))
		k.Targets = append(k.Targets, uint32(i%cells))
		k.Weight = append(k.Weight, float32(c.Weight))
	}
	return network.Spec{Input: pipeline.Shape{2 * cells}, Layers: []network.LayerSpec{{
		Name:   layerName,
		Inputs: []network.Connection{{From: network.InputName, Kernel: k}},
		Neuron: network.LIF{Tau: c.Tau, Threshold: 1},
	}}}
}

// Layers implements [pipeline.Network].
func (n *detectors) Layers() []pipeline.Layer {
	layers := n.engine.Layers()
	layers[0].Shape = n.shape
	return layers
}

// Step implements [pipeline.Network]. What waits in the delay lines for times
// between two windows is heard with the later one.
func (n *detectors) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	if first, ok := n.lines.first(); ok && n.began && first < w.Start {
		if err := n.run(ctx, pipeline.Window{Start: n.end, End: w.Start}, out); err != nil {
			return err
		}
	}
	n.lines.enter(in)
	n.began, n.end = true, w.End
	return n.run(ctx, w, out)
}

func (n *detectors) run(ctx context.Context, w pipeline.Window, out *pipeline.Activity) error {
	n.late.Reset()
	n.lines.leave(w.Start, w.End, &n.late)
	return n.engine.Step(ctx, w, &n.late, out)
}

// Close implements [pipeline.Network].
func (n *detectors) Close() error { return n.engine.Close() }

// AppendState implements [pipeline.Stateful].
func (n *detectors) AppendState(b []byte) ([]byte, error) { return state.Append(b, n.fields) }

// RestoreState implements [pipeline.Stateful].
func (n *detectors) RestoreState(b []byte) error { return state.Restore(b, n.fields) }

func (n *detectors) fields(c *state.Codec) {
	state.Integer(c, &n.end)
	c.Bool(&n.began)
	n.lines.fields(c)
	c.Nested("coincidence cells", n.engine)
	first, waits := n.lines.first()
	c.Demand(!waits || !n.began || first >= n.end, "a spike waits that should have left")
}

var (
	_ pipeline.Network  = (*detectors)(nil)
	_ pipeline.Stateful = (*detectors)(nil)
)
