package nirnet

import (
	"errors"
	"fmt"
	"math"

	"ganglion/network"
	"ganglion/network/nir"
)

// eventMethod is the method of a profile that is exact between events, without
// steps. A spike is a current pulse of height 1 and length dt that ends at the
// spike's time: it raises a leaky membrane by r x (1 - exp(-dt/tau)). A membrane
// without leak rises by r x, as all simulators have it.
const eventMethod = "event"

var errSteps = errors.New("it needs steps, which this profile does not have")

// event gives a node's layer under a profile without steps. drive is the sum
// of the biases that lead into it.
func (l *lowering) event(n int, drive []float32) (network.Neuron, error) {
	x, err := extensionOf(l.g.Nodes[n])
	if err == nil {
		err = alike(parameters(l.g.Nodes[n].Op)...)
	}
	if err != nil {
		return nil, err
	}
	if x.AdaptationTau.Len() > 0 {
		return nil, fmt.Errorf("adaptation: %w", errSteps)
	}
	var e network.Exact
	switch op := l.g.Nodes[n].Op.(type) {
	case *nir.IF:
		e = network.Exact{Gain: op.R.Float64s(), Threshold: op.VThreshold.Float64s(), Reset: op.VReset.Float64s(), Rule: l.p.Rule}
		if drive != nil {
			return nil, fmt.Errorf("a bias into a membrane without leak: %w", errSteps)
		}
	case *nir.LIF:
		if e, err = l.leaky(op, drive); err != nil {
			return nil, err
		}
	case *nir.Threshold:
		e = network.Exact{Rule: network.Step, Threshold: op.Threshold.Float64s()}
	case *nir.Delay, *nir.CubaLIF:
		return nil, errSteps
	default:
		if nir.Neuron(op) {
			return nil, fmt.Errorf("a membrane that is read in every step: %w", errSteps)
		}
		e = network.Exact{Rule: network.Relay}
		if drive != nil {
			return nil, fmt.Errorf("a bias that does not lead into a neuron: %w", errSteps)
		}
	}
	for i := range x.Refractory.Len() {
		e.Refractory = append(e.Refractory, l.sensor(x.Refractory.At(i)).Microseconds())
	}
	return e, nil
}

// leaky is a LIF neuron in closed form. A bias moves the value that it leaks
// to.
func (l *lowering) leaky(op *nir.LIF, drive []float32) (network.Exact, error) {
	e := network.Exact{Threshold: op.VThreshold.Float64s(), Reset: op.VReset.Float64s(), Rule: l.p.Rule}
	for i := range max(op.Tau.Len(), op.R.Len(), op.VLeak.Len(), len(drive)) {
		tau := at(op.Tau, i)
		if !(tau > 0) || math.IsInf(tau, 0) {
			return e, fmt.Errorf("a time constant of %v s", tau)
		}
		keep, gain := Profile{DT: l.p.DT, Method: "exact"}.leak(tau)
		rest := at(op.VLeak, i)
		if drive != nil {
			rest += float64(at(op.R, i) * float64(drive[min(i, len(drive)-1)]))
		}
		e.Tau = append(e.Tau, tau/l.p.DT*float64(l.out.Step.Microseconds()))
		e.Gain = append(e.Gain, at(op.R, i)*gain)
		e.Rest, e.Pulse = append(e.Rest, rest), append(e.Pulse, keep)
	}
	return e, nil
}
