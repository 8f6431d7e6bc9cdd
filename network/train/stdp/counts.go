package stdp

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"ganglion/network/nir/nirnet"
)

// outputs runs samples through a network, each through a fresh one, and returns
// for each sample the sums of the network's output by neuron.
func outputs(ctx context.Context, l *nirnet.Lowered, samples []sample, progress func(done, total int)) ([][]float64, error) {
	all := make([][]float64, len(samples))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, s := range samples {
		g.Go(func() error { // one sample; waited for below
			r, err := nirnet.Infer(ctx, l, 1, s.spikes, 0, s.steps, nil)
			if err == nil {
				all[i] = r.Output
			}
			return err
		})
		progress(i, len(samples)) // those before it are done or running
	}
	return all, g.Wait()
}

// class is the index of the largest score, the first of equals.
func class(scores []float64) int {
	best := 0
	for i, v := range scores {
		if v > scores[best] {
			best = i
		}
	}
	return best
}
