package network

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// STDP makes a connection of a clocked layer learn by the times of spikes:
// pair-based spike-timing-dependent plasticity (Song, Miller & Abbott 2000;
// the traces of Morrison, Diesmann & Gerstner 2008). Each presynaptic neuron
// has a trace p and each postsynaptic neuron a trace q. In every step, in this
// order,
//
//	p = p exp(-step/TauPlus),  q = q exp(-step/TauMinus)
//	a spike arrives:  p = p + APlus,   then w = clip(w + q)
//	a neuron fires:   q = q + AMinus,  then w = clip(w + p)
//
// so of two spikes in one step the presynaptic one comes first. AMinus is
// negative where post before pre weakens a synapse. What changes in a step
// counts from the next step on.
//
// Traces and weights are float64; membranes see the weights rounded to
// float32. A trace below 2^-50 of its increment is taken as 0.
//
// The weights of a [Conv2d] are shared: all synapses of one weight add up, the
// arrivals of a step in order of id and then its spikes, and the sum is clipped
// once for arrivals and once for spikes.
type STDP struct {
	APlus, AMinus     float64       // what a spike adds to p and q
	TauPlus, TauMinus time.Duration // time constants of p and q
	Pairing           Pairing
	Min, Max          float64 // bounds of every weight
	// Soft bounds scale a change by what is left: growth by Max-w, decline by
	// w-Min. The clip holds as well.
	Soft bool
}

// Pairing is which pairs of spikes count.
type Pairing int

// The pairings.
const (
	AllToAll Pairing = iota // every spike with all before it
	Nearest                 // every spike with the last one of the other side: a trace is set, not added to
)

// maxPlastic bounds the weights of a plastic connection: float32 numbers each.
const maxPlastic = 1 << 24

func (p STDP) validate(weights []float32) error {
	switch {
	case !(p.TauPlus >= time.Microsecond && p.TauMinus >= time.Microsecond):
		return fmt.Errorf("plasticity with time constants %v and %v below 1µs", p.TauPlus, p.TauMinus)
	case !finite(p.APlus, p.AMinus, p.Min, p.Max):
		return fmt.Errorf("plasticity with A+ %v, A- %v and bounds %v..%v", p.APlus, p.AMinus, p.Min, p.Max)
	case p.Min >= p.Max:
		return fmt.Errorf("plasticity with bounds %v..%v that hold nothing", p.Min, p.Max)
	case p.Pairing != AllToAll && p.Pairing != Nearest:
		return fmt.Errorf("no pairing %d", p.Pairing)
	case weights == nil:
		return errors.New("only dense, sparse and convolution kernels are plastic")
	case len(weights) > maxPlastic:
		return fmt.Errorf("%d plastic weights are more than %d", len(weights), maxPlastic)
	}
	for i, w := range weights {
		if !(float64(w) >= p.Min && float64(w) <= p.Max) {
			return fmt.Errorf("weight %d is %v, outside %v..%v", i, w, p.Min, p.Max)
		}
	}
	return nil
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// changed is a weight after a change d.
func (p *STDP) changed(w, d float64) float64 {
	if p.Soft {
		if d > 0 {
			d = float64(d * (p.Max - w))
		} else {
			d = float64(d * (w - p.Min))
		}
	}
	return min(max(w+d, p.Min), p.Max)
}

// kernelWeights are the weights of a kernel that can learn, nil for others.
func kernelWeights(k Kernel) []float32 {
	switch k := k.(type) {
	case Dense:
		return k.Weight
	case Sparse:
		return k.Weight
	case Conv2d:
		return k.Weight
	}
	return nil
}

// withWeights is a kernel that can learn with other weights.
func withWeights(k Kernel, w []float32) Kernel {
	switch k := k.(type) {
	case Dense:
		k.Weight = w
		return k
	case Sparse:
		k.Weight = w
		return k
	case Conv2d:
		k.Weight = w
		return k
	}
	return k
}
