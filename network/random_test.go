package network

import (
	"fmt"
	"math/rand/v2"
	"time"

	"ganglion/pipeline"
)

// generator draws networks by chance.
type generator struct {
	*rand.Rand
	spec   Spec
	shapes []pipeline.Shape // of the input and the layers
}

// chance is true with a probability.
func (g *generator) chance(p float64) bool { return g.Float64() < p }

// one gives one value for all neurons or one for each.
func (g *generator) one(size int, low, high float32) []float32 {
	if g.chance(.5) {
		size = 1
	}
	v := make([]float32, size)
	for i := range v {
		v[i] = low + float32((high-low)*g.Float32())
	}
	return v
}

// stepped draws a clock-driven network with loops, of every kernel and rule and
// everything a layer can have.
func stepped(seed uint64) Spec {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 11))}
	g.spec = Spec{Input: pipeline.Shape{1 + g.IntN(2), 6 + g.IntN(30), 5 + g.IntN(8)}, Step: time.Millisecond}
	g.shapes = []pipeline.Shape{g.spec.Input}
	for i := range 3 + g.IntN(4) {
		g.layer(i)
	}
	for range 2 { // loops over layers, where shapes allow
		i, j := g.IntN(len(g.spec.Layers)), g.IntN(len(g.spec.Layers))
		if to := g.shapes[1+i]; i <= j && len(to) == 1 && len(g.spec.Layers[i].Inputs) < 3 {
			k := Dense{Weight: randomWeights(g.Rand, to[0]*g.shapes[1+j].Size(), 0, .15), Out: to[0], In: g.shapes[1+j].Size()}
			g.spec.Layers[i].Inputs = append(g.spec.Layers[i].Inputs, Connection{From: g.spec.Layers[j].Name, Kernel: k, Recurrent: true})
		}
	}
	return g.spec
}

func (g *generator) layer(i int) {
	from := len(g.shapes) - 1
	if g.chance(.2) {
		from = g.IntN(len(g.shapes))
	}
	in := Connection{From: InputName}
	if from > 0 {
		in.From = g.spec.Layers[from-1].Name
	}
	in.Kernel = g.kernel(g.shapes[from])
	out, err := in.Kernel.outShape(g.shapes[from])
	if err != nil {
		panic(err)
	}
	n := g.neuron(out.Size())
	if g.chance(.3) {
		in.Depress = &Depression{Use: .1 + float64(.8*g.Float64()), Recovery: time.Duration(1+g.IntN(50)) * time.Millisecond}
	}
	switch values := kernelWeights(in.Kernel); {
	case values == nil:
	case g.chance(.3):
		in.Delays = randomDelays(g.Rand, len(values), g.IntN(7))
	case n.spiking() && g.chance(.4):
		g.learns(&in, &n, values)
	}
	g.spec.Layers = append(g.spec.Layers, LayerSpec{Name: fmt.Sprintf("layer %d", i), Inputs: []Connection{in}, Neuron: n})
	g.shapes = append(g.shapes, out)
}

// learns makes a connection plastic, and at times the thresholds homeostatic
// and the neurons compete.
func (g *generator) learns(in *Connection, n *Clocked, weights []float32) {
	in.Plastic = &STDP{APlus: .02, AMinus: -.015, TauPlus: 15 * time.Millisecond, TauMinus: 25 * time.Millisecond, Pairing: Pairing(g.IntN(2)),
		Max: 1, Soft: g.chance(.5)}
	for i := range weights {
		weights[i] = g.Float32()
	}
	if n.Rule != Step && g.chance(.5) {
		n.Homeostasis = &Homeostasis{Rise: .1, Tau: 50 * time.Millisecond, ByChannel: g.chance(.5)}
	}
	if n.Rule == ToReset && !n.Late && n.Adapt == nil && n.Refractory == nil && g.chance(.5) {
		n.Compete = &Competition{Group: Group(g.IntN(2)), Reset: g.chance(.5)}
	}
}

