package nirnet

import (
	"context"
	"errors"
	"fmt"

	"ganglion/network"
	"ganglion/pipeline"
)

// Under a profile without steps a bias is a signal that is there all the time.
// Where it leads into a neuron it moves what the neuron settles at. Where it
// leads into linear nodes first, what they make of it is steady as well and is
// worked out here, since spikes alone travel.

var errSteady = errors.New("a bias that leads to the output, or back through linear nodes alone, is there all the time, not at events: it needs steps, which this profile does not have")

// addSteady adds what a source passes on all the time, through a kernel, to the
// drive of a layer. from is the source's shape.
func (l *lowering) addSteady(c *network.Clocked, s source, k network.Kernel, from pipeline.Shape) error {
	name := l.name(s.node)
	if s.feedback {
		l.returns = append(l.returns, name)
	}
	steady := l.steady[name]
	if steady == nil {
		return nil
	}
	made, err := image(k, from, steady)
	if err != nil {
		return fmt.Errorf("input %q: its bias: %w", name, err)
	}
	c.Drive = sum(c.Drive, made)
	return nil
}

// checkSteady refuses what no neuron takes in.
func (l *lowering) checkSteady() error {
	for _, name := range append(l.returns, l.out.Output) {
		if l.steady[name] != nil {
			return fmt.Errorf("node %q: %w", name, errSteady)
		}
	}
	return nil
}

// image is what a kernel makes of values.
func image(k network.Kernel, from pipeline.Shape, values []float32) ([]float32, error) {
	e, err := network.New(network.Spec{Input: from, Layers: []network.LayerSpec{
		{Name: "image", Inputs: []network.Connection{{From: network.InputName, Kernel: k}}, Neuron: network.Exact{Rule: network.Relay}},
	}}, 1)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	var in pipeline.Spikes
	for i, v := range values {
		in.AppendGraded(0, uint32(i), v)
	}
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
	if err := e.Step(context.Background(), pipeline.Window{End: 1}, &in, &act); err != nil {
		return nil, err
	}
	made := make([]float32, e.Layers()[0].Shape.Size())
	for i, id := range act.Layers[0].Spikes.IDs {
		made[id] = act.Layers[0].Spikes.Values[i]
	}
	return made, nil
}
