package network

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestTilesFireAsTheEquationSays holds a dense layer that is cut into tiles
// against its equation, computed step by step in plain Go.
func TestTilesFireAsTheEquationSays(t *testing.T) {
	t.Parallel()
	const in, out, steps = 2000, 413, 60
	r := rand.New(rand.NewPCG(3, 1))
	w := randomWeights(r, out*in, .01, .08)
	spec := Spec{Input: pipeline.Shape{in}, Step: time.Millisecond, Layers: []LayerSpec{
		{Name: "a", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: w, Out: out, In: in}}},
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{1}}},
		{Name: "b", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: w, Out: out, In: in}}},
			Neuron: Clocked{Rule: Readout, Decay: []float32{.9}}},
	}}
	train := trainOf(r, in, steps, .02)
	fired, membranes := tileReference(train, w, in, out, steps)
	if fired.Len() < 1000 {
		t.Fatalf("%d spikes: the test shows nothing", fired.Len())
	}
	for _, shards := range []int{1, 2, 3, 8} {
		if n := newEngine(t, spec, shards).layers[0].tiles; shards < 4 && n < 2 {
			t.Fatalf("%d tiles on %d shards: the test shows nothing", n, shards)
		}
		for _, cut := range []int64{1000, 20_000, steps * 1000} {
			got := runCut(t, newEngine(t, spec, shards), train, steps*1000, cut)
			same(t, fmt.Sprintf("%d shards, windows of %d µs", shards, cut), []pipeline.Spikes{fired, membranes}, got)
		}
	}
}

// tileReference is v = .9 v + x in float32, with x summed in order of id; what
// is above 1 fires and is reset in one train, and leaves as it is in the other.
func tileReference(train *pipeline.Spikes, w []float32, in, out, steps int) (fired, membranes pipeline.Spikes) {
	v, u := make([]float32, out), make([]float32, out)
	run := 0
	for step := range int64(steps) {
		x := make([]float32, out)
		for ; run < train.Runs() && train.T[run] < (step+1)*1000; run++ {
			for _, id := range train.Run(run) {
				for n := range x {
					x[n] += w[n*in+int(id)]
				}
			}
		}
		for n := range x {
			v[n], u[n] = float32(.9*v[n])+x[n], float32(.9*u[n])+x[n]
			if v[n] > 1 {
				fired.Append(step*1000, uint32(n))
				v[n] = 0
			}
			membranes.AppendGraded(step*1000, uint32(n), u[n])
		}
	}
	return fired, membranes
}

// A loop sees one step at a time, so its layers are not cut into tiles. Those around it are.
func TestLayersInLoopsAreNotCutIntoTiles(t *testing.T) {
	t.Parallel()
	const in, out = tileBytes / 4 / tileNeurons, 2 * tileNeurons // two tiles
	w := make([]float32, out*in)
	layer := func(name string, more ...Connection) LayerSpec {
		return LayerSpec{Name: name, Inputs: append([]Connection{{From: InputName, Kernel: Dense{Weight: w, Out: out, In: in}}}, more...),
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{1}}}
	}
	self := Connection{From: "loop", Kernel: Dense{Weight: w[:out*out], Out: out, In: out}, Recurrent: true}
	e := newEngine(t, Spec{Input: pipeline.Shape{in}, Step: time.Millisecond, Layers: []LayerSpec{
		layer("a"), layer("b"), layer("loop", self), layer("c"), layer("d"),
	}}, 1)
	for i, want := range []int{2, 2, 1, 2, 2} {
		if got := e.layers[i].tiles; got != want {
			t.Errorf("layer %s: %d tiles, want %d", e.layers[i].info.Name, got, want)
		}
	}
}