func (g *generator) kernel(in pipeline.Shape) Kernel {
	size := in.Size()
	switch {
	case len(in) == 3 && g.chance(.6):
		groups, out := 1, 1+g.IntN(6)
		if g.chance(.2) {
			groups = in[0]
			out = in[0] * (1 + g.IntN(2))
		}
		k := Conv2d{OutChannels: out, KH: min(1+g.IntN(3), in[1]), KW: min(1+g.IntN(3), in[2]), Groups: groups,
			Stride: Pair{1 + g.IntN(2), 1 + g.IntN(2)}, Pad: PadAll(g.IntN(2))}
		k.Weight = randomWeights(g.Rand, out*(in[0]/groups)*k.KH*k.KW, .3, .5)
		return k
	case g.chance(.15):
		return Diagonal{Weight: randomWeights(g.Rand, size, .8, .4)}
	case g.chance(.4):
		k := Sparse{Out: 5 + g.IntN(60), Offsets: []uint32{0}}
		for range size {
			for t := range uint32(k.Out) {
				if g.chance(.1) {
					k.Targets, k.Weight = append(k.Targets, t), append(k.Weight, float32(.3+float64(.5*g.NormFloat64())))
				}
			}
			k.Offsets = append(k.Offsets, uint32(len(k.Targets)))
		}
		return k
	}
	out := 3 + g.IntN(60)
	k := Dense{Weight: randomWeights(g.Rand, out*size, .03, .2), Out: out, In: size}
	for i := range k.Weight { // pruned, so that effective operations differ
		if g.chance(.1) {
			k.Weight[i] = 0
		}
	}
	return k
}

func (g *generator) neuron(size int) Clocked {
	rules := []Rule{Relay, Readout, ToReset, ToReset, ToReset, Subtract, SubtractMany, SubtractDelayed, SubtractTwice, Step}
	n := Clocked{Rule: rules[g.IntN(len(rules))], Inclusive: g.chance(.2)}
	if n.Rule == Relay {
		if g.chance(.3) {
			n.Delay = randomDelays(g.Rand, size, 5)
		}
		return n
	}
	if n.spiking() {
		n.Threshold, n.Late = g.one(size, .4, 1.2), g.chance(.2)
	}
	if n.Rule == Step {
		return n
	}
	n.Decay, n.Gain = g.one(size, .5, .98), g.one(size, .4, 1)
	if g.chance(.3) {
		n.SynDecay, n.SynGain = g.one(size, .3, .9), g.one(size, .2, .9)
	}
	if g.chance(.2) {
		n.Drive = g.one(size, -.02, .1)
	}
	if g.chance(.2) {
		n.LateDrive, n.Leak = g.one(size, -.02, .05), g.one(size, 0, .02)
	}
	if g.chance(.2) {
		n.Floor = g.one(size, -1, -.2)
	}
	if n.Rule >= ToReset && g.chance(.3) {
		n.Refractory = randomDelays(g.Rand, size, 4)
	}
	if n.Rule >= ToReset && g.chance(.3) {
		n.Adapt = &Adaptation{Decay: g.one(size, .8, .99), Couple: g.one(size, 0, .05), Jump: g.one(size, 0, .4), Rest: g.one(size, 0, .1),
			OnThreshold: n.Rule != SubtractMany && g.chance(.5)}
	}
	return n
}

