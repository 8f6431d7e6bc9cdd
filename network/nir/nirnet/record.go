package nirnet

import (
	"errors"
	"fmt"
	"math"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// Record is what a network took in and did, over a duration in µs from time 0
// on, as NIRData: the observable "spikes" of the node "input" and of every
// layer, "values" of layers that are graded.
func Record(in pipeline.Shape, layers []pipeline.Layer, a *pipeline.Activity, spikes *pipeline.Spikes, duration int64) (*nir.Data, error) {
	d := &nir.Data{}
	add := func(name string, size int, s *pipeline.Spikes) error {
		events, err := nir.EventsOf([]*pipeline.Spikes{s}, size, duration)
		if err != nil {
			return fmt.Errorf("node %q: %w", name, err)
		}
		observable := "spikes"
		if events.Value != nil {
			observable = "values"
		}
		d.Nodes = append(d.Nodes, nir.DataNode{Name: name, Observables: []nir.Observable{{Name: observable, Series: events}}})
		return nil
	}
	if err := add(network.InputName, in.Size(), spikes); err != nil {
		return nil, err
	}
	for i, l := range layers {
		if l.Name == network.InputName {
			continue
		}
		if err := add(l.Name, l.Shape.Size(), &a.Layers[i].Spikes); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// inputOf is the series of NIRData that goes into a network: that of the node
// "input", or of the only one there is; nil without.
func inputOf(d *nir.Data) nir.Series {
	series := d.Find(network.InputName, "spikes")
	if series == nil {
		series = d.Find(network.InputName, "values")
	}
	if series == nil && len(d.Nodes) == 1 && len(d.Nodes[0].Observables) == 1 {
		series = d.Nodes[0].Observables[0].Series
	}
	return series
}

// Samples is how many inputs NIRData holds.
func Samples(d *nir.Data) int {
	switch s := inputOf(d).(type) {
	case *nir.Events:
		return s.Samples
	case *nir.TimeGrid:
		return s.Data.Shape[0]
	}
	return 0
}

// Replay finds the spikes of a sample in NIRData that go into a network of some
// input: those of the node "input", or of the only one there is. steps is how
// many steps of step µs they last.
func Replay(d *nir.Data, sample int, in pipeline.Shape, step int64) (spikes *pipeline.Spikes, steps int, err error) {
	neurons, last := 0, 0.0
	switch s := inputOf(d).(type) {
	case *nir.Events:
		neurons, last = s.Neurons, s.TMax
		spikes, err = s.Spikes(sample)
	case *nir.TimeGrid:
		spikes, err = s.Spikes(sample)
		if err == nil {
			neurons, last = s.Data.Shape[2], float64(s.Data.Shape[1])*s.DT
		}
	default:
		return nil, 0, fmt.Errorf("no spikes of a node %q, and no only node", network.InputName)
	}
	steps = int(math.Ceil(last*1e6/float64(step) - 1e-6))
	switch {
	case err != nil:
		return nil, 0, err
	case neurons != in.Size():
		return nil, 0, fmt.Errorf("recorded of %d neurons, the network takes %v", neurons, in)
	case steps < 1 || steps > math.MaxInt32:
		return nil, 0, fmt.Errorf("recorded for %v s", last)
	case spikes.Len() > 0 && (spikes.T[0] < 0 || spikes.T[len(spikes.T)-1] >= int64(steps)*step):
		return nil, 0, errors.New("spikes lie outside of the time recorded")
	}
	return spikes, steps, nil
}
