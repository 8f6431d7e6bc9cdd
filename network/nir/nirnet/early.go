package nirnet

import (
	"ganglion/network"
	"ganglion/pipeline"
)

// early reports whether a layer feeds back to itself what it sends on a step
// later, under a profile in which the two are the same spikes.
func (l *lowering) early(ls *network.LayerSpec, c *network.Clocked) bool {
	if !l.p.EarlyFeedback || !(c.Late || c.Rule == network.SubtractDelayed) {
		return false
	}
	for _, in := range ls.Inputs {
		if in.From == ls.Name && in.Recurrent {
			return true
		}
	}
	return false
}

// splitLate adds the neurons of node n as two layers: one that fires at once
// and hears itself, and behind it, under the node's name, its spikes one step
// later, which is when its own come back to it.
func (l *lowering) splitLate(n int, ls network.LayerSpec, c network.Clocked, shape pipeline.Shape) error {
	name := ls.Name
	ls.Name += ".now"
	for l.named(ls.Name) {
		ls.Name += "'"
	}
	for i := range ls.Inputs {
		if in := &ls.Inputs[i]; in.From == name && in.Recurrent {
			in.From = ls.Name
		}
	}
	if c.Rule == network.SubtractDelayed {
		c.Rule = network.SubtractNext
	}
	c.Late = false
	if err := l.finish(n, ls, c); err != nil {
		return err
	}
	l.out.Spec.Layers = append(l.out.Spec.Layers, network.LayerSpec{
		Name:   name,
		Inputs: []network.Connection{{From: ls.Name, Kernel: network.Diagonal{Shape: shape}}},
		Neuron: network.Clocked{Rule: network.Step, Threshold: []float32{.5}, Late: true},
	})
	return nil
}

func (l *lowering) named(name string) bool {
	_, taken := l.index[name]
	return taken || name == network.InputName
}