// stepless draws an event-driven network, of layers that are exact between
// events, with loops, delays and depression.
func stepless(seed uint64) Spec {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 12))}
	g.spec = Spec{Input: pipeline.Shape{1 + g.IntN(2), 20 + g.IntN(30), 5 + g.IntN(8)}}
	g.shapes = []pipeline.Shape{g.spec.Input}
	for i := range 2 + g.IntN(3) {
		from := g.shapes[i]
		in := Connection{From: InputName, Kernel: g.kernel(from)}
		if i > 0 {
			in.From = g.spec.Layers[i-1].Name
		}
		out, err := in.Kernel.outShape(from)
		if err != nil {
			panic(err)
		}
		var n Neuron = LIF{Tau: time.Duration(1+g.IntN(20)) * time.Millisecond, Threshold: .6,
			Refractory: time.Duration(g.IntN(3)) * time.Millisecond}
		if g.chance(.8) {
			n = g.exact(out.Size())
			g.late(&in, from.Size())
		}
		g.spec.Layers = append(g.spec.Layers, LayerSpec{Name: fmt.Sprintf("layer %d", i), Inputs: []Connection{in}, Neuron: n})
		g.shapes = append(g.shapes, out)
	}
	g.loop()
	return g.spec
}

func (g *generator) wide(size int, low, high float32) (v []float64) {
	for _, x := range g.one(size, low, high) {
		v = append(v, float64(x))
	}
	return v
}

func (g *generator) exact(size int) Exact {
	e := Exact{Rule: []Rule{Relay, ToReset, Subtract, Step, Readout}[g.IntN(5)], Threshold: g.wide(size, .5, 1), Gain: g.wide(size, .3, 1)}
	if e.Rule == Readout {
		e.Every = 1000
	}
	if g.chance(.3) {
		e.Refractory = []int64{int64(g.IntN(3000))}
	}
	if g.chance(.2) {
		e.Drive = g.wide(size, -1e-4, 3e-4)
		return e
	}
	e.Tau, e.Rest = g.wide(size, 500, 20_000), g.wide(size, -.2, .2)
	switch {
	case g.chance(.3):
		e.Pulse = g.wide(size, .5, .99)
	case e.stateful() && g.chance(.6):
		e.SynTau, e.SynGain, e.SynRest = g.wide(size, 500, 20_000), g.wide(size, 1, 5), g.wide(size, -.2, .2)
		if g.chance(.3) {
			e.SynTau = e.Tau
		}
		if g.chance(.5) {
			e.SynKick = g.wide(size, 0, .2)
		}
	case g.chance(.3):
		e.Rest = g.wide(size, .5, 1.2) // some fire by themselves
	}
	return e
}

// late gives a connection delays and depression.
func (g *generator) late(in *Connection, size int) {
	if g.chance(.2) {
		in.Depress = &Depression{Use: .1 + float64(.8*g.Float64()), Recovery: time.Duration(1+g.IntN(50)) * time.Millisecond}
	}
	if g.chance(.3) {
		in.Latency = nil
		for _, d := range randomDelays(g.Rand, size, 5000) {
			in.Latency = append(in.Latency, int64(d))
		}
	}
	if values := kernelWeights(in.Kernel); values != nil && g.chance(.3) {
		in.Delays = randomDelays(g.Rand, len(values), 3)
		for i := range in.Delays {
			in.Delays[i] *= 700
		}
	}
}

// loop closes a loop over some layers, or one, where shapes allow.
func (g *generator) loop() {
	for range 3 {
		i, j := g.IntN(len(g.spec.Layers)), g.IntN(len(g.spec.Layers))
		to := g.shapes[1+i]
		if n, ok := g.spec.Layers[i].Neuron.(Exact); !ok || n.Rule < ToReset || i > j || len(to) != 1 {
			continue // what no spikes pass through may grow without bound
		}
		n := g.shapes[1+j].Size()
		in := Connection{From: g.spec.Layers[j].Name, Kernel: Dense{Weight: randomWeights(g.Rand, to[0]*n, -.05, .1), Out: to[0], In: n},
			Recurrent: true}
		in.Latency = []int64{int64(1 + g.IntN(3000))}
		if g.chance(.3) {
			g.late(&in, n)
		}
		g.spec.Layers[i].Inputs = append(g.spec.Layers[i].Inputs, in)
		return
	}
}
