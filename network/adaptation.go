package network

import "fmt"

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

// validateExtended checks what NIR does not have: adaptation and refractory
// time.
func (n Clocked) validateExtended() error {
	if n.Adapt == nil && len(n.Refractory) == 0 {
		return nil
	}
	switch {
	case n.Rule < ToReset || n.Rule > SubtractNext:
		return fmt.Errorf("only neurons that fire by their membrane have a refractory period or adapt")
	case n.Compete != nil:
		return fmt.Errorf("neurons that compete have no refractory period and do not adapt")
	}
	for i, steps := range n.Refractory {
		if steps < 0 || steps > maxDelay {
			return fmt.Errorf("refractory period of %d steps of neuron %d is outside 0..%d", steps, i, maxDelay)
		}
	}
	if n.Adapt == nil {
		return nil
	}
	if n.Adapt.OnThreshold && n.Rule == SubtractMany {
		return fmt.Errorf("an adaptive threshold may sink to 0, where several spikes a step have no end")
	}
	for i, d := range n.Adapt.Decay {
		if !(d >= -1 && d <= 1) {
			return fmt.Errorf("adaptation of neuron %d grows by itself: decay %v", i, d)
		}
	}
	return nil
}

// extend makes the state of what [Clocked.validateExtended] checks.
func (l *clockedLayer) extend(n Clocked) {
	size := len(l.x)
	if len(n.Refractory) > 0 {
		l.resting, l.refractory = make([]int32, size), make([]int32, size)
		for i := range l.refractory {
			l.refractory[i] = n.Refractory[min(int(l.id(int32(i))), len(n.Refractory)-1)]
		}
	}
	if a := n.Adapt; a != nil {
		l.adapted = make([]float32, size)
		l.Adapt = &Adaptation{
			Decay: l.arrange(a.Decay, 0), Couple: l.arrange(a.Couple, 0), Jump: l.arrange(a.Jump, 0), Rest: l.arrange(a.Rest, 0),
			OnThreshold: a.OnThreshold,
		}
	}
}

// integrateExtended is integrate for neurons that adapt or have a refractory
// time. In that time the membrane stays as the spike left it and input to it
// is lost; synaptic currents and adaptation go on.
func (b *clockedBlock) integrateExtended(s segment) {
	for n := s.first; n < s.first+s.n; n++ {
		x := b.x[n]
		b.x[n] = 0
		if b.i != nil {
			x = float32(b.SynDecay[n]*b.i[n]) + float32(b.SynGain[n]*x)
			b.i[n] = x
		}
		if b.resting != nil && b.resting[n] > 0 {
			b.resting[n]--
			b.adapt(n, 0)
			if b.late != nil {
				b.fire(n, 0)
			}
			continue
		}
		if b.adapted != nil && !b.Adapt.OnThreshold {
			x -= b.adapted[n]
		}
		before := b.v[n]
		v, z := b.decide(n, before, float32(b.Decay[n]*before)+float32(b.Gain[n]*x)+b.Leak[n])
		if b.Floor != nil && v < b.Floor[n] {
			v = b.Floor[n]
		}
		b.v[n] = v
		if z > 0 && b.resting != nil {
			b.resting[n] = b.refractory[n]
		}
		b.adapt(n, z)
		if z > 0 || b.late != nil {
			b.fire(n, z)
		}
	}
}

// adapt ends a step for a neuron's adaptation.
func (b *clockedBlock) adapt(n int32, z uint32) {
	if a := b.Adapt; a != nil {
		b.adapted[n] = float32(a.Decay[n]*b.adapted[n]) + float32(a.Couple[n]*(b.v[n]-a.Rest[n])) + float32(a.Jump[n]*float32(z))
	}
}
