package bptt

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// params are the parameters of a network, or their gradients: views of one
// array. A view's first index is the presynaptic neuron.
type params[F real] struct {
	flat   []F
	convs  []convParams[F]
	layers []layerParams[F]
	read   readParams[F]
	decay  []bool // by parameter: a weight, which decoupled weight decay shrinks
	delays int    // place of the first delay in flat: they are its end
}

// convParams are those of a convolutional layer.
type convParams[F real] struct {
	w           []F // [kernel, kernel, channels below, channels]
	gamma, beta []F // batch norm, by channel
	alpha       []F // decays of the membranes, by channel, as places in their span
}

// layerParams are those of a hidden layer of n neurons.
type layerParams[F real] struct {
	in, n       int
	w           []F  // [in, n]
	u           []F  // [n, n]; a neuron does not reach itself
	gamma, beta []F  // batch norm
	alpha, rho  []F  // decays of membrane and adaptation, as places in their spans
	strength    []F  // of adaptation
	delay       []F  // of recurrent spikes, as places in their span; nil for none
	settled     bool // delays are whole steps
}

// readParams are those of the readout.
type readParams[F real] struct {
	w     []F // [n, classes]
	bias  []F
	alpha []F
}

func newParams[F real](c Config) *params[F] {
	p := &params[F]{}
	shapes, err := c.shapes()
	if err != nil {
		panic(err) // the configuration was checked
	}
	first := c.Inputs // what the first layer without a kernel hears
	size := 0
	for _, s := range shapes {
		size += s.weights() + 3*s.out.c
		first = s.pooled.size()
	}
	in := first
	for _, n := range c.Hidden {
		size += in*n + n*n + 5*n
		in = n
	}
	p.delays = size + in*c.Classes + 2*c.Classes
	size = p.delays
	if c.longest() > 0 {
		for _, n := range c.Hidden {
			size += n
		}
	}
	p.flat = make([]F, size)
	p.decay = make([]bool, len(p.flat))
	rest := p.flat
	take := func(n int) []F {
		v := rest[:n:n]
		rest = rest[n:]
		return v
	}
	weights := func(n int) []F {
		at := len(p.flat) - len(rest)
		for i := range n {
			p.decay[at+i] = true
		}
		return take(n)
	}
	for _, s := range shapes {
		p.convs = append(p.convs, convParams[F]{weights(s.weights()), take(s.out.c), take(s.out.c), take(s.out.c)})
	}
	in = first
	for _, n := range c.Hidden {
		l := layerParams[F]{in: in, n: n, w: weights(in * n), u: weights(n * n)}
		l.gamma, l.beta, l.alpha, l.rho, l.strength = take(n), take(n), take(n), take(n), take(n)
		p.layers = append(p.layers, l)
		in = n
	}
	p.read = readParams[F]{w: weights(in * c.Classes), bias: take(c.Classes), alpha: take(c.Classes)}
	for i := range p.layers {
		if c.longest() > 0 {
			p.layers[i].delay = take(p.layers[i].n)
		}
	}
	return p
}

// start draws the first parameters.
func (p *params[F]) start(c Config) {
	key := random.New(c.Seed).With(forStart)
	for i := range p.convs {
		l, key := &p.convs[i], random.New(c.Seed).With(forConvolutions, uint64(i))
		fill(l.w, key.With(0), math.Sqrt(float64(len(l.gamma))/float64(len(l.w))))
		for j := range l.gamma {
			l.gamma[j] = F(c.Firing)
			l.alpha[j] = F(key.With(1).Between(uint64(j), -2, 2))
		}
	}
	for i := range p.layers {
		l, key := &p.layers[i], key.With(uint64(i))
		fill(l.w, key.With(0), 1/math.Sqrt(float64(l.in)))
		fill(l.u, key.With(1), .5/math.Sqrt(float64(l.n)))
		for j := range l.n {
			l.u[j*l.n+j] = 0
			l.gamma[j] = F(c.Firing)
			l.alpha[j] = F(key.With(2).Between(uint64(j), -2, 2))
			l.rho[j] = F(key.With(3).Between(uint64(j), -2, 2))
			l.strength[j] = F(key.With(4).Between(uint64(j), 0, c.Adaptive))
		}
		for j := range l.delay {
			l.delay[j] = F(key.With(5).Between(uint64(j), -3, 3))
		}
	}
	n := len(p.read.w) / len(p.read.bias)
	fill(p.read.w, key.With(uint64(len(p.layers))), 1/math.Sqrt(float64(n)))
}

// fill draws weights of a standard deviation.
func fill[F real](w []F, key random.Key, deviation float64) {
	for i := range w {
		w[i] = F(deviation * key.Normal(uint64(i)))
	}
}

// What random numbers are for.
const (
	forStart = iota
	forOrder
	forDropout
	forConvolutions
)

// squash brings a place of any size into a span, and gives the derivative.
func squash[F real](place F, lo, hi float64) (v, slope F) {
	s := 1 / (1 + portable.Exp(-float64(place)))
	return F(lo + float64((hi-lo)*s)), F((hi - lo) * s * (1 - s))
}
