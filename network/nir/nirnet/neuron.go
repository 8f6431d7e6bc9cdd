package nirnet

import (
	"fmt"
	"math"

	"ganglion/network"
	"ganglion/network/nir"
)

// neuron gives the clocked layer of a NIR neuron under a profile, and what its
// membrane's values are multiplied by (nil for nothing).
func (p Profile) neuron(op nir.Op) (c network.Clocked, scale []float64, err error) {
	switch n := op.(type) {
	case *nir.I:
		return network.Clocked{Rule: network.Readout, Gain: n.R.Float32s()}, nil, nil
	case *nir.IF:
		return p.fire(network.Clocked{Gain: n.R.Float32s()}, n.VThreshold, n.VReset, nil, p.Floor), nil, nil
	case *nir.LI:
		c, _, err = p.membrane(n.Tau, n.R, n.VLeak, p.Read, false)
		c.Rule = network.Readout
		return c, nil, err
	case *nir.LIF:
		c, scale, err = p.membrane(n.Tau, n.R, n.VLeak, p.Membrane, p.Scaled)
		return p.fire(c, n.VThreshold, n.VReset, scale, p.LeakyFloor), scale, err
	case *nir.CubaLI:
		c, err = p.cuba(n.TauSyn, n.WIn, n.TauMem, n.R, n.VLeak)
		c.Rule = network.Readout
		return c, nil, err
	case *nir.CubaLIF:
		c, err = p.cuba(n.TauSyn, n.WIn, n.TauMem, n.R, n.VLeak)
		c = p.fire(c, n.VThreshold, n.VReset, nil, p.LeakyFloor)
		if p.SynRule != network.Relay {
			c.Rule = p.SynRule
		}
		c.Late = p.Late || p.SynLate
		return c, nil, err
	case *nir.Threshold:
		return network.Clocked{Rule: network.Step, Threshold: n.Threshold.Float32s(), Inclusive: p.Inclusive}, nil, nil
	}
	return network.Clocked{}, nil, fmt.Errorf("%s is not a neuron", op.Type())
}

// membrane is a leaky membrane. scale is what the membrane's values are
// multiplied by.
func (p Profile) membrane(tau, r, leak nir.Tensor, input Input, scaled bool) (c network.Clocked, scale []float64, err error) {
	size := max(tau.Len(), r.Len(), leak.Len())
	for i := range size {
		decay, gain := p.leak(at(tau, i))
		if err := stable(decay, at(tau, i), p.DT); err != nil {
			return c, nil, err
		}
		if gain, err = p.driven(at(r, i), input.gain(decay, gain), at(tau, i)); err != nil {
			return c, nil, err
		}
		unit := 1.0
		if scaled && gain != 0 {
			unit = 1 / gain
		}
		scale = append(scale, unit)
		c.Decay = append(c.Decay, float32(decay))
		c.Gain = append(c.Gain, float32(gain*unit))
		c.Leak = append(c.Leak, float32(at(leak, i)*(1-decay)*unit))
	}
	return c, scale, nil
}

// driven is the gain of an input times r or w_in. Both r and tau of a membrane
// without leak may be infinite, with r dt/tau 1: an integrator.
func (p Profile) driven(r, gain, tau float64) (float64, error) {
	switch {
	case p.UnitR || math.IsInf(r, 1) && math.IsInf(tau, 1):
		r = 1
		if math.IsInf(tau, 1) {
			gain = 1
		}
	case math.IsInf(r, 0):
		return 0, fmt.Errorf("r or w_in of %v beside a time constant of %v s", r, tau)
	}
	return r * gain, nil
}

// cuba is a leaky membrane behind a leaky synapse. The synapse is updated
// first and the membrane sees its new current.
func (p Profile) cuba(tauSyn, win, tauMem, r, leak nir.Tensor) (network.Clocked, error) {
	c, _, err := p.membrane(tauMem, r, leak, p.Behind, false)
	if err != nil {
		return c, err
	}
	for i := range max(tauSyn.Len(), win.Len()) {
		decay, gain := p.leak(at(tauSyn, i))
		if err := stable(decay, at(tauSyn, i), p.DT); err != nil {
			return c, err
		}
		if gain, err = p.driven(at(win, i), p.Synapse.gain(decay, gain), at(tauSyn, i)); err != nil {
			return c, err
		}
		c.SynDecay = append(c.SynDecay, float32(decay))
		c.SynGain = append(c.SynGain, float32(gain))
	}
	return c, nil
}

// stable refuses time constants that a step cannot resolve.
func stable(decay, tau, dt float64) error {
	if !(tau > 0) || math.Abs(decay) > 1 {
		return fmt.Errorf("a time constant of %v s does not fit a step of %v s; choose another dt or profile", tau, dt)
	}
	return nil
}

// fire adds the profile's way of firing.
func (p Profile) fire(c network.Clocked, threshold, reset nir.Tensor, scale []float64, floor bool) network.Clocked {
	unit := func(i int) float64 {
		if scale == nil {
			return 1
		}
		return scale[min(i, len(scale)-1)]
	}
	c.Rule, c.Late, c.Inclusive = p.Rule, p.Late, p.Inclusive
	if p.Rest {
		c.Refractory = []int32{1}
	}
	for i := range max(threshold.Len(), len(scale)) {
		v := at(threshold, i) * unit(i)
		c.Threshold = append(c.Threshold, float32(v))
		if floor {
			c.Floor = append(c.Floor, float32(-v))
		}
	}
	if p.ZeroReset {
		return c
	}
	for i := range max(reset.Len(), len(scale)) {
		c.Reset = append(c.Reset, float32(at(reset, i)*unit(i)))
	}
	return c
}

// parameters are a neuron's parameters.
func parameters(op nir.Op) []nir.Tensor {
	switch n := op.(type) {
	case *nir.IF:
		return []nir.Tensor{n.R, n.VThreshold, n.VReset}
	case *nir.LI:
		return []nir.Tensor{n.Tau, n.R, n.VLeak}
	case *nir.LIF:
		return []nir.Tensor{n.Tau, n.R, n.VLeak, n.VThreshold, n.VReset}
	case *nir.CubaLI:
		return []nir.Tensor{n.TauSyn, n.TauMem, n.R, n.VLeak, n.WIn}
	case *nir.CubaLIF:
		return []nir.Tensor{n.TauSyn, n.TauMem, n.R, n.VLeak, n.VThreshold, n.VReset, n.WIn}
	}
	return nil
}

// alike checks that parameters hold one value for each neuron, or one for all,
// or none.
func alike(all ...nir.Tensor) error {
	size := 1
	for _, t := range all {
		if n := t.Len(); n > 1 && size > 1 && n != size {
			return fmt.Errorf("parameters for %d and for %d neurons", size, n)
		}
		size = max(size, t.Len())
	}
	return nil
}

// at is a parameter of neuron i, or the one value of all; 0 where there is
// none.
func at(t nir.Tensor, i int) float64 {
	switch t.Len() {
	case 0:
		return 0
	case 1:
		return t.At(0)
	}
	return t.At(i)
}
