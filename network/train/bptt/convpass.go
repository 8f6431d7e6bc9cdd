package bptt

import "ganglion/internal/asm"

// convPass is a part of a batch on its way through a convolutional layer:
//
//	x = norm(W * z)
//	u = α v(t-1) + (1-α) (γ x + β)     s = 1 where u > 1
//	v = 0 where s, else u; or v = u - s
//
// with an α, γ and β for each channel. Arrays are [examples·steps, neurons],
// the channel last. Weights are added where spikes are: the cost follows them.
type convPass[F real] struct {
	c             Config
	shape         convShape
	spiking       spiking[F]
	p             *convParams[F]
	in            *raster[F]
	out           raster[F] // pooled, and without what is dropped
	keep          []F       // [examples, pooled]: 0 for a neuron dropped, else the scale of out; nil without dropout
	x             []F       // normalised input currents
	u, v          []F       // membranes before and after the reset
	g             []F       // gradients by the spikes, then by the input current
	alpha, dAlpha []F       // decays of the channels and their slopes by place
	norm          batchNorm[F]
	touches       [][]touch
	pools         []int
	wt            []F // [out.c, kernel·kernel·in.c]
	patch         []F // gradient by what lies under a kernel
	pooled        []F // gradient by the pooled spikes of a row
	none, gv      []F // rows
}

func newConvPass[F real](c Config, shape convShape, p *convParams[F], in *raster[F]) *convPass[F] {
	l := &convPass[F]{c: c, shape: shape, spiking: newSpiking[F](c), p: p, in: in, out: raster[F]{n: shape.pooled.size()}}
	n := shape.out.size()
	for _, v := range []*[]F{&l.x, &l.u, &l.v, &l.g} {
		*v = make([]F, c.Part*c.Steps*n)
	}
	l.alpha, l.dAlpha, l.norm = make([]F, shape.out.c), make([]F, shape.out.c), newBatchNorm[F](shape.out.c)
	l.touches, l.pools = shape.touches(), shape.pools()
	l.wt, l.patch = make([]F, len(p.w)), make([]F, len(p.w)/shape.out.c)
	l.pooled, l.none, l.gv = make([]F, shape.pooled.size()), make([]F, n), make([]F, n)
	if c.Dropout > 0 {
		l.keep = make([]F, c.Part*shape.pooled.size())
	}
	return l
}

// prepare takes up new parameters.
func (l *convPass[F]) prepare() {
	lo, hi := l.c.decays(l.c.Membrane)
	for i, place := range l.p.alpha {
		l.alpha[i], l.dAlpha[i] = squash(place, lo, hi)
	}
	transpose(l.wt, l.p.w, len(l.p.w)/l.shape.out.c, l.shape.out.c)
}

// forward computes the spikes of the part.
func (l *convPass[F]) forward() {
	n := l.shape.out.size()
	clear(l.x)
	for k := range len(l.x) / n {
		row := l.x[k*n : (k+1)*n]
		l.eachInput(k, func(weights, out int, s F) {
			c := l.shape.out.c
			asm.AddScaled(row[out:out+c], l.p.w[weights:weights+c], s*l.in.scale)
		})
	}
	l.norm.forward(l.x)
	l.out.reset()
	if l.keep != nil {
		l.out.scale = F(1 / (1 - l.c.Dropout))
	}
	for b := range l.c.Part {
		for t := range l.c.Steps {
			l.step(b, t)
		}
	}
}

// eachInput calls f for each place of the output that a spike s of row k
// touches, with where the weights from there and the output's channels begin.
func (l *convPass[F]) eachInput(k int, f func(weights, out int, s F)) {
	in, c := l.shape.in.c, l.shape.out.c
	spike := func(id int, s F) {
		for _, t := range l.touches[id/in] {
			f((t.kernel*in+id%in)*c, t.out*c, s)
		}
	}
	if len(l.in.dense) > 0 {
		for id, s := range l.in.dense[k*l.in.n : (k+1)*l.in.n] {
			spike(id, s)
		}
		return
	}
	for _, id := range l.in.row(k) {
		spike(int(id), 1)
	}
}

// step computes step t of example b.
func (l *convPass[F]) step(b, t int) {
	n, c, k := l.shape.out.size(), l.shape.out.c, b*l.c.Steps+t
	before := l.none
	if t > 0 {
		before = l.v[(k-1)*n : k*n]
	}
	gamma, beta, alpha := l.p.gamma[:c], l.p.beta[:c], l.alpha[:c]
	for at := k * n; at < (k+1)*n; at += c {
		x, u, v, before := l.x[at:at+c], l.u[at:at+c], l.v[at:at+c], before[at-k*n:at-k*n+c]
		for i := range x {
			u[i] = F(alpha[i]*before[i]) + F((1-alpha[i])*(F(gamma[i]*x[i])+beta[i]))
			v[i] = u[i]
		}
	}
	if l.spiking.smooth {
		l.fireSmoothly(l.u[k*n:(k+1)*n], l.v[k*n:(k+1)*n], b)
	} else {
		l.fire(l.u[k*n:(k+1)*n], l.v[k*n:(k+1)*n], b)
	}
	l.out.ends = append(l.out.ends, len(l.out.ids))
}

