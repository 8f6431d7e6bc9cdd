package network

import (
	"math"
	"time"

	"ganglion/internal/portable"
)

// traces are the memories that spikes leave in one side of a plastic
// connection. Only those that are not 0 cost anything.
type traces struct {
	a         []float64 // by neuron or place
	live      []int32   // where a is not 0
	decay     float64   // in a step
	increment float64
	cut       float64 // below it, a trace is 0
	nearest   bool
}

func newTraces(size int, increment float64, tau time.Duration, step int64, pairing Pairing) traces {
	return traces{
		a: make([]float64, size), increment: increment, cut: math.Ldexp(math.Abs(increment), -50),
		decay: portable.Exp(-float64(step) / tau.Seconds() / 1e6), nearest: pairing == Nearest,
	}
}

// fade lets all traces decay by a step.
func (t *traces) fade() {
	kept := t.live[:0]
	for _, n := range t.live {
		if v := t.a[n] * t.decay; math.Abs(v) < t.cut {
			t.a[n] = 0
		} else {
			t.a[n] = v
			kept = append(kept, n)
		}
	}
	t.live = kept
}

// add marks a spike.
func (t *traces) add(n int32) {
	if t.increment == 0 {
		return
	}
	if t.a[n] == 0 {
		t.live = append(t.live, n)
	}
	if t.nearest {
		t.a[n] = t.increment
	} else {
		t.a[n] += t.increment
	}
}

// become replaces all traces.
func (t *traces) become(a []float64) {
	copy(t.a, a)
	t.live = t.live[:0]
	for n, v := range t.a {
		if v != 0 {
			t.live = append(t.live, int32(n))
		}
	}
}
