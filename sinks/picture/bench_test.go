package picture

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"ganglion/pipeline"
)

func BenchmarkEvents(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	es := make([]pipeline.Event, 1<<16)
	for i := range es {
		es[i] = pipeline.Event{T: int64(i), X: uint16(r.IntN(640)), Y: uint16(r.IntN(480)), P: uint8(r.IntN(2))}
	}
	for _, s := range styles() {
		b.Run(string(s), func(b *testing.B) {
			p, err := New(Config{Width: 640, Height: 480, Style: s, Window: 1 << 20}, nil)
			if err != nil {
				b.Fatal(err)
			}
			f := NewFilm(p, 0, math.MaxInt64, func(*image.RGBA) error { return nil })
			for b.Loop() {
				if err := f.Add(es); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(es))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, s := range styles() {
		b.Run(string(s), func(b *testing.B) {
			p, err := New(Config{Width: 640, Height: 480, Style: s, Window: 20_000}, nil)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				p.paint(0)
			}
		})
	}
}
