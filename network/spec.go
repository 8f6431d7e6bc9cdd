package network

import (
	"time"

	"ganglion/pipeline"
)

// InputName is the name of the input layer in [Connection.From].
const InputName = "input"

// Spec describes a network. Names, kernels and neuron models follow NIR
// (Pedersen et al. 2024) where NIR has them.
type Spec struct {
	Input  pipeline.Shape // [C, H, W], [C, N] or [N]
	Layers []LayerSpec    // in topological order
	// Step floors spike times to a multiple of itself, so that all spikes of
	// one step count as simultaneous. 0 keeps exact microseconds. Windows must
	// be cut at multiples of the step.
	Step time.Duration
}

// LayerSpec is one layer: inputs, summed, into neurons of one model.
type LayerSpec struct {
	Name   string
	Inputs []Connection
	Neuron Neuron
}

// Connection carries the spikes of one layer to another.
type Connection struct {
	From    string // name of a layer, or InputName
	Kernel  Kernel
	Depress *Depression // nil: every spike arrives at full strength
	Plastic *STDP       // nil: the weights stay
	// Delays are how many whole steps each synapse of a clocked layer takes, or
	// how many µs each of an exact one, parallel to the kernel's weights; nil
	// for none.
	Delays []int32
	// Latency is what the spikes of each presynaptic neuron take on top, µs, or
	// those of all; of exact layers only, nil for none.
	Latency []int64
	// Recurrent spikes arrive one step later; those into an exact layer after
	// their delay, which is 1 µs at least. It must be set exactly where From is
	// not an earlier layer: the layer itself or a later one.
	Recurrent bool
}

// Neuron is a neuron model of a layer: [LIF], [Exact], [TimeDifference] or [Clocked].
type Neuron interface {
	validate() error
	// outShape is the layer's shape behind kernels that deliver to shape in.
	outShape(in pipeline.Shape) pipeline.Shape
}