func (l *convPass[F]) fire(u, v []F, b int) {
	for i, m := range u {
		if m > 1 {
			if to := l.pools[i]; to >= 0 && l.kept(b, to) {
				l.out.ids = append(l.out.ids, uint32(to))
			}
			v[i] = 0
			if l.c.Subtract {
				v[i] = m - 1
			}
		}
	}
}

func (l *convPass[F]) kept(b, pooled int) bool { return l.keep == nil || l.keep[b*l.out.n+pooled] > 0 }

func (l *convPass[F]) fireSmoothly(u, v []F, b int) {
	begin := len(l.out.dense)
	l.out.dense = append(l.out.dense, make([]F, l.out.n)...)
	for i, m := range u {
		s := l.spiking.spike(m - 1)
		if to := l.pools[i]; to >= 0 && l.kept(b, to) {
			l.out.dense[begin+to] += s
		}
		if l.c.Subtract {
			v[i] = m - s
		} else {
			v[i] = m * (1 - s)
		}
	}
}

func (l *convPass[F]) inbox(int) []F {
	clear(l.pooled)
	return l.pooled
}

func (l *convPass[F]) settle(k int) {
	n := l.shape.out.size()
	if l.keep != nil {
		b := k / l.c.Steps
		for i, s := range l.keep[b*l.out.n : (b+1)*l.out.n] {
			l.pooled[i] *= s
		}
	}
	for i, to := range l.pools {
		l.g[k*n+i] = 0
		if to >= 0 {
			l.g[k*n+i] = l.pooled[to]
		}
	}
}

// backward takes the gradients by the spikes, g, back to the parameters of the
// layer, d, which are 0 before, and where below is not nil to the spikes of the
// layer below.
func (l *convPass[F]) backward(d *convParams[F], below lower[F]) {
	for b := range l.c.Part {
		l.unroll(b, d)
	}
	for i := range l.alpha {
		d.alpha[i] *= l.dAlpha[i] / (1 - l.alpha[i])
	}
	l.norm.backward(l.g, l.x, l.p.gamma, d.gamma, d.beta)
	n, c := l.shape.out.size(), l.shape.out.c
	for k := range len(l.g) / n {
		row := l.g[k*n : (k+1)*n]
		l.eachInput(k, func(weights, out int, s F) {
			asm.AddScaled(d.w[weights:weights+c], row[out:out+c], s*l.in.scale)
		})
		if below != nil {
			l.descend(below.inbox(k), row)
			below.settle(k)
		}
	}
}

// descend adds to the gradient by the input of a row what the gradient by the
// currents of that row, g, makes of it.
func (l *convPass[F]) descend(input, g []F) {
	s := l.shape
	for place := range s.out.h * s.out.w {
		clear(l.patch)
		asm.AddProduct(l.patch, l.wt, g[place*s.out.c:(place+1)*s.out.c])
		y, x := place/s.out.w*s.stride-s.padding, place%s.out.w*s.stride-s.padding
		for ky := range s.kernel {
			if y+ky < 0 || y+ky >= s.in.h {
				continue
			}
			from, to := max(0, -x), min(s.kernel, s.in.w-x)
			under := l.patch[(ky*s.kernel+from)*s.in.c : (ky*s.kernel+to)*s.in.c]
			asm.AddScaled(input[((y+ky)*s.in.w+x+from)*s.in.c:][:len(under)], under, 1)
		}
	}
}

// unroll goes back through the steps of example b. g becomes the gradient by
// the normalised input currents.
func (l *convPass[F]) unroll(b int, d *convParams[F]) {
	n, c := l.shape.out.size(), l.shape.out.c
	clear(l.gv)
	for t := l.c.Steps - 1; t >= 0; t-- {
		k := b*l.c.Steps + t
		before := l.none
		if t > 0 {
			before = l.v[(k-1)*n : k*n]
		}
		for at := 0; at < n; at += c {
			l.back(l.g[k*n+at:k*n+at+c], l.u[k*n+at:k*n+at+c], before[at:at+c], l.gv[at:at+c], d.alpha)
		}
	}
}

// back goes back through one step of one place.
func (l *convPass[F]) back(g, u, before, gv, dAlpha []F) {
	u, before, gv, dAlpha = u[:len(g)], before[:len(g)], gv[:len(g)], dAlpha[:len(g)]
	alpha := l.alpha[:len(g)]
	for i := range g {
		m := u[i]
		slope := l.spiking.derivative(m - 1)
		var du F
		if l.c.Subtract {
			du = gv[i] + F((g[i]-gv[i])*slope)
		} else {
			du = F(gv[i]*(1-l.spiking.spike(m-1))) + F((g[i]-F(gv[i]*m))*slope)
		}
		dAlpha[i] += F(du * (before[i] - m)) // times 1/(1-α), in the end
		gv[i] = du * alpha[i]
		g[i] = du * (1 - alpha[i])
	}
}
