package network

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Rule is how a clocked neuron fires.
type Rule int

// The rules. z is the spike, θ the threshold.
const (
	Relay           Rule = iota // no spikes: x itself leaves, as a graded value where it is not 0
	Readout                     // no spikes: v leaves, as a graded value, in every step
	ToReset                     // z = v > θ; v = Reset where z
	Subtract                    // z = v > θ; v -= θ z
	SubtractMany                // z = trunc(v/θ) spikes where v > θ; v -= θ z
	SubtractDelayed             // z = (v before the update) > θ; v -= θ z after the update (Spyx)
	// θ is taken off v before the test where v was above θ before the update, v -= θ z (snnTorch
	// without a delay of the reset)
	SubtractTwice
	SubtractNext // z = v > θ; θ is taken off in the next step, after the decay (snnTorch)
	Step         // z = x > θ; no state
	Integer      // fixed point, see [Loihi]
)

// Loihi is the fixed-point LIF of Intel's Loihi as Lava simulates it, with
// 12-bit decays and inputs that are whole numbers:
//
//	u = u*(4096-DU-1)/4096 + x<<6
//	v = v*(4096-DV)/4096 + u
//	z = v > Threshold<<6; v = 0 where z
//
// The divisions round towards zero.
type Loihi struct{ DU, DV, Threshold int32 }

// Adaptation makes the neurons of a [Clocked] layer adaptive (adLIF; Brette &
// Gerstner 2005, in steps as in the RadLIF of Bittar & Garner, Frontiers in
// Neuroscience 16:865897, 2022). A variable w follows the membrane and the
// neuron's own spikes; at the end of every step, v being the membrane after
// its reset and z the number of spikes,
//
//	w = Decay*w + Couple*(v - Rest) + Jump*z
//
// and in the next step w is taken off the input,
//
//	v = Decay*v + Gain*(x - w) + Leak
//
// or, OnThreshold, added to the threshold (as in the LSNN of Bellec et al.
// 2018). The slices hold one value for each neuron, or one for all, or nothing
// for 0.
//
// RadLIF couples to the membrane before its reset by θ; it is this one with
// its own a as Couple and b + aθ as Jump.
type Adaptation struct {
	Decay, Couple, Jump, Rest []float32
	OnThreshold               bool
}

// Homeostasis keeps neurons from firing all the time (Diehl & Cook 2015): each
// spike raises the threshold by Rise from the next step on, and what was added
// decays with the time constant Tau. It belongs to a [Clocked] layer.
type Homeostasis struct {
	Rise float64
	Tau  time.Duration
	// ByChannel lets all neurons of a channel share one threshold, as the
	// neurons of a convolution share their weights.
	ByChannel bool
}

func (h Homeostasis) validate(r Rule) error {
	switch {
	case r < ToReset || r > SubtractNext:
		return errors.New("only neurons with a membrane have a homeostatic threshold")
	case !(h.Rise >= 0) || !finite(h.Rise) || h.Tau < time.Microsecond:
		return fmt.Errorf("homeostasis with a rise of %v and a time constant of %v", h.Rise, h.Tau)
	}
	return nil
}

// Competition is lateral inhibition at its strongest, winner takes all: of the
// neurons of a group that would fire in a step, only the one furthest above its
// threshold does, of equals the one with the smallest id. It belongs to a
// [Clocked] layer that fires by ToReset.
type Competition struct {
	Group Group
	// Reset inhibits the others of the group: a spike resets all of them. Else
	// they keep their membranes and may win a later step.
	Reset bool
}

// Group is who competes.
type Group int

// The groups.
const (
	WholeLayer Group = iota // all neurons of the layer
	Channels                // the channels of each position
)

func (c Competition) validate(r Rule, late bool) error {
	if r != ToReset || late {
		return errors.New("only neurons that fire by reset, in the same step, compete")
	}
	if c.Group != WholeLayer && c.Group != Channels {
		return fmt.Errorf("no group %d", c.Group)
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
