package network

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ganglion/internal/asm"
	"ganglion/internal/asm/asmtest"
	"ganglion/pipeline"
)

// TestVectorKernelsGiveTheSameBits runs networks whose layers the vector
// kernels know.
func TestVectorKernelsGiveTheSameBits(t *testing.T) {
	t.Parallel()
	const span = 120_000
	var all []byte
	for seed := range uint64(4) {
		spec := clockedSpec(seed)
		for i, ls := range spec.Layers { // the fast rule everywhere it is defined
			if c := ls.Neuron.(Clocked); c.spiking() {
				c.Rule, c.Late, c.Floor = ToReset, false, nil
				spec.Layers[i].Neuron = c
			}
		}
		e := newEngine(t, spec, 2)
		trains := runCut(t, e, randomTrain(seed, 20, 24, 6000, span), span, 10_000)
		all = append(fmt.Append(all, trains), stateOf(t, e)...)
	}
	asmtest.Same(t, all)
}

// TestVectorsAddSpikesAsTheLoopDoes runs leaky neurons behind convolutions of many
// shapes, on some shards, over frames of the growth, with times that many spikes share.
func TestVectorsAddSpikesAsTheLoopDoes(t *testing.T) {
	t.Parallel()
	const h, w, span = 40, 37, 900_000
	var all []byte
	vectorised := 0
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 9))
		k := Conv2d{
			OutChannels: 2 << r.IntN(2), KH: 1 + r.IntN(5), KW: 1 + r.IntN(5), Groups: 1 + r.IntN(2),
			Stride: Pair{1 + r.IntN(2), 1 + r.IntN(3)}, Pad: PadAll(r.IntN(3)),
		}
		for range k.OutChannels * 2 / k.Groups * k.KH * k.KW {
			k.Weight = append(k.Weight, r.Float32()+.5)
		}
		spec := Spec{Input: pipeline.Shape{2, h, w}, Layers: []LayerSpec{{
			Name: "a", Inputs: []Connection{{From: InputName, Kernel: k, Depress: &Depression{
				Use: .1 + float64(.8*r.Float64()), Recovery: time.Duration(1+r.IntN(40)) * time.Millisecond}}},
			Neuron: LIF{Tau: time.Duration(2+r.IntN(10)) * time.Millisecond, Threshold: 2 + float64(4*r.Float64()),
				Reset: -r.Float64(), Refractory: time.Duration(r.IntN(3)) * time.Millisecond},
		}}}
		in := randomTrain(seed, h, w, 20_000, span)
		for i := range in.T { // some spikes at one time
			if seed%3 == 0 && i > 0 && i%4 != 0 {
				in.T[i] = in.T[i-1]
			}
		}
		var train pipeline.Spikes
		for i := 0; i < in.Runs(); {
			var ids []uint32
			at := in.T[i]
			for ; i < in.Runs() && in.T[i] == at; i++ {
				ids = append(ids, in.Run(i)...)
			}
			slices.Sort(ids)
			appendIDs(&train, at, ids)
		}
		for shards := 1; shards < 4; shards++ {
			e := newEngine(t, spec, shards)
			if e.layers[0].blocks[0].(*lifBlock).touch != nil {
				vectorised++
			}
			got := runCut(t, e, &train, span, 10_000, 300, 70_000)
			all = append(fmt.Append(all, got[0].T, got[0].IDs), stateOf(t, e)...)
			act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
			for i := range train.T {
				train.T[i] += 2 * span
			}
			if err := e.Step(t.Context(), pipeline.Window{Start: 2 * span, End: 3 * span}, &train, &act); err != nil {
				t.Fatal(err)
			}
			for i := range train.T {
				train.T[i] -= 2 * span
			}
			all = fmt.Append(all, act.Layers[0].SynOps, act.Layers[0].Updates, act.Layers[0].Spikes.Len())
		}
	}
	asmtest.Same(t, all)
	if asm.ScatterVectors() && vectorised < 20 {
		t.Errorf("vectors served %d of 72 networks: the test shows little", vectorised)
	}
}
