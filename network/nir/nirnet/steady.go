package nirnet

import (
	"errors"
	"fmt"

	"ganglion/network"
	"ganglion/pipeline"
)

// Under an event-driven profile a bias is a signal that is there all the time.
// Where it leads into a neuron it moves what the neuron settles at. Where it
// leads into linear nodes first, what they make of it is steady as well and is
// worked out here, since spikes alone travel.

var errSteady = errors.New("a bias that leads to the output, or back through linear nodes alone, is there all the time, not at " +
	"events: it needs steps, which this profile does not have")

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
	made, err := network.Deliver(k, from, steady)
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
