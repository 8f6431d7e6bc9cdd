package bptt

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"ganglion/internal/asm"
	"ganglion/network/nir/nirnet"
	"ganglion/pipeline"
)

// Network is what was learned, batch norm folded into its weights: the network
// as its NIR file has it.
type Network struct {
	c      Config
	shapes []convShape
	convs  []foldedConv
	layers []foldedLayer
	read   foldedRead
}

// foldedConv is a convolutional layer. Time constants are in seconds.
type foldedConv struct {
	w         []float32 // [kernel, kernel, channels below, channels]
	bias, tau []float32 // by channel
}

// foldedLayer is a hidden layer. Time constants are in seconds.
type foldedLayer struct {
	in, n           int
	w, u            []float32 // [in, n], [n, n]
	bias, strength  []float32
	tau, adaptation []float32
	delay           []int // steps of recurrent spikes; nil for none
	norms           norms
}

// foldedRead is the readout.
type foldedRead struct {
	w, bias, tau []float32
}

// Network folds what the trainer has learned so far.
func (t *Trainer) Network() *Network {
	n := &Network{c: t.c}
	n.shapes, _ = t.c.shapes() // checked by New
	for i := range t.p.layers {
		n.layers = append(n.layers, t.fold(&t.p.layers[i], &t.norms[i]))
	}
	for i, p := range t.p.convs {
		f := foldedConv{w: slices.Clone(p.w), tau: t.taus(p.alpha, t.c.Membrane)}
		f.bias = t.norms[len(t.p.layers)+i].fold(f.w, p.gamma, p.beta)
		n.convs = append(n.convs, f)
	}
	r := t.p.read
	n.read = foldedRead{w: slices.Clone(r.w), bias: slices.Clone(r.bias), tau: t.taus(r.alpha, t.c.Readout)}
	return n
}

func (t *Trainer) fold(p *layerParams[float32], norm *norm[float32]) foldedLayer {
	f := foldedLayer{
		in: p.in, n: p.n, w: slices.Clone(p.w), u: slices.Clone(p.u), strength: slices.Clone(p.strength),
		tau: t.taus(p.alpha, t.c.Membrane), adaptation: t.taus(p.rho, t.c.Adaptation),
	}
	for _, place := range p.delay {
		d, _ := squash(place, 0, float64(t.c.longest()))
		f.delay = append(f.delay, int(math.Round(float64(d))))
	}
	f.bias, f.norms = norm.fold(f.w, p.gamma, p.beta), norm.norms(p.gamma, p.beta)
	return f
}

// fold takes batch norm into weights, [..., n], and returns the bias:
//
//	γ (w z - mean)/deviation + β = (γ/deviation) w z + (β - γ mean/deviation)
func (n *norm[F]) fold(w, gamma, beta []F) (bias []F) {
	weight := max(float64(n.weight), 1-normMemory) // before the first batch the statistics are 0
	for i := range gamma {
		scale := float64(gamma[i]) / math.Sqrt(float64(n.variance[i])/weight+epsilon)
		for j := i; j < len(w); j += len(gamma) {
			w[j] = F(float64(w[j]) * scale)
		}
		bias = append(bias, F(float64(beta[i])-float64(scale*float64(n.mean[i])/weight)))
	}
	return bias
}

// taus are the time constants, s, of decays 1 - dt/tau given by their places.
func (t *Trainer) taus(places []float32, s Span) []float32 {
	lo, hi := t.c.decays(s)
	var all []float32
	for _, p := range places {
		decay, _ := squash(float64(p), lo, hi)
		all = append(all, float32(t.c.Step.Seconds()/(1-decay)))
	}
	return all
}

// Parameters counts the numbers that were learned: a neuron's recurrence to
// itself, which is always 0, does not count.
func (n *Network) Parameters() int {
	count := len(n.read.w) + len(n.read.bias) + len(n.read.tau)
	for _, l := range n.convs {
		count += len(l.w) + len(l.bias) + len(l.tau)
	}
	for _, l := range n.layers {
		count += len(l.w) + len(l.u) - l.n + len(l.bias) + len(l.strength) + len(l.tau) + len(l.adaptation) + len(l.delay)
	}
	return count
}

// Runner runs a network as its NIR file runs on the engine, to the last bit: in
// the same order of sums, from the same numbers of the file. It knows no
// convolutions.
type Runner struct {
	net    *Network
	step   int64
	layers []running
	read   leak
	in     [][]uint32 // spikes of the step: the input's, then of each layer
	x      []float32
	v      []float32 // of the readout
	raster raster[float32]

	// Spikes counts those of each hidden layer since the runner was made.
	Spikes []int
}

