package nirnet

import (
	"slices"
	"testing"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
)

// BenchmarkConvNetOnADigit is the N-MNIST network of the NIR paper on one
// digit: 310 steps, 4,323 input spikes.
func BenchmarkConvNetOnADigit(b *testing.B) {
	in := readNMNIST(b, fixture(b, "scnn", "sample_nmnist.bin"))
	m, err := nir.ReadFile(fixture(b, "scnn", "cnn_sinabs.nir"), nir.Options{})
	if err != nil {
		b.Fatal(err)
	}
	var train pipeline.Spikes
	for k, v := range in.v {
		if v != 0 {
			train.AppendGraded(int64(k/(2*34*34)), uint32(k%(2*34*34)), float32(v))
		}
	}
	for _, name := range []string{"norse", "sinabs"} {
		b.Run(name, func(b *testing.B) {
			p, err := ProfileByName(name)
			if err != nil {
				b.Fatal(err)
			}
			l, err := Lower(m.Graph, p, time.Microsecond)
			if err != nil {
				b.Fatal(err)
			}
			e, err := network.New(l.Spec, 1)
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			steps := int64(in.shape[0])
			act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(e.Layers()))}
			train := pipeline.Spikes{T: slices.Clone(train.T), Offsets: train.Offsets, IDs: train.IDs, Values: train.Values}
			start, ops := int64(0), uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				for i := range act.Layers {
					act.Layers[i].Spikes.Reset()
					act.Layers[i].SynOps = 0
				}
				if err := e.Step(b.Context(), pipeline.Window{Start: start, End: start + steps}, &train, &act); err != nil {
					b.Fatal(err)
				}
				start += steps
				for i := range train.T {
					train.T[i] += steps
				}
				for i := range act.Layers {
					ops += act.Layers[i].SynOps
				}
			}
			b.ReportMetric(float64(ops)/b.Elapsed().Seconds()/1e6, "Msynops/s")
		})
	}
}
