package filter

import (
	"math/rand/v2"
	"testing"

	"ganglion/pipeline"
)

// BenchmarkFilter runs each filter over uniform noise of a 640x480
// sensor, 3 million events/s, in slices of 1 ms.
func BenchmarkFilter(b *testing.B) {
	const width, height, perSlice, slices = 640, 480, 3000, 100
	rng := rand.New(rand.NewPCG(1, 1))
	stream := make([]pipeline.Event, perSlice*slices)
	for i := range stream {
		stream[i] = pipeline.Event{
			T: int64(i) / 3, X: uint16(rng.IntN(width)), Y: uint16(rng.IntN(height)), P: uint8(rng.IntN(2)),
		}
	}
	buffer := make([]pipeline.Event, perSlice)
	for _, tc := range append(conformance, struct {
		name   string
		config Config
		all    bool
	}{"nothing but the check of addresses", Config{Type: "mask"}, true}) {
		b.Run(tc.name, func(b *testing.B) {
			c, err := New([]Config{tc.config}, width, height)
			if err != nil {
				b.Fatal(err)
			}
			events, shift := 0, int64(0)
			for b.Loop() {
				i := events % len(stream)
				if i == 0 && events > 0 {
					shift += int64(len(stream)) / 3
				}
				copy(buffer, stream[i:])
				for j := range buffer {
					buffer[j].T += shift
				}
				c.Filter(buffer)
				events += perSlice
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