// running is the state of a hidden layer.
type running struct {
	membrane, tiring leak
	weakened         []float32 // -strength
	v, a             []float32
	axons            *axons
	fired, heard     []uint32 // spikes of the step before, and those that arrived
	begun            bool
}

// leak is a leaky integrator's decay and gain by neuron.
type leak struct{ decay, gain []float32 }

// newLeak has the decays and gains that the profile gives them.
func newLeak(p nirnet.Profile, tau, r []float32) leak {
	var l leak
	for i := range tau {
		t := float64(tau[i])
		l.decay = append(l.decay, float32(1-p.DT/t))
		l.gain = append(l.gain, float32(float64(r[i])*(p.DT/t)))
	}
	return l
}

func (l *leak) next(v, x float32, i int) float32 {
	return float32(l.decay[i]*v) + float32(l.gain[i]*x)
}

// NewRunner makes a runner at rest.
func (n *Network) NewRunner() (*Runner, error) {
	if len(n.convs) > 0 {
		return nil, errors.New("bptt: a network with convolutions is run from its graph, by package nirnet")
	}
	p := n.Profile()
	r := &Runner{net: n, step: n.c.Step.Microseconds(), read: newLeak(p, n.read.tau, ones(len(n.read.tau))), v: make([]float32, n.c.Classes)}
	widest := n.c.Classes
	for _, f := range n.layers {
		l := running{membrane: newLeak(p, f.tau, ones(f.n)), tiring: newLeak(p, f.adaptation, n.whole(f.adaptation)), v: make([]float32, f.n),
			a: make([]float32, f.n)}
		l.axons = newAxons(f.n, n.c.longest())
		copy(l.axons.whole, f.delay)
		for _, s := range f.strength {
			l.weakened = append(l.weakened, -s)
		}
		r.layers = append(r.layers, l)
		widest = max(widest, f.n)
	}
	r.x, r.in, r.Spikes = make([]float32, widest), make([][]uint32, len(n.layers)+1), make([]int, len(n.layers))
	r.raster.n = n.c.Inputs
	return r, nil
}

// Run continues for some steps with the spikes s, whose times count from the
// first of them, and writes the logits, [steps, classes].
func (r *Runner) Run(s *pipeline.Spikes, steps int, logits []float32) error {
	r.raster.reset()
	if err := r.raster.append(s, steps, r.step); err != nil {
		return fmt.Errorf("bptt: %w", err)
	}
	for k := range steps {
		r.in[0] = r.raster.row(k)
		for i := range r.layers {
			r.hidden(i)
		}
		r.readout(logits[k*len(r.v) : (k+1)*len(r.v)])
	}
	return nil
}

// hidden takes a hidden layer through a step. The inputs are summed in the
// order in which the graph's edges stand: input current, adaptation,
// recurrence; the bias comes last.
func (r *Runner) hidden(i int) {
	f, l := &r.net.layers[i], &r.layers[i]
	x := r.x[:f.n]
	clear(x)
	asm.AddRows(x, f.w, len(x), r.in[i], nil)
	if l.begun {
		for j := range x {
			x[j] += float32(l.weakened[j] * l.a[j])
		}
	}
	asm.AddRows(x, f.u, len(x), l.heard, nil)
	l.fired, l.begun = l.fired[:0], true
	for j := range x {
		v := l.membrane.next(l.v[j], x[j]+f.bias[j], j)
		s := float32(0)
		if v > 1 {
			l.fired = append(l.fired, uint32(j))
			s = 1
			v = v - 1
			if !r.net.c.Subtract {
				v = 0
			}
		}
		l.v[j], l.a[j] = v, l.tiring.next(l.a[j], s, j)
	}
	l.heard = l.axons.next(l.heard[:0], l.fired)
	r.in[i+1] = l.fired
	r.Spikes[i] += len(l.fired)
}

// readout takes the readout through a step.
func (r *Runner) readout(logits []float32) {
	x := r.x[:len(r.v)]
	clear(x)
	asm.AddRows(x, r.net.read.w, len(x), r.in[len(r.layers)], nil)
	for k := range x {
		r.v[k] = r.read.next(r.v[k], x[k]+r.net.read.bias[k], k)
	}
	copy(logits, r.v)
}

func ones(n int) []float32 { return slices.Repeat([]float32{1}, n) }

// whole are the resistances with which a spike counts 1 in a leaky integrator.
func (n *Network) whole(tau []float32) []float32 {
	var r []float32
	for _, t := range tau {
		r = append(r, float32(float64(t)/n.c.Step.Seconds()))
	}
	return r
}
