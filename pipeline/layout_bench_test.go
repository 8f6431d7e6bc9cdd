package pipeline

import (
	"math/rand/v2"
	"testing"
)

// flatSpike is the other layout that was measured: one struct a spike.
type flatSpike struct {
	t  int64
	id uint32
}

// BenchmarkSpikesLayout fills a train of 10 ms and walks it as a kernel does
// (time and id of every spike), in runs as [Spikes] has it and flat.
func BenchmarkSpikesLayout(b *testing.B) {
	const n = 100_000
	for _, c := range []struct {
		name string
		step int64 // µs between times
	}{{"exact times", 1}, {"steps of 1 ms", 1000}} {
		rng := rand.New(rand.NewPCG(1, 1))
		times, ids := make([]int64, n), make([]uint32, n)
		for i := range times {
			times[i] = int64(i) * 10_000 / n / c.step * c.step
			ids[i] = rng.Uint32() >> 12
		}
		b.Run(c.name+"/runs", func(b *testing.B) {
			var s Spikes
			var sum uint64
			for b.Loop() {
				s.Reset()
				for i, t := range times {
					s.Append(t, ids[i])
				}
				for r, t := range s.T {
					for _, id := range s.Run(r) {
						sum += uint64(t) ^ uint64(id)
					}
				}
			}
			report(b, n, sum)
		})
		b.Run(c.name+"/flat", func(b *testing.B) {
			var s []flatSpike
			var sum uint64
			for b.Loop() {
				s = s[:0]
				for i, t := range times {
					s = append(s, flatSpike{t, ids[i]})
				}
				for _, sp := range s {
					sum += uint64(sp.t) ^ uint64(sp.id)
				}
			}
			report(b, n, sum)
		})
	}
}

func report(b *testing.B, n int, sum uint64) {
	if sum == 0 {
		b.Fatal("nothing was walked")
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mspikes/s")
}
