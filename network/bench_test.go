package network

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"ganglion/pipeline"
)

// trainOf makes a train in which each neuron fires in each step with a chance.
func trainOf(r *rand.Rand, size, steps int, chance float64) *pipeline.Spikes {
	var s pipeline.Spikes
	for t := range int64(steps) {
		for id := range size {
			if r.Float64() < chance {
				s.Append(t*1000, uint32(id))
			}
		}
	}
	return &s
}

// benchmark runs windows of steps steps over and over.
func benchmark(b *testing.B, spec Spec, shards, steps int, in *pipeline.Spikes) {
	e := newEngine(b, spec, shards)
	act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, len(spec.Layers))}
	step := max(spec.Step, 100*time.Microsecond) // of an event-driven network, to count by
	span := int64(steps) * step.Microseconds()
	start := int64(0)
	var ops, spikes uint64
	window := func() {
		for i := range act.Layers {
			act.Layers[i].Spikes.Reset()
			act.Layers[i].SynOps = 0
		}
		if err := e.Step(b.Context(), pipeline.Window{Start: start, End: start + span}, in, &act); err != nil {
			b.Fatal(err)
		}
		for i := range act.Layers {
			ops += act.Layers[i].SynOps
			spikes += uint64(len(act.Layers[i].Spikes.IDs))
		}
		start += span
		for i := range in.T {
			in.T[i] += span
		}
	}
	window()
	ops, spikes = 0, 0
	b.ReportAllocs()
	for b.Loop() {
		window()
	}
	b.ReportMetric(float64(ops)/b.Elapsed().Seconds()/1e6, "Msynops/s")
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N)/float64(steps), "µs/step")
	b.ReportMetric(float64(spikes)/float64(b.N), "spikes/window")
}

// BenchmarkDense is 700-256-20 LIF neurons, 1,000 steps, 1 % input.
func BenchmarkDense(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	lif := func(threshold float32) Clocked {
		return Clocked{Rule: ToReset, Decay: []float32{.95}, Threshold: []float32{threshold}}
	}
	spec := Spec{Input: pipeline.Shape{700}, Step: time.Millisecond, Layers: []LayerSpec{
		{Name: "hidden", Inputs: []Connection{{From: InputName, Kernel: Dense{Weight: randomWeights(r, 256*700, .05, .1), Out: 256, In: 700}}},
			Neuron: lif(1)},
		{Name: "out", Inputs: []Connection{{From: "hidden", Kernel: Dense{Weight: randomWeights(r, 20*256, .05, .1), Out: 20, In: 256}}},
			Neuron: lif(1)},
	}}
	benchmark(b, spec, 1, 1000, trainOf(r, 700, 1000, .01))
}

// BenchmarkConv is a 128x128x2 network of three convolutions and pools, one
// step of 1 ms at a time, by input events a step.
func BenchmarkConv(b *testing.B) {
	conv := func(r *rand.Rand, name, from string, in, out, k, stride int) LayerSpec {
		return LayerSpec{Name: name, Inputs: []Connection{{From: from, Kernel: Conv2d{
			Weight: randomWeights(r, out*in*k*k, 0, .12), OutChannels: out, KH: k, KW: k, Stride: Pair{stride, stride}, Pad: PadAll(k / 2)}}},
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.95}, Threshold: []float32{1}}}
	}
	pool := func(name, from string, c int) LayerSpec {
		w := make([]float32, c*4)
		for i := range w {
			w[i] = 1
		}
		return LayerSpec{Name: name, Inputs: []Connection{{From: from, Kernel: Conv2d{Weight: w, OutChannels: c, KH: 2, KW: 2, Stride: Pair{2, 2},
			Groups: c}}},
			Neuron: Clocked{Rule: Relay}}
	}
	for _, events := range []int{10, 99, 990} {
		b.Run("events="+strconv.Itoa(events), func(b *testing.B) {
			r := rand.New(rand.NewPCG(2, 2))
			spec := Spec{Input: pipeline.Shape{2, 128, 128}, Step: time.Millisecond, Layers: []LayerSpec{
				conv(r, "c1", InputName, 2, 8, 5, 2), pool("p1", "c1", 8),
				conv(r, "c2", "p1", 8, 16, 3, 1), pool("p2", "c2", 16),
				conv(r, "c3", "p2", 16, 32, 3, 1), pool("p3", "c3", 32),
				{Name: "out", Inputs: []Connection{{From: "p3", Kernel: Dense{Weight: randomWeights(r, 11*32*8*8, 0, .1), Out: 11, In: 32 * 8 * 8}}},
					Neuron: Clocked{Rule: ToReset, Decay: []float32{.95}, Threshold: []float32{1}}},
			}}
			benchmark(b, spec, 1, 100, trainOf(r, 2*128*128, 100, float64(events)/(2*128*128)))
		})
	}
}

