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
