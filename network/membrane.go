package network

import (
	"math"

	"ganglion/internal/portable"
)

// The closed form of an [Exact] neuron. A synaptic current is kept as its
// distance from where it settles, and what it settles at is part of the
// membrane's rest, so
//
//	i(t) = i e^(-t/SynTau)
//	v(t) = rest + (v - rest) e^(-t/Tau) + Gain i K(t)
//	K(t) = (e^(-t/SynTau) - e^(-t/Tau)) / (1 - Tau/SynTau)
//
// (Rotter & Diesmann 1999). For time constants close to each other K
// is the quotient of two small numbers; with d = 1/Tau - 1/SynTau it is also
//
//	K(t) = t/Tau e^(-t/Tau) (e^(dt) - 1)/(dt)
//
// whose limit for equal time constants is t/Tau e^(-t/Tau).

// Charge is how far a membrane at rest comes towards 1 in a time t in which an
// input of 1 flows into the synapse before it: 1 - e^(-t/tau) - K(t).
func Charge(t, tau, syn float64) float64 {
	membrane := portable.Exp(-t / tau)
	return 1 - membrane - response(t, tau, syn, membrane, portable.Exp(-t/syn))
}

// response is K(t) of neuron i, given e^(-t/Tau) and e^(-t/SynTau).
func (l *exactLayer) response(i int, t, membrane, synapse float64) float64 {
	return response(t, pick(l.Tau, i, 0), pick(l.SynTau, i, 0), membrane, synapse)
}

func response(t, tau, syn, membrane, synapse float64) float64 {
	d := 1/tau - 1/syn
	if x := float64(d * t); math.Abs(x) <= 1./16 {
		return float64(float64(t/tau*membrane) * growthRate(x))
	}
	return (synapse - membrane) / float64(d*tau)
}

// growthRate is (e^x - 1)/x for |x| <= 1/16, by its series.
func growthRate(x float64) float64 {
	sum := 1.0
	for n := 9.0; n >= 2; n-- {
		sum = 1 + float64(x/n*sum)
	}
	return sum
}

// peak is the largest K of neuron i, at t = ln(Tau/SynTau)/(1/SynTau - 1/Tau),
// or Tau where the two are equal, with a margin for rounding.
func (l *exactLayer) peak(i int) float64 {
	tau, syn := pick(l.Tau, i, 0), pick(l.SynTau, i, 0)
	t := tau
	if d := 1/syn - 1/tau; math.Abs(float64(d*tau)) > 1e-6 {
		t = portable.Log(tau/syn) / d
	}
	return float64(l.response(i, t, portable.Exp(-t/tau), portable.Exp(-t/syn)) * (1 + 1e-9))
}

// flow is what becomes of membrane v and current c of neuron i in t µs.
func (l *exactLayer) flow(i int, v, c, t float64) (float64, float64) {
	tau := pick(l.Tau, i, math.Inf(1))
	if math.IsInf(tau, 1) {
		return v + float64(pick(l.Drive, i, 0)*t), 0
	}
	rest := pick(l.rest, i, 0)
	if l.current == nil {
		if v != rest {
			v = rest + float64((v-rest)*portable.Exp(-t/tau))
		}
		return v, 0
	}
	membrane, synapse := portable.Exp(-t/tau), portable.Exp(-t/pick(l.SynTau, i, 0))
	v = rest + float64((v-rest)*membrane)
	if c != 0 {
		v += float64(float64(pick(l.Gain, i, 1)*c) * l.response(i, t, membrane, synapse))
	}
	return v, float64(c * synapse)
}

// slope is dv/dt of neuron i, 1/µs, where its current drives it by Gain*i.
func (l *exactLayer) slope(i int, v, drive float64) float64 {
	tau := pick(l.Tau, i, math.Inf(1))
	if math.IsInf(tau, 1) {
		return pick(l.Drive, i, 0)
	}
	return (pick(l.rest, i, 0) - v + drive) / tau
}

// never is a time that does not come.
const never = math.MaxInt64

// maxAhead is how far ahead a spike is looked for, µs: 142 years.
const maxAhead = 1 << 52

// look says when to look at neuron i again to find its next spike, seen from
// time t: it cannot fire before. never means that it does not fire unless
// something reaches it.
//
// As long as the membrane lies above v(t) it rises at most as fast as
//
//	s = (rest - v + Gain max(i, 0)) / Tau
//
// says, since i decays; and time that it spends below v(t) is lost to it. So it
// takes (Threshold - v)/s at least. Where the membrane is concave, as it is on
// its way up behind an input, this is Newton's method from the left: each look
// comes twice as many digits closer, and the last one finds the first whole µs
// above the threshold. Bounds of this kind are what event-driven simulation of
// such neurons rests on (Brette, Neural Computation 19:2604, 2007; D'Haene et
// al., Neural Computation 21:1068, 2009). Looking changes nothing.
func (l *exactLayer) look(i int, t int64) int64 {
	if l.ready != nil {
		t = max(t, l.ready[i])
	}
	v, c := l.at(i, t)
	threshold := pick(l.Threshold, i, 0)
	if v > threshold {
		return t + 1
	}
	if !l.settles(i, threshold) && !l.lifts(i, v, c, threshold) {
		return never
	}
	s := l.slope(i, v, max(float64(pick(l.Gain, i, 1)*c), 0))
	if !(s > 0) {
		return never
	}
	wait := float64((threshold - v) / s * (1 - 1e-9))
	if !(wait < maxAhead) {
		return never
	}
	return t + max(int64(wait), 1)
}

// settles reports whether neuron i, left alone, comes to lie above its threshold.
func (l *exactLayer) settles(i int, threshold float64) bool {
	if len(l.Tau) == 0 || math.IsInf(pick(l.Tau, i, 0), 1) {
		return pick(l.Drive, i, 0) > 0
	}
	return pick(l.rest, i, 0) > threshold
}

// lifts reports whether the current c may lift neuron i, which settles below its
// threshold, above it.
func (l *exactLayer) lifts(i int, v, c, threshold float64) bool {
	if l.current == nil {
		return false
	}
	drive := float64(pick(l.Gain, i, 1) * c)
	if !(l.slope(i, v, drive) > 0) {
		return false
	}
	rest := pick(l.rest, i, 0)
	return rest+max(v-rest, 0)+float64(drive*pick(l.peaks, i, 0)) > threshold
}
