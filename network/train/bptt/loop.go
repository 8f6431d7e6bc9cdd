package bptt

import (
	"math"

	"ganglion/internal/asm"
)

// loop is the recurrence of a layer in a part of a batch: weights behind axons
// that take d steps, learned for each neuron (Queant et al. 2025). While d = k+f
// is between whole steps, a spike arrives in both, so that the loss has a slope:
//
//	y(t) = (1-f) s(t-k) + f s(t-k-1),  dy/df = s(t-k-1) - s(t-k)
//
// Step t+1 hears U y(t).
type loop[F real] struct {
	n           int
	p           *layerParams[F]
	axons       *axons
	late        raster[F] // s(t-k)
	f, slope    []F       // and the derivatives of d by its parameter
	near, far   []F       // [n, n]: weights of s(t-k) and s(t-k-1)
	dNear, dFar []F       // their gradients
	ut          []F       // transposed weights
	heard       []F       // [steps+longest+1, n]: gradients by y, of one example
	longest     int       // steps
	between     bool      // some f may be other than 0
}

func newLoop[F real](c Config, p *layerParams[F]) *loop[F] {
	l := &loop[F]{n: p.n, p: p, axons: newAxons(p.n, c.longest()), late: raster[F]{n: p.n}, longest: c.longest()}
	l.f, l.slope = make([]F, p.n), make([]F, p.n)
	for _, v := range []*[]F{&l.near, &l.far, &l.dNear, &l.dFar, &l.ut} {
		*v = make([]F, len(p.u))
	}
	l.heard = make([]F, (c.Steps+l.longest+1)*p.n)
	return l
}

// prepare takes up new parameters.
func (l *loop[F]) prepare() {
	transpose(l.ut, l.p.u, l.n, l.n)
	copy(l.near, l.p.u)
	l.between = len(l.p.delay) > 0 && !l.p.settled
	for j, place := range l.p.delay {
		d, slope := squash(place, 0, float64(l.longest))
		if l.p.settled {
			d = F(math.Round(float64(d)))
		}
		l.axons.whole[j], l.slope[j] = int(d), slope
		l.f[j] = d - F(int(d))
		for i := j * l.n; i < (j+1)*l.n; i++ {
			l.far[i] = F(l.f[j] * l.p.u[i])
			l.near[i] = l.p.u[i] - l.far[i]
		}
	}
}

// send takes the spikes of row k, step t of an example.
func (l *loop[F]) send(out *raster[F], k, t int) {
	if len(out.dense) > 0 {
		for j, whole := range l.axons.whole {
			var s F
			if t >= whole {
				s = out.dense[(k-whole)*l.n+j]
			}
			l.late.dense = append(l.late.dense, s)
		}
	} else {
		if t == 0 {
			l.axons.reset()
		}
		l.late.ids = l.axons.next(l.late.ids, out.row(k))
	}
	l.late.ends = append(l.late.ends, len(l.late.ids))
}

// hear adds to x, the input of row k+1, what the loop brings from row k, step t.
func (l *loop[F]) hear(x []F, k, t int) {
	l.late.add(x, l.near, k)
	if l.between && t > 0 {
		l.late.add(x, l.far, k-1)
	}
}

// back takes the gradient g by what row k, step t, brings.
func (l *loop[F]) back(g []F, k, t int) {
	asm.AddProduct(l.heard[t*l.n:(t+1)*l.n], l.ut, g)
	l.late.addTo(l.dNear, g, k)
	if l.between && t > 0 {
		l.late.addTo(l.dFar, g, k-1)
	}
}

// spikes writes the gradient by the spikes of step t, which later steps heard.
func (l *loop[F]) spikes(gs []F, t int) {
	for j, whole := range l.axons.whole {
		gs[j] = l.heard[(t+whole)*l.n+j]
	}
	if !l.between {
		return
	}
	for j, whole := range l.axons.whole {
		gs[j] = F((1-l.f[j])*gs[j]) + F(l.f[j]*l.heard[(t+whole+1)*l.n+j])
	}
}

// finish writes the gradients by the parameters, and is ready for new ones.
func (l *loop[F]) finish(d *layerParams[F]) {
	copy(d.u, l.dNear)
	for j := range d.delay {
		var along F
		for i := j * l.n; i < (j+1)*l.n; i++ {
			more := l.dFar[i] - l.dNear[i]
			d.u[i] += F(l.f[j] * more)
			along += F(l.p.u[i] * more)
		}
		d.delay[j] = F(along * l.slope[j])
	}
	for j := range l.n {
		d.u[j*l.n+j] = 0
	}
	clear(l.dNear)
	clear(l.dFar)
}
