package nirnet

import (
	"context"
	"errors"

	"ganglion/pipeline"
)

// Result is what a network made of one recording. Sparsities are NeuroBench's:
// shares of neurons and steps without a spike, and of weights that are 0.
// Energies are estimates from operation counts alone (see
// [pipeline.AddPicojoules]).
type Result struct {
	Steps       int           `json:"steps"`
	InputSpikes int           `json:"input_spikes"`
	Layers      []LayerResult `json:"layers"`          // the spiking layers in graph order
	Output      []float64     `json:"output"`          // summed values of the output node
	Class       *int          `json:"class"`           // index of the largest output, the first of equals; nil where all are silent
	Label       string        `json:"label,omitempty"` // that of the class, where the model states labels
	SynOps      uint64        `json:"synops"`
	DenseSynOps uint64        `json:"dense_synops"` // what a simulator that skips no zero would do

	ActivationSparsity float64 `json:"activation_sparsity"`
	ConnectionSparsity float64 `json:"connection_sparsity"`
	EnergyJ            float64 `json:"energy_j"`
	DenseEnergyJ       float64 `json:"dense_energy_j"`
}

// LayerResult is what one layer did.
type LayerResult struct {
	Name     string  `json:"name"`
	Spikes   int     `json:"spikes"`
	Neurons  int     `json:"neurons"`
	Sparsity float64 `json:"activation_sparsity"`
	SynOps   uint64  `json:"synops"`
}

// Infer runs the spikes of a recording through a fresh network, as
// [Runner.Run] does. keep, when not nil, is called once with the layers and
// their activity.
func Infer(ctx context.Context, l *Lowered, shards int, in *pipeline.Spikes, start int64, steps int,
	keep func([]pipeline.Layer, *pipeline.Activity) error) (result *Result, err error) {
	r, err := NewRunner(l, shards)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	result, act, err := r.Run(ctx, in, start, steps)
	if err != nil || keep == nil {
		return result, err
	}
	return result, keep(r.Layers(), act)
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
// all are 0, since silence is not an answer.
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
