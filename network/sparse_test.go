package network

import (
	"math/rand/v2"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestSynapsesOfOneWeightAreLikeOthers runs a sparse loop whose neurons each have
// one weight for all their synapses, which is kept once, and the same with a
// synapse of another weight into a layer that does not count: every spike and
// every operation is the same.
func TestSynapsesOfOneWeightAreLikeOthers(t *testing.T) {
	t.Parallel()
	const n = 100
	r := rand.New(rand.NewPCG(1, 1))
	even := Sparse{Out: n + 1, Offsets: []uint32{0}}
	for range n + 1 {
		w := float32(r.NormFloat64())
		for j := range uint32(n) {
			if r.Float64() < .1 {
				even.Targets, even.Weight = append(even.Targets, j), append(even.Weight, w)
			}
		}
		even.Offsets = append(even.Offsets, uint32(len(even.Targets)))
	}
	// neuron n never fires; its last synapse has another weight here
	uneven := even
	uneven.Weight = append([]float32(nil), even.Weight...)
	uneven.Weight[len(uneven.Weight)-1]++
	in := trainOf(r, n+1, 200, .02)
	for i, id := range in.IDs {
		in.IDs[i] = min(id, n-1)
	}
	run := func(k Sparse, shards int) *pipeline.Activity {
		spec := Spec{Input: pipeline.Shape{n + 1}, Step: time.Millisecond, Layers: []LayerSpec{{Name: "a", Inputs: []Connection{
			{From: InputName, Kernel: Diagonal{}}, {From: "a", Kernel: k, Recurrent: true}},
			Neuron: Clocked{Rule: ToReset, SynDecay: []float32{.5}, Decay: []float32{.9}, Threshold: []float32{.9}}}}}
		e := newEngine(t, spec, shards)
		act := &pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
		if err := e.Step(t.Context(), pipeline.Window{End: 200_000}, in, act); err != nil {
			t.Fatal(err)
		}
		return act
	}
	for _, k := range []struct {
		Sparse
		kept int
	}{{even, n + 1}, {uneven, len(uneven.Weight)}} {
		w := k.wire(nil, nil, func(int) bool { return true }, channelFirst).(*sparseWiring)
		if w.gather(); len(w.weight) != k.kept {
			t.Errorf("%d weights are kept, want %d", len(w.weight), k.kept)
		}
	}
	want := run(uneven, 1)
	if want.Layers[0].Spikes.Len() < 1000 {
		t.Fatalf("only %d spikes", want.Layers[0].Spikes.Len())
	}
	for _, shards := range []int{1, 3} {
		got := run(even, shards)
		same(t, "one weight", []pipeline.Spikes{want.Layers[0].Spikes}, []pipeline.Spikes{got.Layers[0].Spikes})
		if got.Layers[0].SynOps != want.Layers[0].SynOps {
			t.Errorf("%d shards: %d operations, want %d", shards, got.Layers[0].SynOps, want.Layers[0].SynOps)
		}
	}
}
