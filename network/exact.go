package network

import (
	"errors"
	"fmt"
	"math"

	"ganglion/pipeline"
)

// Exact is an event-driven layer, exact between events. Between two events of
// a neuron its membrane and synaptic current have a closed form,
//
//	Tau dv/dt = Rest - v + Gain*i      (dv/dt = Drive without leak)
//	SynTau di/dt = SynRest - i         (with SynTau; else there is no i)
//
// and an event brings it up to date over the gap. At an event the inputs of one
// time are summed to x, and
//
//	v += Gain*x, or with SynTau  i += SynGain*x, v += SynKick*x
//
// Then the neuron fires by Rule: Relay and Readout never, Step where x is above
// the threshold, ToReset and Subtract where v is; Subtract as often as it takes
// to bring v to the threshold, at one time, but 1,024 times at most. Readout lets
// v leave, as a graded value, at every multiple of Every.
//
// With Pulse, the input is a current pulse that ends at its time, in which the
// membrane keeps the share Pulse of its distance from where it is going. A
// neuron that crosses its threshold within the pulse is reset there, and the
// rest of the pulse resumes from the reset, also in closed form.
//
// A membrane can also cross its threshold between events: a synaptic current
// lifts it, or it rests above the threshold, or it is driven. It then fires at
// the first whole µs at which it lies above the threshold. Spike times so have the resolution of sensor time, 1 µs, as in the exact
// integration with spikes on a grid of Rotter & Diesmann (Biological Cybernetics
// 81:381, 1999); a membrane that is above the threshold for less than 1 µs
// between two whole µs does not fire. When to look at a neuron is kept
// in a queue with one entry for each (firings, and exactLayer.look).
//
// v and i begin at 0 at the start of the first window. Every slice holds one
// value for each neuron, or one for all.
type Exact struct {
	Tau       []float64 // µs; +Inf for no leak; nil as well
	Rest      []float64 // nil: 0
	Gain      []float64 // nil: 1
	Drive     []float64 // 1/µs, of a membrane without leak; nil: 0
	Pulse     []float64 // exp(-length of a pulse/Tau); nil: inputs are impulses
	SynTau    []float64 // µs; nil: inputs act on the membrane
	SynGain   []float64 // nil: 1
	SynKick   []float64 // what a current has done to the membrane when its input is over; nil: 0
	SynRest   []float64 // nil: 0
	Threshold []float64
	Reset     []float64 // nil: 0
	// Refractory are the µs after a spike in which the membrane stays and
	// input to it is lost; a synaptic current continues. nil: none.
	Refractory []int64
	Rule       Rule
	Every      int64 // µs, Readout only
}

func (n Exact) outShape(in pipeline.Shape) pipeline.Shape { return in }

// fires reports whether the neurons fire by their membrane.
func (n Exact) fires() bool { return n.Rule == ToReset || n.Rule == Subtract }

// stateful reports whether there is a membrane.
func (n Exact) stateful() bool { return n.fires() || n.Rule == Readout }

// restless reports whether the layer does something in silence: a neuron may fire
// between events, or is read.
func (n Exact) restless() bool {
	if n.Rule == Readout {
		return true
	}
	for i := range n.count() {
		if n.fires() && (len(n.SynTau) > 0 || n.settlesAbove(i)) {
			return true
		}
	}
	return false
}

// count is how many neurons differ by their parameters.
func (n Exact) count() int {
	return max(1, len(n.Tau), len(n.Rest), len(n.Gain), len(n.Drive), len(n.SynRest), len(n.Threshold), len(n.Reset))
}

// settlesAbove reports whether neuron i, left alone, comes to lie above its
// threshold.
func (n Exact) settlesAbove(i int) bool {
	if math.IsInf(pick(n.Tau, i, math.Inf(1)), 1) {
		return pick(n.Drive, i, 0) > 0
	}
	return n.settled(i) > pick(n.Threshold, i, 0)
}

// settled is where the membrane of neuron i, which leaks, settles.
func (n Exact) settled(i int) float64 {
	return pick(n.Rest, i, 0) + float64(pick(n.Gain, i, 1)*pick(n.SynRest, i, 0))
}

