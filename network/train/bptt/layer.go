package bptt

// layerPass is a part of a batch on its way through a hidden layer. Arrays are
// [examples·steps, n].
type layerPass[F real] struct {
	c            Config
	spiking      spiking[F]
	p            *layerParams[F]
	in           *raster[F]
	out          raster[F]
	kept         raster[F] // out without the neurons that are dropped
	keep         []F       // [examples, n]: 0 for a neuron dropped, else the scale of kept; nil without dropout
	x            []F       // normalised input currents
	u, v, a      []F       // membranes before and after the reset, adaptation
	g            []F       // gradients by out's spikes, then by the input current
	alpha, rho   []F       // decays
	dAlpha, dRho []F       // their slopes by place
	norm         batchNorm[F]
	wt           []F // transposed weights
	loop         *loop[F]
	scratch      [4][]F // rows
}

func newLayerPass[F real](c Config, p *layerParams[F], in *raster[F]) *layerPass[F] {
	l := &layerPass[F]{c: c, spiking: newSpiking[F](c), p: p, in: in, out: raster[F]{n: p.n}, kept: raster[F]{n: p.n}}
	rows := c.Part * c.Steps
	for _, v := range []*[]F{&l.x, &l.u, &l.v, &l.a, &l.g} {
		*v = make([]F, rows*p.n)
	}
	for _, v := range []*[]F{&l.alpha, &l.rho, &l.dAlpha, &l.dRho, &l.scratch[0], &l.scratch[1], &l.scratch[2], &l.scratch[3]} {
		*v = make([]F, p.n)
	}
	l.norm, l.wt, l.loop = newBatchNorm[F](p.n), make([]F, len(p.w)), newLoop(c, p)
	if c.Dropout > 0 {
		l.keep = make([]F, c.Part*p.n)
	}
	return l
}

// spikes is what the next layer sees.
func (l *layerPass[F]) spikes() *raster[F] {
	if l.keep != nil {
		return &l.kept
	}
	return &l.out
}

// prepare takes up new parameters.
func (l *layerPass[F]) prepare(below bool) {
	for i := range l.p.n {
		lo, hi := l.c.decays(l.c.Membrane)
		l.alpha[i], l.dAlpha[i] = squash(l.p.alpha[i], lo, hi)
		lo, hi = l.c.decays(l.c.Adaptation)
		l.rho[i], l.dRho[i] = squash(l.p.rho[i], lo, hi)
	}
	l.loop.prepare()
	if below {
		transpose(l.wt, l.p.w, l.p.in, l.p.n)
	}
}

// forward computes the spikes of the part.
func (l *layerPass[F]) forward() {
	n := l.p.n
	clear(l.x)
	for k := range len(l.x) / n {
		row := l.x[k*n : (k+1)*n]
		l.in.add(row, l.p.w, k)
		if s := l.in.scale; s != 1 {
			for i := range row {
				row[i] *= s
			}
		}
	}
	l.norm.forward(l.x)
	l.out.reset()
	l.kept.reset()
	l.loop.late.reset()
	for b := range l.c.Part {
		for t := range l.c.Steps {
			l.step(b, t)
		}
	}
	if l.keep != nil {
		l.kept.scale = F(1 / (1 - l.c.Dropout))
	}
}

// step computes step t of example b:
//
//	x = norm(W z) + U y(t-1) - strength·a(t-1), where y is s behind the axons
//	u = α v(t-1) + (1-α) x,  s = 1 where u > 1
//	v = 0 where s, else u; or v = u - s
//	a = ρ a(t-1) + s
func (l *layerPass[F]) step(b, t int) {
	n, k := l.p.n, b*l.c.Steps+t
	current, u, v, a := l.x[k*n:(k+1)*n], l.u[k*n:(k+1)*n], l.v[k*n:(k+1)*n], l.a[k*n:(k+1)*n]
	x, before, tired := l.scratch[0], l.scratch[1], l.scratch[1]
	gamma, beta, strength := l.p.gamma[:n], l.p.beta[:n], l.p.strength[:n]
	if t > 0 {
		before, tired = l.v[(k-1)*n:k*n], l.a[(k-1)*n:k*n]
	} else {
		clear(before)
	}
	for i := range x {
		x[i] = F(gamma[i]*current[i]) + beta[i] - F(strength[i]*tired[i])
	}
	if t > 0 {
		l.loop.hear(x, k-1, t-1)
	}
	alpha, rho := l.alpha[:n], l.rho[:n]
	for i := range x {
		u[i] = F(alpha[i]*before[i]) + F((1-alpha[i])*x[i])
		v[i], a[i] = u[i], F(rho[i]*tired[i])
	}
	if l.spiking.smooth {
		l.fireSmoothly(u, v, a, b)
	} else {
		l.fire(u, v, a, b)
	}
	l.out.ends = append(l.out.ends, len(l.out.ids))
	l.kept.ends = append(l.kept.ends, len(l.kept.ids))
	l.loop.send(&l.out, k, t)
}

func (l *layerPass[F]) fire(u, v, a []F, b int) {
	for i, m := range u {
		if m > 1 {
			l.out.ids = append(l.out.ids, uint32(i))
			if l.keep != nil && l.keep[b*l.p.n+i] > 0 {
				l.kept.ids = append(l.kept.ids, uint32(i))
			}
			v[i] = 0
			if l.c.Subtract {
				v[i] = m - 1
			}
			a[i]++
		}
	}
}

func (l *layerPass[F]) fireSmoothly(u, v, a []F, b int) {
	for i, m := range u {
		s := l.spiking.spike(m - 1)
		l.out.dense = append(l.out.dense, s)
		if l.keep != nil {
			kept := F(0)
			if l.keep[b*l.p.n+i] > 0 {
				kept = s
			}
			l.kept.dense = append(l.kept.dense, kept)
		}
		if l.c.Subtract {
			v[i] = m - s
		} else {
			v[i] = m * (1 - s)
		}
		a[i] += s
	}
}
