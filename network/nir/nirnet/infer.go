package nirnet

import (
	"context"
	"fmt"

	"ganglion/network"
	"ganglion/pipeline"
)

// Result is what a network made of one recording.
type Result struct {
	Steps       int           `json:"steps"`
	InputSpikes int           `json:"input_spikes"`
	Layers      []LayerResult `json:"layers"` // the spiking layers in graph order
	Output      []float64     `json:"output"` // summed values of the output node
	Class       *int          `json:"class"`  // index of the largest output, the first of equals; nil where all are silent
	SynOps      uint64        `json:"synops"`
	DenseSynOps uint64        `json:"dense_synops"` // what a simulator that skips no zero would do
}

// LayerResult is the spike count of one layer.
type LayerResult struct {
	Name   string `json:"name"`
	Spikes int    `json:"spikes"`
}

// Infer runs the spikes of a recording through a fresh network: whole steps
// from start on, steps of them. The spikes must not lie before start. keep,
// when not nil, is called once with the layers and their activity.
func Infer(ctx context.Context, l *Lowered, shards int, in *pipeline.Spikes, start int64, steps int,
	keep func([]pipeline.Layer, *pipeline.Activity) error) (*Result, error) {
	var e *network.Engine
	var err error
	if shards > 0 {
		e, err = network.New(l.Spec, shards)
	} else {
		e, err = network.NewAuto(l.Spec)
	}
	if err != nil {
		return nil, err
	}
	defer e.Close()
	if steps < 1 {
		return nil, fmt.Errorf("the recording is shorter than one step of %v", l.Step)
	}
	layers := e.Layers()
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(layers))}
	act.Window = pipeline.Window{Start: start, End: start + int64(steps)*l.Step.Microseconds()}
	if err := e.Step(ctx, act.Window, in, &act); err != nil {
		return nil, err
	}
	r := &Result{Steps: steps, InputSpikes: in.Len()}
	for i, layer := range layers {
		a := &act.Layers[i]
		r.SynOps += a.SynOps
		r.DenseSynOps += layer.Synapses * uint64(steps)
		if layer.Name == l.Output {
			r.Output = total(&a.Spikes, layer.Shape.Size())
		}
	}
	for _, name := range l.Spiking {
		for i, layer := range layers {
			if layer.Name == name {
				r.Layers = append(r.Layers, LayerResult{name, act.Layers[i].Spikes.Len()})
			}
		}
	}
	r.Class = winner(r.Output)
	if keep != nil {
		return r, keep(layers, &act)
	}
	return r, nil
}

// total sums a train by neuron.
func total(s *pipeline.Spikes, size int) []float64 {
	sums := make([]float64, size)
	for i, id := range s.IDs {
		if len(s.Values) > 0 {
			sums[id] += float64(s.Values[i])
		} else {
			sums[id]++
		}
	}
	return sums
}

// winner is the index of the largest output, the first of equals; nil where
// all are 0, since silence is no answer.
func winner(output []float64) *int {
	best, silent := 0, true
	for i, v := range output {
		silent = silent && v == 0
		if v > output[best] {
			best = i
		}
	}
	if silent {
		return nil
	}
	return &best
}