// maxTau bounds time constants, µs: some 30 years.
const maxTau = 1e15

func (n Exact) validate() error {
	switch {
	case n.Rule != Relay && n.Rule != Readout && n.Rule != Step && !n.fires():
		return fmt.Errorf("rule %d needs steps", n.Rule)
	case n.Rule != Relay && n.Rule != Readout && len(n.Threshold) == 0:
		return errors.New("no threshold")
	case (n.Rule == Readout) != (n.Every > 0):
		return fmt.Errorf("read every %d µs", n.Every)
	case len(n.SynTau) > 0 && (len(n.Tau) == 0 || len(n.Pulse) > 0 || !n.stateful()):
		return errors.New("a synaptic current needs a membrane that leaks, and takes no pulses")
	case len(n.Drive) > 0 && len(n.Tau) > 0:
		return errors.New("only a membrane without leak has a drive: that of one with leak is part of its rest")
	}
	for i, tau := range n.Tau {
		if !(tau > 0) || len(n.SynTau) > 0 && !(tau <= maxTau) {
			return fmt.Errorf("a time constant of %v µs of neuron %d is not positive, or too long for a synaptic current", tau, i)
		}
	}
	for i, tau := range n.SynTau {
		if !(tau > 0 && tau <= maxTau) {
			return fmt.Errorf("a synaptic time constant of %v µs of neuron %d is not positive, or too long", tau, i)
		}
	}
	for i, keep := range n.Pulse {
		if !(keep > 0 && keep < 1) {
			return fmt.Errorf("a pulse of which neuron %d keeps %v", i, keep)
		}
	}
	for i, us := range n.Refractory {
		if us < 0 || us > maxSpan.Microseconds() {
			return fmt.Errorf("refractory period of %d µs of neuron %d is outside 0..%v", us, i, maxSpan)
		}
	}
	if !n.stateful() {
		return nil
	}
	return n.validateMembrane()
}

func (n Exact) validateMembrane() error {
	for i := range n.count() {
		threshold, reset := pick(n.Threshold, i, 0), pick(n.Reset, i, 0)
		switch settled := n.settled(i); {
		case settled-settled != 0 || pick(n.Drive, i, 0)-pick(n.Drive, i, 0) != 0:
			return fmt.Errorf("neuron %d settles at %v, driven by %v", i, settled, pick(n.Drive, i, 0))
		case n.Rule == Readout:
		case !(reset <= threshold):
			return fmt.Errorf("neuron %d fires without end: it is reset to %v, its threshold is %v", i, reset, threshold)
		case len(n.Pulse) > 0 && n.Rule == ToReset && reset == threshold:
			return fmt.Errorf("neuron %d is reset to its threshold, so a pulse makes it fire without end", i)
		case n.Rule == Subtract && !(threshold > 0):
			return fmt.Errorf("threshold %v of neuron %d is not positive, so it fires without end", threshold, i)
		}
	}
	return nil
}

// fits checks the lengths of the parameters against a size.
func (n Exact) fits(size int) error {
	for _, p := range []struct {
		name string
		n    int
	}{{"time constant", len(n.Tau)}, {"rest", len(n.Rest)}, {"gain", len(n.Gain)}, {"drive", len(n.Drive)}, {"pulse", len(n.Pulse)},
		{"synaptic time constant", len(n.SynTau)}, {"synaptic gain", len(n.SynGain)}, {"synaptic kick", len(n.SynKick)},
		{"synaptic rest", len(n.SynRest)},
		{"threshold", len(n.Threshold)}, {"reset", len(n.Reset)}, {"refractory period", len(n.Refractory)}} {
		if p.n > 1 && p.n != size {
			return fmt.Errorf("%s has %d values for %d neurons", p.name, p.n, size)
		}
	}
	return nil
}

// pick is a parameter of neuron i: its own, the one of all, or otherwise.
func pick[T any](v []T, i int, otherwise T) T {
	switch len(v) {
	case 0:
		return otherwise
	case 1:
		return v[0]
	}
	return v[i]
}
