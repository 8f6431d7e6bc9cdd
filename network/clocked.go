package network

import (
	"errors"
	"fmt"

	"ganglion/pipeline"
)

// validateExtended checks what NIR does not have: adaptation and a
// refractory period.
func (n Clocked) validateExtended() error {
	if n.Adapt == nil && len(n.Refractory) == 0 {
		return nil
	}
	switch {
	case n.Rule < ToReset || n.Rule > SubtractNext:
		return errors.New("only neurons that fire by their membrane have a refractory period or adapt")
	case n.Compete != nil:
		return errors.New("neurons that compete have no refractory period and do not adapt")
	}
	for i, steps := range n.Refractory {
		if steps < 0 || steps > MaxDelay {
			return fmt.Errorf("refractory period of %d steps of neuron %d is outside 0..%d", steps, i, MaxDelay)
		}
	}
	if n.Adapt == nil {
		return nil
	}
	if n.Adapt.OnThreshold && n.Rule == SubtractMany {
		return errors.New("an adaptive threshold may sink to 0, where several spikes a step have no end")
	}
	for i, d := range n.Adapt.Decay {
		if !(d >= -1 && d <= 1) {
			return fmt.Errorf("adaptation of neuron %d grows by itself: decay %v", i, d)
		}
	}
	return nil
}

// Clocked is a clock-driven layer: it advances by the network's step, as the simulators
// that exchange NIR files do. In every step the inputs of each neuron are
// summed to x, and then, with parameters by neuron:
//
//	x = x + Drive
//	i = SynDecay*i + SynGain*x      (when SynDecay is set; x = i below)
//	v = Decay*v + Gain*x + Leak
//
// and the neuron fires by Rule. Every parameter slice holds one value for each
// neuron, or one for all, or nothing, which means 0 (for Decay and Gain, 1).
type Clocked struct {
	Drive     []float32
	LateDrive []float32 // as Drive, but not in the first step (recurrent bias in Norse)
	SynDecay  []float32
	SynGain   []float32
	Decay     []float32
	Gain      []float32
	Leak      []float32
	Threshold []float32
	Reset     []float32
	Floor     []float32 // lower bound of v; nil for none
	Rule      Rule
	Late      bool    // spikes leave one step after they are made
	Delay     []int32 // Relay only: whole steps that each value waits
	Loihi     *Loihi  // Integer only
	Inclusive bool    // v >= Threshold fires, not only v >

	Refractory  []int32      // whole steps in which a neuron that fired takes no input
	Adapt       *Adaptation  // nil: neurons do not adapt
	Homeostasis *Homeostasis // nil: thresholds stay
	Compete     *Competition // nil: every neuron fires for itself
}

func (n Clocked) outShape(in pipeline.Shape) pipeline.Shape { return in }

func (n Clocked) validate() error {
	if n.Rule < Relay || n.Rule > Integer {
		return fmt.Errorf("no rule %d", n.Rule)
	}
	if l := n.Loihi; (n.Rule == Integer) != (l != nil) || l != nil && (l.DU < 0 || l.DU > 4095 || l.DV < 0 || l.DV > 4096) {
		return errors.New("integer neurons need decays of 12 bits")
	}
	if n.spiking() && n.Rule != Integer && len(n.Threshold) == 0 {
		return errors.New("no threshold")
	}
	if n.Rule == SubtractMany {
		for i, v := range n.Threshold {
			if !(v > 0) {
				return fmt.Errorf("threshold %v of neuron %d is not positive, so it fires without end", v, i)
			}
		}
	}
	if n.Homeostasis != nil {
		if err := n.Homeostasis.validate(n.Rule); err != nil {
			return err
		}
	}
	if n.Compete != nil {
		if err := n.Compete.validate(n.Rule, n.Late); err != nil {
			return err
		}
	}
	if err := n.validateExtended(); err != nil {
		return err
	}
	for i, d := range n.Delay {
		if d < 0 || d > MaxDelay || n.Rule != Relay {
			return fmt.Errorf("delay of %d steps of neuron %d is outside 0..%d, or the layer is not a relay", d, i, MaxDelay)
		}
	}
	return nil
}

// MaxDelay bounds delays and refractory periods, in steps.
const MaxDelay = 1 << 16

func (n Clocked) spiking() bool { return n.Rule >= ToReset }

// fits checks the lengths of the parameters against a size.
func (n Clocked) fits(size int) error {
	adapt := n.Adapt
	if adapt == nil {
		adapt = &Adaptation{}
	}
	for _, p := range []struct {
		name string
		v    []float32
	}{
		{"adaptation decay", adapt.Decay}, {"adaptation coupling", adapt.Couple}, {"adaptation jump", adapt.Jump},
		{"adaptation rest", adapt.Rest},
		{"drive", n.Drive}, {"late drive", n.LateDrive}, {"synaptic decay", n.SynDecay}, {"synaptic gain", n.SynGain},
		{"decay", n.Decay}, {"gain", n.Gain}, {"leak", n.Leak}, {"threshold", n.Threshold}, {"reset", n.Reset}, {"floor", n.Floor},
	} {
		if len(p.v) > 1 && len(p.v) != size {
			return fmt.Errorf("%s has %d values for %d neurons", p.name, len(p.v), size)
		}
	}
	for _, p := range []struct {
		name string
		v    []int32
	}{{"delay", n.Delay}, {"refractory period", n.Refractory}} {
		if len(p.v) > 1 && len(p.v) != size {
			return fmt.Errorf("%s has %d values for %d neurons", p.name, len(p.v), size)
		}
	}
	if d := int(n.longest()) + 1; d*size > maxNeurons {
		return fmt.Errorf("delays of up to %d steps for %d neurons hold more than %d values", d-1, size, maxNeurons)
	}
	return nil
}

// longest is the longest delay, in steps.
func (n Clocked) longest() int32 {
	longest := int32(0)
	for _, d := range n.Delay {
		longest = max(longest, d)
	}
	return longest
}
