package network

import (
	"fmt"
	"testing"
	"time"

	"ganglion/pipeline"
)

// synapsesOf counts, straight from a kernel's definition, the synapses of
// presynaptic neuron id whose weights are not 0 and that arrive, with their
// delays, before a time is over.
func synapsesOf(k Kernel, delays []int32, in, out pipeline.Shape, id int, left int64) (n uint64) {
	count := func(w float32, at int) {
		if w != 0 && (delays == nil || int64(delays[at]) < left) {
			n++
		}
	}
	switch k := k.(type) {
	case Dense:
		for o := range k.Out {
			count(k.Weight[o*k.In+id], o*k.In+id)
		}
	case Sparse:
		for i := k.Offsets[id]; i < k.Offsets[id+1]; i++ {
			count(k.Weight[i], int(i))
		}
	case Diagonal:
		w := float32(1)
		if k.Weight != nil {
			w = k.Weight[id]
		}
		count(w, id)
	case Conv2d:
		k = k.filled()
		c, h, w := extent(in)
		_, outH, outW := extent(out)
		perIn, perOut := c/k.Groups, k.OutChannels/k.Groups
		i, y, x := id/(h*w), id/w%h, id%w
		for o := i / perIn * perOut; o < (i/perIn+1)*perOut; o++ {
			for oy := range outH {
				for ox := range outW {
					for ky := range k.KH {
						for kx := range k.KW {
							if oy*k.Stride.Y+ky*k.Dilation.Y-k.Pad.Top == y && ox*k.Stride.X+kx*k.Dilation.X-k.Pad.Left == x {
								at := ((o*perIn+i%perIn)*k.KH+ky)*k.KW + kx
								count(k.Weight[at], at)
							}
						}
					}
				}
			}
		}
	}
	return n
}

// effectiveOps counts a layer's effective synaptic operations from the spikes
// of all layers, by NeuroBench's definition.
func effectiveOps(spec Spec, layer int, shapes []pipeline.Shape, index map[string]int, trains []*pipeline.Spikes, span int64) (ops uint64) {
	step := max(1, spec.Step.Microseconds())
	exact := spec.Step == 0
	for _, in := range spec.Layers[layer].Inputs {
		from := index[in.From]
		memo := map[int]uint64{}
		train := trains[from]
		for run, t := range train.T {
			t -= t % step
			for k := train.Offsets[run]; k < train.Offsets[run+1]; k++ {
				id := int(train.IDs[k])
				if len(train.Values) > 0 && train.Values[k] == 0 {
					continue
				}
				latency, delays := pick(in.Latency, id, 0), in.Delays
				if !exact {
					delays = nil // counted when they are sent
				}
				if in.Recurrent && (!exact || latency == 0 && delays == nil) {
					latency += step
				}
				switch left := span - t - latency; {
				case left <= 0:
				case delays != nil && left < 10_000:
					ops += synapsesOf(in.Kernel, delays, shapes[from], shapes[1+layer], id, left)
				default:
					if _, ok := memo[id]; !ok {
						memo[id] = synapsesOf(in.Kernel, nil, shapes[from], shapes[1+layer], id, left)
					}
					ops += memo[id]
				}
			}
		}
	}
	return ops
}

// sparsened sets a third of the weights of all kernels to 0.
func sparsened(spec Spec) Spec {
	for l := range spec.Layers {
		for i := range spec.Layers[l].Inputs {
			in := &spec.Layers[l].Inputs[i]
			in.Plastic = nil
			values := kernelWeights(in.Kernel)
			if d, ok := in.Kernel.(Diagonal); ok {
				values = d.Weight
			}
			for j := range values {
				if j%3 == l%3 {
					values[j] = 0
				}
			}
		}
	}
	return spec
}

// TestEffectiveOperationsAreThoseOfTheDefinition counts the operations of random
// networks, clock-driven and event-driven, from their spikes and weights alone.
func TestEffectiveOperationsAreThoseOfTheDefinition(t *testing.T) {
	t.Parallel()
	const span = 60_000
	total := uint64(0)
	for kind, draw := range map[string]func(uint64) Spec{"clock-driven": stepped, "event-driven": stepless} {
		for seed := range seeds() {
			spec := sparsened(draw(seed))
			in := inputOf(spec, seed, span)
			if seed%4 == 1 { // graded, some of them 0
				for k := range in.IDs {
					in.Values = append(in.Values, float32(k%3))
				}
			}
			for _, shards := range []int{1, 3} {
				e := newEngine(t, spec, shards)
				act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
				if err := e.Step(t.Context(), pipeline.Window{End: span}, in, &act); err != nil {
					t.Fatal(err)
				}
				shapes, index, trains := []pipeline.Shape{spec.Input}, map[string]int{InputName: 0}, []*pipeline.Spikes{in}
				for i, l := range e.Layers() {
					shapes, trains = append(shapes, l.Shape), append(trains, &act.Layers[i].Spikes)
					index[l.Name] = 1 + i
				}
				for i := range spec.Layers {
					want := effectiveOps(spec, i, shapes, index, trains, span)
					total += want
					if got := act.Layers[i].SynOps; got != want {
						t.Fatalf("%s, seed %d, %d shards, %s: %d operations, by definition %d", kind, seed, shards, fmt.Sprint(spec.Layers[i].Name), got,
							want)
					}
				}
			}
		}
	}
	if total < 1e5 {
		t.Errorf("%d operations show nothing", total)
	}
}

