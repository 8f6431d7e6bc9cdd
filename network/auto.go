package network

import (
	"math"
	"runtime"
	"slices"
	"time"

	"ganglion/pipeline"
)

// NewAuto compiles a network for the number of shards, up to GOMAXPROCS without
// the processors that others need beside it, that runs a probe fastest: small
// networks lose more at barriers than they gain. The choice changes no result.
func NewAuto(spec Spec, beside int) (*Engine, error) {
	best, err := New(spec, 1)
	most := min(runtime.GOMAXPROCS(0)-beside, maxShards)
	if err != nil || most < 2 {
		return best, err
	}
	fastest := probe(best)
	shards := 1
	for n := 2; n <= most; n *= 2 {
		e, err := New(spec, n)
		if err != nil {
			return nil, err
		}
		took := probe(e)
		_ = e.Close()
		if took < fastest {
			fastest, shards = took, n
		}
	}
	_ = best.Close()
	return New(spec, shards) // fresh: a probe leaves traces
}

// The probe: windows of 10 steps (at least 1 ms) in which some neurons fire,
// spread evenly in place and time. The shortest of its windows counts, so that
// a busy machine does not decide.
const (
	probeWindows = 6
	probeShare   = .02 // of the input neurons in each window
	probeSpikes  = 20_000
)

func probe(e *Engine) time.Duration {
	length := max(10*e.win.clock.step, 1000/e.win.clock.step*e.win.clock.step)
	size := e.input.Size()
	n := min(max(int(float64(size)*probeShare), 1), probeSpikes)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(e.layers))}
	shortest := time.Duration(math.MaxInt64)
	for w := range int64(probeWindows) {
		var in pipeline.Spikes
		for i := range n {
			// A golden-ratio walk visits places evenly without a pattern.
			place := math.Mod(float64(float64(i)*math.Phi)+float64(float64(w)*.37), 1)
			in.Append(w*length+int64(i)*length/int64(n), uint32(place*float64(size)))
		}
		for r := range in.T {
			slices.Sort(in.Run(r))
		}
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
		}
		start := time.Now()
		if err := e.advance(pipeline.Window{Start: w * length, End: (w + 1) * length}, &in, &act); err != nil {
			return math.MaxInt64
		}
		shortest = min(shortest, time.Since(start))
	}
	return shortest
}
