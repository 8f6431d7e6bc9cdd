package bptt

import (
	"testing"

	"ganglion/internal/random"
)

// BenchmarkConvolutionsLearn takes parts of 8 examples through a network for
// recordings of 34x34 px and back: 30 steps, about 4,300 events an example.
func BenchmarkConvolutionsLearn(b *testing.B) {
	c := NewDefaultConfig()
	c.Shape, c.Inputs, c.Steps, c.Classes, c.Hidden, c.Dropout, c.Part, c.Batch = [3]int{2, 34, 34}, 2312, 30, 10, nil, .2, 8, 8
	c.Convolutions = []Convolution{{Channels: 16, Kernel: 5, Stride: 2, Padding: 2}, {Channels: 32, Kernel: 3, Stride: 2, Padding: 1}}
	p, d := newParams[float32](c), newParams[float32](c)
	p.start(c)
	s := newPass(c, p)
	key := random.New(1)
	s.in.reset()
	for k := range c.Part * c.Steps {
		for i := range c.Inputs {
			if key.With(uint64(k)).Uniform(uint64(i)) < .062 {
				s.in.ids = append(s.in.ids, uint32(i))
			}
		}
		s.in.ends = append(s.in.ends, len(s.in.ids))
	}
	for k := range c.Part {
		s.drop(k, key.With(uint64(k)))
	}
	for b.Loop() {
		s.prepare()
		s.forward()
		copy(s.read.g, s.read.logits)
		clear(d.flat)
		s.backward(d)
	}
	b.ReportMetric(float64(c.Part*b.N)/b.Elapsed().Seconds(), "examples/s")
}
