package bptt

import "ganglion/internal/asm"

// readPass is a part of a batch on its way through the readout: leaky
// integrators without spikes,
//
//	l = α l(t-1) + (1-α)(W s + bias)
type readPass[F real] struct {
	c             Config
	p             *readParams[F]
	in            *raster[F]
	logits, g     []F // [examples·steps, classes]
	alpha, dAlpha []F
	wt            []F
	scratch       [2][]F
}

func newReadPass[F real](c Config, p *readParams[F], in *raster[F]) *readPass[F] {
	r := &readPass[F]{c: c, p: p, in: in, wt: make([]F, len(p.w))}
	r.logits, r.g = make([]F, c.Part*c.Steps*c.Classes), make([]F, c.Part*c.Steps*c.Classes)
	for _, v := range []*[]F{&r.alpha, &r.dAlpha, &r.scratch[0], &r.scratch[1]} {
		*v = make([]F, c.Classes)
	}
	return r
}

func (r *readPass[F]) prepare() {
	for i := range r.alpha {
		lo, hi := r.c.decays(r.c.Readout)
		r.alpha[i], r.dAlpha[i] = squash(r.p.alpha[i], lo, hi)
	}
	transpose(r.wt, r.p.w, len(r.p.w)/r.c.Classes, r.c.Classes)
}

// forward computes the logits.
func (r *readPass[F]) forward() {
	n := r.c.Classes
	x, none := r.scratch[0], r.scratch[1]
	clear(none)
	for k := range len(r.logits) / n {
		clear(x)
		r.in.add(x, r.p.w, k)
		before := none
		if k%r.c.Steps > 0 {
			before = r.logits[(k-1)*n : k*n]
		}
		for i := range x {
			y := F(x[i]*r.in.scale) + r.p.bias[i]
			r.logits[k*n+i] = F(r.alpha[i]*before[i]) + F((1-r.alpha[i])*y)
		}
	}
}

// backward takes the gradient by the logits, g, back to the parameters, d, which
// are 0 before, and to the spikes of the layer below.
func (r *readPass[F]) backward(d *readParams[F], below lower[F]) {
	n := r.c.Classes
	gl, dy := r.scratch[0], r.scratch[1]
	for b := range r.c.Part {
		clear(gl)
		for t := r.c.Steps - 1; t >= 0; t-- {
			k := b*r.c.Steps + t
			for i := range gl {
				gl[i] += r.g[k*n+i]
				var before F
				if t > 0 {
					before = r.logits[(k-1)*n+i]
				}
				d.alpha[i] += F(gl[i] * (before - r.logits[k*n+i]))
				dy[i] = F(gl[i] * (1 - r.alpha[i]))
				d.bias[i] += dy[i]
				gl[i] *= r.alpha[i]
			}
			asm.AddProduct(below.inbox(k), r.wt, dy)
			below.settle(k)
			for i := range dy {
				dy[i] *= r.in.scale
			}
			r.in.addTo(d.w, dy, k)
		}
	}
	for i := range d.alpha {
		d.alpha[i] *= r.dAlpha[i] / (1 - r.alpha[i])
	}
}
