package network

import (
	"errors"
	"fmt"
	"math"
	"time"

	"ganglion/internal/portable"
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

// traces are the memories that spikes leave in one side of a plastic
// connection. Only those that are not 0 cost anything.
type traces struct {
	a         []float64 // by neuron or place
	live      []int32   // where a is not 0
	decay     float64   // in a step
	increment float64
	cut       float64 // below it, a trace is 0
	nearest   bool
}

func newTraces(size int, increment float64, tau time.Duration, step int64, pairing Pairing) traces {
	return traces{
		a: make([]float64, size), increment: increment, cut: math.Ldexp(math.Abs(increment), -50),
		decay: portable.Exp(-float64(step) / tau.Seconds() / 1e6), nearest: pairing == Nearest,
	}
}

// fade lets all traces decay by a step.
func (t *traces) fade() {
	kept := t.live[:0]
	for _, n := range t.live {
		if v := t.a[n] * t.decay; math.Abs(v) < t.cut {
			t.a[n] = 0
		} else {
			t.a[n] = v
			kept = append(kept, n)
		}
	}
	t.live = kept
}

// add marks a spike.
func (t *traces) add(n int32) {
	if t.increment == 0 {
		return
	}
	if t.a[n] == 0 {
		t.live = append(t.live, n)
	}
	if t.nearest {
		t.a[n] = t.increment
	} else {
		t.a[n] += t.increment
	}
}

// become replaces all traces.
func (t *traces) become(a []float64) {
	copy(t.a, a)
	t.live = t.live[:0]
	for n, v := range t.a {
		if v != 0 {
			t.live = append(t.live, int32(n))
		}
	}
}
