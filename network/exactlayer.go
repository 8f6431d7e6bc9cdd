package network

import (
	"math"
	"slices"

	"ganglion/internal/portable"
	"ganglion/pipeline/state"
)

// exactLayer is what the shards of an [Exact] layer share. Each neuron belongs
// to one shard.
type exactLayer struct {
	Exact
	rest    []float64 // where membranes settle
	peaks   []float64 // of the response to a current; only with SynTau
	v       []float64
	current []float64 // less what it settles at; only with SynTau
	last    []int64   // when v and current were true, sensor time, µs
	ready   []int64   // when a neuron takes input again; only with Refractory
	x       []float64 // inputs of the current time
	hit     []bool    // concerned by the current time
	due     []int64   // when to look whether a neuron fires by itself; only where some can
	place   []int32   // where it stands in its shard's queue; -1 for nowhere
}

// unborn is the time of neurons before the first window.
const unborn = math.MinInt64 / 2

func newExactLayer(n Exact, size int) *exactLayer {
	l := &exactLayer{Exact: n, x: make([]float64, size), hit: make([]bool, size)}
	if !n.stateful() {
		return l
	}
	l.v, l.last = make([]float64, size), make([]int64, size)
	for i := range n.count() {
		l.rest = append(l.rest, n.settled(i))
	}
	if len(n.SynTau) > 0 {
		l.current = make([]float64, size)
		for i := range max(len(n.Tau), len(n.SynTau)) {
			l.peaks = append(l.peaks, l.peak(i))
		}
	}
	if len(n.Refractory) > 0 {
		l.ready = make([]int64, size)
	}
	if n.fires() && n.restless() {
		l.due, l.place = make([]int64, size), make([]int32, size)
	}
	for i := range l.last {
		l.last[i] = unborn
		if l.ready != nil {
			l.ready[i] = unborn
		}
		if l.due != nil {
			l.due[i], l.place[i] = never, -1
		}
		if l.current != nil {
			l.current[i] = -pick(n.SynRest, i, 0)
		}
	}
	return l
}

// at is the membrane and the current of neuron i at time t, not before the
// last. Within its refractory period the membrane stays.
func (l *exactLayer) at(i int, t int64) (v, c float64) {
	v, from := l.v[i], l.last[i]
	if l.current != nil {
		c = l.current[i]
	}
	if l.ready != nil && l.ready[i] > from {
		until := min(t, l.ready[i])
		if c != 0 {
			c = float64(c * portable.Exp(-float64(until-from)/pick(l.SynTau, i, 0)))
		}
		from = until
	}
	if t > from {
		v, c = l.flow(i, v, c, float64(t-from))
	}
	return v, c
}

// elapse brings neuron i to time t.
func (l *exactLayer) elapse(i int, t int64) {
	v, c := l.at(i, t)
	l.v[i], l.last[i] = v, t
	if l.current != nil {
		l.current[i] = c
	}
}

func (l *exactLayer) fields(c *state.Codec, end int64) {
	state.Array(c, l.v)
	state.Array(c, l.current)
	state.Array(c, l.last)
	state.Array(c, l.ready)
	if !c.Reading() {
		return
	}
	latest := func(times []int64, most int64) bool {
		return !slices.ContainsFunc(times, func(t int64) bool { return t < unborn || t > most })
	}
	c.Demand(finite(l.v...) && finite(l.current...), "a membrane or a current is not a number")
	c.Demand(latest(l.last, end), "a neuron was touched in the future")
	c.Demand(latest(l.ready, end+maxSpan.Microseconds()), "a neuron rests for too long")
}

// response is K(t) of neuron i, given e^(-t/Tau) and e^(-t/SynTau).
func (l *exactLayer) response(i int, t, membrane, synapse float64) float64 {
	return response(t, pick(l.Tau, i, 0), pick(l.SynTau, i, 0), membrane, synapse)
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
