package bptt

import "ganglion/internal/asm"

// backward takes the gradients by the spikes, g, back to the parameters of the
// layer, d, which are 0 before, and where below is not nil to the spikes of the
// layer below.
func (l *layerPass[F]) backward(d *layerParams[F], below lower[F]) {
	for b := range l.c.Part {
		l.unroll(b, d)
	}
	for i := range l.p.n {
		d.alpha[i] *= l.dAlpha[i] / (1 - l.alpha[i])
		d.rho[i] *= l.dRho[i]
	}
	l.loop.finish(d)
	l.norm.backward(l.g, l.x, l.p.gamma, d.gamma, d.beta)
	n := l.p.n
	scaled := l.scratch[0]
	for k := range len(l.g) / n {
		row := l.g[k*n : (k+1)*n]
		for i, v := range row {
			scaled[i] = v * l.in.scale
		}
		l.in.addTo(d.w, scaled, k)
		if below != nil {
			asm.AddProduct(below.inbox(k), l.wt, row)
			below.settle(k)
		}
	}
}

// lower is a layer below another one, which gives it the gradient by its
// spikes, row by row: adds it to what inbox returns, cleared, and then settles.
type lower[F real] interface {
	inbox(k int) []F
	settle(k int)
}

func (l *layerPass[F]) inbox(k int) []F {
	row := l.g[k*l.p.n : (k+1)*l.p.n]
	clear(row)
	return row
}

func (l *layerPass[F]) settle(k int) {
	if l.keep == nil {
		return
	}
	n, b := l.p.n, k/l.c.Steps
	row := l.g[k*n : (k+1)*n]
	for i, s := range l.keep[b*n : (b+1)*n] {
		row[i] *= s
	}
}

// unroll goes back through the steps of example b. g becomes the gradient by
// the normalised input currents.
func (l *layerPass[F]) unroll(b int, d *layerParams[F]) {
	n := l.p.n
	gv, ga, gs, none := l.scratch[0], l.scratch[1], l.scratch[2], l.scratch[3]
	clear(gv)
	clear(ga)
	clear(none)
	clear(l.loop.heard)
	for t := l.c.Steps - 1; t >= 0; t-- {
		k := b*l.c.Steps + t
		g := l.g[k*n : (k+1)*n]
		before, tired := none, none
		if t > 0 {
			before, tired = l.v[(k-1)*n:k*n], l.a[(k-1)*n:k*n]
		}
		l.loop.spikes(gs, t)
		l.back(g, l.u[k*n:(k+1)*n], before, tired, d)
		if t > 0 {
			l.loop.back(g, k-1, t-1)
		}
	}
}

// back goes back through one step of one example. Its scratch rows are the
// gradients by v, a and the recurrent spikes of the step.
func (l *layerPass[F]) back(g, u, before, tired []F, d *layerParams[F]) {
	n := len(g)
	u, before, tired = u[:n], before[:n], tired[:n]
	gv, ga, gs := l.scratch[0][:n], l.scratch[1][:n], l.scratch[2][:n]
	alpha, rho, strength := l.alpha[:n], l.rho[:n], l.p.strength[:n]
	dAlpha, dRho, dStrength := d.alpha[:n], d.rho[:n], d.strength[:n]
	spiking, subtract := l.spiking, l.c.Subtract
	for i := range g {
		m := u[i]
		slope := spiking.derivative(m - 1)
		through := g[i] + gs[i] + ga[i] // by the spike
		var du F
		if subtract {
			du = gv[i] + F((through-gv[i])*slope)
		} else {
			du = F(gv[i]*(1-spiking.spike(m-1))) + F((through-F(gv[i]*m))*slope)
		}
		dx := du * (1 - alpha[i])
		dAlpha[i] += F(du * (before[i] - m)) // times 1/(1-α), in the end
		dRho[i] += F(ga[i] * tired[i])
		dStrength[i] -= F(dx * tired[i])
		gv[i] = du * alpha[i]
		ga[i] = F(ga[i]*rho[i]) - F(dx*strength[i])
		g[i] = dx
	}
}
