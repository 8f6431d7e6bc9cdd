package bptt

import "ganglion/internal/random"

// pass is one processor's work on a part of a batch: forward through the
// network and back. It keeps its memory.
type pass[F real] struct {
	c      Config
	in     raster[F]
	layers []*layerPass[F]
	read   *readPass[F]
}

func newPass[F real](c Config, p *params[F]) *pass[F] {
	s := &pass[F]{c: c, in: raster[F]{n: c.Inputs}}
	in := &s.in
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
	for i, l := range s.layers {
		l.prepare(i > 0)
	}
	s.read.prepare()
}

// drop draws which neurons of the example in place b are dropped.
func (s *pass[F]) drop(b int, key random.Key) {
	for k, l := range s.layers {
		if l.keep == nil {
			continue
		}
		key := key.With(uint64(k))
		for i := range l.p.n {
			l.keep[b*l.p.n+i] = 0
			if key.Uniform(uint64(i)) >= s.c.Dropout {
				l.keep[b*l.p.n+i] = F(1 / (1 - s.c.Dropout))
			}
		}
	}
}

// forward computes the logits of the examples in the input raster.
func (s *pass[F]) forward() {
	for _, l := range s.layers {
		l.forward()
	}
	s.read.forward()
}

// backward turns the gradients by the logits into those of the parameters, d,
// which are 0 before.
func (s *pass[F]) backward(d *params[F]) {
	top := len(s.layers) - 1
	s.read.backward(&d.read, s.layers[top])
	for i := top; i >= 0; i-- {
		var below *layerPass[F]
		if i > 0 {
			below = s.layers[i-1]
		}
		s.layers[i].backward(&d.layers[i], below)
	}
}