// TestWeightsThatLearnCountAsTheyAre lets weights be pressed to 0 and lifted
// again, and wants the operations of the weights that are left.
func TestWeightsThatLearnCountAsTheyAre(t *testing.T) {
	t.Parallel()
	zeros := map[string]int{}
	for seed := range uint64(4) {
		spec := learningSpec(seed)
		for i := range spec.Layers {
			for j := range spec.Layers[i].Inputs {
				p := *spec.Layers[i].Inputs[j].Plastic
				p.APlus, p.AMinus, p.Soft = p.APlus*8, p.AMinus*14, false // soft bounds are never reached
				spec.Layers[i].Inputs[j].Plastic = &p
			}
		}
		e, resumed := newEngine(t, spec, 2), newEngine(t, spec, 3)
		in := inputOf(spec, seed, 200_000)
		act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
		if err := e.Step(t.Context(), pipeline.Window{End: 200_000}, in, &act); err != nil {
			t.Fatal(err)
		}
		e.Freeze()
		for _, l := range e.Learning().Connections { // the same network, of what it has learned
			for i := range spec.Layers {
				for j := range spec.Layers[i].Inputs {
					if c := &spec.Layers[i].Inputs[j]; spec.Layers[i].Name == l.Layer && c.From == l.From {
						c.Kernel = l.Kernel
					}
				}
			}
		}
		// What was on its way arrives in silence.
		if err := e.Step(t.Context(), pipeline.Window{Start: 200_000, End: 210_000}, &pipeline.Spikes{}, &act); err != nil {
			t.Fatal(err)
		}
		if err := resumed.RestoreState(stateOf(t, e)); err != nil {
			t.Fatal(err)
		}
		before := [5]uint64{}
		for i := range act.Layers {
			before[i] = act.Layers[i].SynOps
			act.Layers[i].Spikes.Reset()
		}
		again := *in
		again.T = nil
		for _, at := range in.T {
			again.T = append(again.T, at+210_000)
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: 210_000, End: 410_000}, &again, &act); err != nil {
			t.Fatal(err)
		}
		after := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
		if err := resumed.Step(t.Context(), pipeline.Window{Start: 210_000, End: 410_000}, &again, &after); err != nil {
			t.Fatal(err)
		}
		shapes, index, trains := []pipeline.Shape{spec.Input}, map[string]int{InputName: 0}, []*pipeline.Spikes{&again}
		for i, l := range e.Layers() {
			shapes, trains = append(shapes, l.Shape), append(trains, &act.Layers[i].Spikes)
			index[l.Name] = 1 + i
		}
		for i, ls := range spec.Layers {
			for _, in := range ls.Inputs {
				for _, w := range kernelWeights(in.Kernel) {
					if w == 0 {
						zeros[ls.Name]++
					}
				}
			}
			if got, want := act.Layers[i].SynOps-before[i], effectiveOps(spec, i, shapes, index, trains, 410_000); got != want {
				t.Errorf("seed %d, layer %s: %d operations, by definition %d", seed, ls.Name, got, want)
			}
			if got, want := after.Layers[i].SynOps, act.Layers[i].SynOps-before[i]; got != want {
				t.Errorf("seed %d, layer %s: %d operations after a restore, %d without", seed, ls.Name, got, want)
			}
		}
	}
	for _, name := range []string{"conv", "dense", "sparse"} {
		if zeros[name] == 0 {
			t.Errorf("no weight of layer %s is 0: the test shows nothing of it", name)
		}
	}
}

// TestOperationsAreCountedInTheirWindow sends a spike over three synapses in each of two
// windows, and none in a third.
func TestOperationsAreCountedInTheirWindow(t *testing.T) {
	t.Parallel()
	inputs := []Connection{{From: InputName, Kernel: Dense{Weight: []float32{1, 1, 1}, Out: 3, In: 1}}}
	e := newEngine(t, Spec{Input: pipeline.Shape{1}, Step: time.Millisecond, Layers: []LayerSpec{
		{Name: "lif", Inputs: inputs, Neuron: LIF{Tau: 10 * time.Millisecond, Threshold: 100}},
		{Name: "clocked", Inputs: inputs, Neuron: Clocked{Rule: ToReset, Decay: []float32{.9}, Threshold: []float32{100}}},
	}}, 1)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 2)}
	for i, want := range []uint64{3, 6, 6} { // an activity adds up
		var in pipeline.Spikes
		start := int64(i) * 10_000
		if i < 2 {
			in.Append(start+2000, 0)
		}
		if err := e.Step(t.Context(), pipeline.Window{Start: start, End: start + 10_000}, &in, &act); err != nil {
			t.Fatal(err)
		}
		for _, l := range act.Layers {
			if l.SynOps != want {
				t.Errorf("%d operations after window %d, want %d", l.SynOps, i, want)
			}
		}
		if got := act.Layers[0].Updates; got != want {
			t.Errorf("%d updates of LIF neurons after window %d, want %d", got, i, want)
		}
	}
}
