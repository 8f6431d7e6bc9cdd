package bptt

import (
	"slices"

	"ganglion/internal/random"
)

// pass is one processor's work on a part of a batch: forward through the
// network and back. It keeps its memory.
type pass[F real] struct {
	c      Config
	in     raster[F]
	convs  []*convPass[F]
	layers []*layerPass[F]
	read   *readPass[F]
}

func newPass[F real](c Config, p *params[F]) *pass[F] {
	s := &pass[F]{c: c, in: raster[F]{n: c.Inputs}}
	shapes, err := c.shapes()
	if err != nil {
		panic(err) // the configuration was checked
	}
	in := &s.in
	for i := range p.convs {
		l := newConvPass(c, shapes[i], &p.convs[i], in)
		s.convs = append(s.convs, l)
		in = &l.out
	}
	for i := range p.layers {
		l := newLayerPass(c, &p.layers[i], in)
		s.layers = append(s.layers, l)
		in = l.spikes()
	}
	s.read = newReadPass(c, &p.read, in)
	return s
}

// prepare takes up new parameters.
func (s *pass[F]) prepare() {
	for _, l := range s.convs {
		l.prepare()
	}
	for i, l := range s.layers {
		l.prepare(i+len(s.convs) > 0)
	}
	s.read.prepare()
}

// drop draws which neurons of the example in place b are dropped.
func (s *pass[F]) drop(b int, key random.Key) {
	if s.c.Dropout == 0 {
		return
	}
	draw := func(keep []F, key random.Key) {
		for i := range keep {
			keep[i] = 0
			if key.Uniform(uint64(i)) >= s.c.Dropout {
				keep[i] = F(1 / (1 - s.c.Dropout))
			}
		}
	}
	for k, l := range s.layers {
		draw(l.keep[b*l.p.n:(b+1)*l.p.n], key.With(uint64(k)))
	}
	for k, l := range s.convs {
		draw(l.keep[b*l.out.n:(b+1)*l.out.n], key.With(uint64(len(s.layers)+k)))
	}
}

// forward computes the logits of the examples in the input raster.
func (s *pass[F]) forward() {
	for _, l := range s.convs {
		l.forward()
	}
	for _, l := range s.layers {
		l.forward()
	}
	s.read.forward()
}

// backward turns the gradients by the logits into those of the parameters, d,
// which are 0 before.
func (s *pass[F]) backward(d *params[F]) {
	var below []lower[F]
	for _, l := range s.convs {
		below = append(below, l)
	}
	for _, l := range s.layers {
		below = append(below, l)
	}
	below = append([]lower[F]{nil}, below...) // the input wants no gradient
	top := len(below) - 1
	s.read.backward(&d.read, below[top])
	for i := len(s.layers) - 1; i >= 0; i-- {
		top--
		s.layers[i].backward(&d.layers[i], below[top])
	}
	for i := len(s.convs) - 1; i >= 0; i-- {
		top--
		s.convs[i].backward(&d.convs[i], below[top])
	}
}

// statistics are copies of what batch norm saw, in the order of a trainer's norms.
func (s *pass[F]) statistics() []norm[F] {
	var all []norm[F]
	for _, l := range s.layers {
		all = append(all, norm[F]{mean: slices.Clone(l.norm.mean), variance: slices.Clone(l.norm.variance)})
	}
	for _, l := range s.convs {
		all = append(all, norm[F]{mean: slices.Clone(l.norm.mean), variance: slices.Clone(l.norm.variance)})
	}
	return all
}
