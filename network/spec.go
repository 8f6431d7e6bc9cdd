package network

import (
	"fmt"
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

// Depression is short-term synaptic depression without facilitation
// (Tsodyks & Markram 1997): a spike is worth R, then R falls to R(1-Use) and
// recovers to 1 with the time constant Recovery. R belongs to the presynaptic
// neuron, so all its synapses of the connection share it.
type Depression struct {
	Use      float64       // fraction spent by a spike, in (0, 1)
	Recovery time.Duration // time constant
}

// Neuron is a neuron model of a layer: [LIF], [Exact], [TimeDifference] or [Clocked].
type Neuron interface {
	validate() error
	// outShape is the layer's shape behind kernels that deliver to shape in.
	outShape(in pipeline.Shape) pipeline.Shape
}

// LIF is the leaky integrate-and-fire neuron with impulse synapses:
//
//	dV/dt = -V/Tau,  V += w at a spike,  V > Threshold: spike and V = Reset.
//
// Input that arrives within Refractory after a spike is ignored. The solution
// between spikes is exact (exponential decay over the silent gap).
type LIF struct {
	Tau        time.Duration
	Threshold  float64
	Reset      float64 // membrane after a spike; at most Threshold
	Refractory time.Duration
}

func (n LIF) outShape(in pipeline.Shape) pipeline.Shape { return in }

func (n LIF) validate() error {
	switch {
	case n.Tau < time.Microsecond:
		return fmt.Errorf("tau %v is below 1µs", n.Tau)
	case !(n.Threshold > 0):
		return fmt.Errorf("threshold %v is not positive", n.Threshold)
	case !(n.Reset <= n.Threshold):
		return fmt.Errorf("reset %v is above the threshold %v", n.Reset, n.Threshold)
	case n.Refractory < 0 || n.Refractory > maxSpan:
		return fmt.Errorf("refractory period %v is outside 0..%v", n.Refractory, maxSpan)
	}
	return nil
}

// TimeDifference is a layer of time-difference encoders (TDE, Milde et al.
// 2018), the building block of spiking elementary motion detectors. Each input
// neuron has one TDE per tap: when the input neuron fires, the tap's TDE
// fires if the neuron Offset away in the same channel fired between Min and
// Max before, with the time of travel as its graded value, in µs.
//
// A layer over [C, H, W] has the shape [C, H, W, taps]. It takes exactly one
// connection, whose kernel is the identity ([Identity]).
type TimeDifference struct {
	Taps     []Offset
	Min, Max time.Duration // valid times of travel
}

// Offset is where a tap looks, px.
type Offset struct{ DX, DY int }

func (n TimeDifference) outShape(in pipeline.Shape) pipeline.Shape {
	return append(append(pipeline.Shape{}, in...), len(n.Taps))
}

func (n TimeDifference) validate() error {
	switch {
	case len(n.Taps) == 0:
		return fmt.Errorf("no taps")
	case n.Min < time.Microsecond:
		return fmt.Errorf("shortest time of travel %v is below 1µs", n.Min)
	case n.Max < n.Min || n.Max > maxSpan:
		return fmt.Errorf("longest time of travel %v is outside %v..%v", n.Max, n.Min, maxSpan)
	}
	return nil
}