// cuba is the recurrent connection of BenchmarkCUBA.
func cuba(n int) Sparse {
	r := rand.New(rand.NewPCG(3, 3))
	k := Sparse{Out: n, Offsets: []uint32{0}}
	for i := range n {
		w := float32(1.62)
		if i >= n/5*4 {
			w = -9
		}
		for j := range uint32(n) {
			if r.Float64() < .02 {
				k.Targets = append(k.Targets, j)
				k.Weight = append(k.Weight, w)
			}
		}
		k.Offsets = append(k.Offsets, uint32(len(k.Targets)))
	}
	return k
}

// BenchmarkExactShards is the same network exact between events, spikes arriving
// .1 ms later.
func BenchmarkExactShards(b *testing.B) {
	const n = 4000
	spec := Spec{Input: pipeline.Shape{n}, Layers: []LayerSpec{{
		Name: "cuba",
		Inputs: []Connection{
			{From: InputName, Kernel: Diagonal{}},
			{From: "cuba", Kernel: cuba(n), Recurrent: true, Latency: []int64{100}},
		},
		Neuron: Exact{Rule: ToReset, SynTau: []float64{5000}, Tau: []float64{20_000}, Rest: []float64{11}, Threshold: []float64{10}},
	}}}
	for _, shards := range []int{1, 2} {
		b.Run("shards="+strconv.Itoa(shards), func(b *testing.B) { benchmark(b, spec, shards, 10_000, &pipeline.Spikes{}) })
	}
}

// BenchmarkCUBA is the CUBA benchmark of Brette et al. 2007 in shape and cost:
// 4,000 LIF neurons behind exponential synapses, 2 % random connections, one
// second at 0.1 ms. Excitation and inhibition share one synaptic current.
func BenchmarkCUBA(b *testing.B) {
	const n = 4000
	spec := Spec{Input: pipeline.Shape{n}, Step: 100 * time.Microsecond, Layers: []LayerSpec{{
		Name: "cuba",
		Inputs: []Connection{
			{From: InputName, Kernel: Diagonal{}},
			{From: "cuba", Kernel: cuba(n), Recurrent: true},
		},
		// v relative to rest (-60 mV): threshold 10 mV, drive to 11 mV.
		Neuron: Clocked{Rule: ToReset, SynDecay: []float32{.98}, Decay: []float32{.995}, Gain: []float32{.005}, Leak: []float32{11 * .005},
			Threshold: []float32{10}},
	}}}
	benchmark(b, spec, 1, 10_000, &pipeline.Spikes{})
}

// BenchmarkLoop is a step at a time of 160-128-10 neurons whose hidden layer
// feeds itself, as a recurrent network with adaptation does that listens.
func BenchmarkLoop(b *testing.B) {
	r := rand.New(rand.NewPCG(6, 6))
	spec := Spec{Input: pipeline.Shape{160}, Step: time.Millisecond, Layers: []LayerSpec{
		{Name: "hidden", Inputs: []Connection{
			{From: InputName, Kernel: Dense{Weight: randomWeights(r, 128*160, .05, .1), Out: 128, In: 160}},
			{From: "hidden", Kernel: Dense{Weight: randomWeights(r, 128*128, 0, .1), Out: 128, In: 128}, Recurrent: true},
			{From: "adaptation", Kernel: Diagonal{Weight: randomWeights(r, 128, -.3, .05)}, Recurrent: true}},
			Neuron: Clocked{Rule: ToReset, Decay: []float32{.95}, Threshold: []float32{1}}},
		{Name: "adaptation", Inputs: []Connection{{From: "hidden", Kernel: Diagonal{}}}, Neuron: Clocked{Rule: Readout, Decay: []float32{.98},
			Gain: []float32{.02}}},
		{Name: "out", Inputs: []Connection{{From: "hidden", Kernel: Dense{Weight: randomWeights(r, 10*128, .02, .1), Out: 10, In: 128}}},
			Neuron: Clocked{Rule: Readout, Decay: []float32{.9}}},
	}}
	benchmark(b, spec, 1, 1000, trainOf(r, 160, 1000, .05))
}

