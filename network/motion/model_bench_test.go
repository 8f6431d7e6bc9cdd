package motion

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// BenchmarkNetwork is the motion network on 640x480: edges that sweep over
// 5 Hz/px of noise, a realistic mix of dense motion and scattered noise.
func BenchmarkNetwork(b *testing.B) {
	const w, h, window, windows = 640, 480, 10_000, 20
	trains := make([]pipeline.Spikes, windows)
	var events int
	var shift int64 // of the trains' times: they resume from run to run
	for i := range trains {
		events += sweep(&trains[i], w, h, int64(i)*window, window)
	}
	for _, c := range []struct {
		slow   bool
		shards int
	}{{false, 1}, {false, 2}, {true, 1}, {true, 2}} {
		b.Run(fmt.Sprintf("slow=%t/shards=%d", c.slow, c.shards), func(b *testing.B) {
			cfg := NewDefaultModelConfig()
			cfg.Shards, cfg.Slow.On = component.Count(c.shards), c.slow
			e, err := New(cfg, pipeline.Shape{2, h, w})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(e.Layers()))}
			var ops uint64
			b.ReportAllocs()
			for b.Loop() {
				for i := range trains {
					for l := range act.Layers {
						act.Layers[l].Spikes.Reset()
						act.Layers[l].SynOps = 0
					}
					start := shift + int64(i)*window
					if err := e.Step(b.Context(), pipeline.Window{Start: start, End: start + window}, &trains[i], &act); err != nil {
						b.Fatal(err)
					}
					for j := range trains[i].T {
						trains[i].T[j] += windows * window
					}
					for l := range act.Layers {
						ops += act.Layers[l].SynOps
					}
				}
				shift += windows * window
			}
			b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
			b.ReportMetric(float64(ops)/b.Elapsed().Seconds()/1e6, "Msynops/s")
		})
	}
}

// sweep appends one window of a scene: ten vertical edges moving right at
// 500 px/s, each pixel firing three times as an edge passes, over noise.
func sweep(s *pipeline.Spikes, w, h int, start, window int64) int {
	r := rand.New(rand.NewPCG(uint64(start), 2))
	type spike struct {
		t  int64
		id uint32
	}
	var all []spike
	for k := range 10 {
		for t := start; t < start+window; t += 2000 {
			x := (k*61 + int(t/2000)) % w
			for y := 40; y < h-40; y++ {
				for n := range int64(3) {
					all = append(all, spike{t + n*600 + r.Int64N(500), uint32((k%2*h+y)*w + x)})
				}
			}
		}
	}
	for range int(5 * float64(w*h) * float64(window) / 1e6) {
		all = append(all, spike{start + r.Int64N(window), uint32(r.IntN(2 * w * h))})
	}
	slices.SortFunc(all, func(a, b spike) int {
		if a.t != b.t {
			return int(a.t - b.t)
		}
		return int(a.id) - int(b.id)
	})
	for _, sp := range all {
		s.Append(sp.t, sp.id)
	}
	return len(all)
}
