package nir

import (
	"bytes"
	"testing"
)

// BenchmarkRead and BenchmarkWrite take a layer of 1000 x 1000 weights.
func BenchmarkRead(b *testing.B) {
	file := encode(b, dense())
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := decode(file, Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "values/s")
}

func BenchmarkWrite(b *testing.B) {
	m := dense()
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		if err := Write(&file, m); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(file.Len()))
	b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "values/s")
}

// dense has weights that do not repeat, as trained ones.
func dense() *Model {
	w := zeros(1000, 1000)
	for i := range w.F32 {
		w.F32[i] = float32(uint32(i)*2654435761) / (1 << 32)
	}
	return &Model{Graph: chain(&Input{Shape: []int{1000}}, &Linear{w}, lif(1000), &Output{})}
}