// BenchmarkShards is a network large enough for two shards: 1,000-1,500-1,500
// neurons behind dense weights, 15 MB of them, 3 % input.
func BenchmarkShards(b *testing.B) {
	for _, shards := range []int{1, 2} {
		b.Run("shards="+strconv.Itoa(shards), func(b *testing.B) {
			r := rand.New(rand.NewPCG(7, 7))
			layer := func(name, from string, out, in int) LayerSpec {
				return LayerSpec{Name: name, Inputs: []Connection{{From: from, Kernel: Dense{Weight: randomWeights(r, out*in, .01, .05), Out: out,
					In: in}}},
					Neuron: Clocked{Rule: ToReset, Decay: []float32{.95}, Threshold: []float32{1.5}}}
			}
			spec := Spec{Input: pipeline.Shape{1000}, Step: time.Millisecond, Layers: []LayerSpec{
				layer("a", InputName, 1500, 1000), layer("b", "a", 1500, 1500)}}
			benchmark(b, spec, shards, 100, trainOf(r, 1000, 100, .03))
		})
	}
}

// BenchmarkPlastic is 784-400 neurons, of which one in a step wins, behind
// dense plastic synapses at 2 % input, and a plastic convolution.
func BenchmarkPlastic(b *testing.B) {
	rule := &STDP{APlus: .01, AMinus: -.005, TauPlus: 20 * time.Millisecond, TauMinus: 20 * time.Millisecond, Max: 1}
	half := func(n int) []float32 {
		r := rand.New(rand.NewPCG(4, 4))
		w := make([]float32, n)
		for i := range w {
			w[i] = r.Float32()
		}
		return w
	}
	run := func(name string, shape pipeline.Shape, k Kernel, group Group) {
		b.Run(name, func(b *testing.B) {
			spec := Spec{Input: shape, Step: time.Millisecond, Layers: []LayerSpec{{
				Name: "a", Inputs: []Connection{{From: InputName, Kernel: k, Plastic: rule}},
				Neuron: Clocked{Rule: ToReset, Decay: []float32{.95}, Threshold: []float32{8}, Compete: &Competition{Group: group, Reset: true}},
			}}}
			in := trainOf(rand.New(rand.NewPCG(5, 5)), shape.Size(), 100, .02)
			e := newEngine(b, spec, 1)
			act := pipeline.Activity{Layers: make([]pipeline.LayerActivity, 1)}
			p := e.learning.connections[0].parts[0]
			start := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				act.Layers[0].Spikes.Reset()
				if err := e.Step(b.Context(), pipeline.Window{Start: start, End: start + 100_000}, in, &act); err != nil {
					b.Fatal(err)
				}
				start += 100_000
				for i := range in.T {
					in.T[i] += 100_000
				}
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(p.changes)/seconds/1e6, "Mupdates/s")
			b.ReportMetric((float64(p.changes)+float64(act.Layers[0].SynOps))/seconds/1e6, "Mplasticops/s")
		})
	}
	run("dense", pipeline.Shape{784}, Dense{Weight: half(784 * 400), Out: 400, In: 784}, WholeLayer)
	run("conv", pipeline.Shape{2, 34, 34}, Conv2d{Weight: half(16 * 2 * 25), OutChannels: 16, KH: 5, KW: 5, Stride: Pair{2, 2},
		Pad: PadAll(2)}, Channels)
}
