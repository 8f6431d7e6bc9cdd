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

func (l *exactLayer) appendState(b []byte) []byte {
	b = state.AppendSlice(b, l.v)
	b = state.AppendSlice(b, l.current)
	b = state.AppendSlice(b, l.last)
	return state.AppendSlice(b, l.ready)
}

func (l *exactLayer) restoreState(r *state.Reader, end int64) {
	state.ReadInto(r, l.v)
	state.ReadInto(r, l.current)
	state.ReadInto(r, l.last)
	state.ReadInto(r, l.ready)
	longest := maxSpan.Microseconds()
	switch {
	case !finite(l.v...) || !finite(l.current...):
		r.Fail("a membrane or a current is not a number")
	case slices.ContainsFunc(l.last, func(t int64) bool { return t < unborn || t > end }):
		r.Fail("a neuron was touched in the future")
	case slices.ContainsFunc(l.ready, func(t int64) bool { return t < unborn || t > end+longest }):
		r.Fail("a neuron rests for too long")
	}
}
