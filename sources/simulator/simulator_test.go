package simulator

import (
	"errors"
	"io"
	"testing"
)

func BenchmarkScenes(b *testing.B) {
	for _, sc := range Scenes() {
		b.Run(sc.Name, func(b *testing.B) {
			b.ReportAllocs()
			var events, us int64
			var f Frame
			s, err := New(Config{Scene: sc.Name, Noise: 5, Width: 320, Height: 240, Duration: 3600e9})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := s.Next(&f); errors.Is(err, io.EOF) {
					b.Fatal("the recording is too short for the benchmark")
				}
				events += int64(len(f.Events))
				us += f.End - f.Start
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(us)/1e6/b.Elapsed().Seconds(), "x_real_time")
		})
	}
}
