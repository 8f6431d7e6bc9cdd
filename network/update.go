package network

// value is a graded spike.
type value struct {
	id uint32
	v  float32
}

// update advances the neurons of some neighbouring places by one step.
func (b *clockedBlock) update(s segment) {
	switch b.Rule {
	case Relay:
		b.relay(s)
	case Step:
		b.heaviside(s)
	case Integer:
		b.fixedPoint(s)
	default:
		b.integrate(s)
	}
}

// relay lets the inputs of linear nodes through.
func (b *clockedBlock) relay(s segment) {
	for n := s.first; n < s.first+s.n; n++ {
		if x := b.x[n]; x != 0 {
			b.graded = append(b.graded, value{b.id(n), x})
			b.x[n] = 0
		}
	}
}

// heaviside fires where the input is above the threshold.
func (b *clockedBlock) heaviside(s segment) {
	for n := s.first; n < s.first+s.n; n++ {
		z := uint32(0)
		if b.above(b.x[n], b.Threshold[n]) {
			z = 1
		}
		if z > 0 || b.late != nil {
			b.fire(n, z)
		}
		b.x[n] = 0
	}
}

func (b *clockedBlock) above(v, threshold float32) bool {
	return v > threshold || b.Inclusive && v == threshold
}

// integrate advances synapses and membranes and fires.
func (b *clockedBlock) integrate(s segment) {
	b.counts.updates += uint64(s.n)
	if b.adapted != nil || b.resting != nil {
		b.integrateExtended(s)
		return
	}
	if b.vectorised() {
		b.integrateRun(s)
		return
	}
	for n := s.first; n < s.first+s.n; n++ {
		x := b.x[n]
		b.x[n] = 0
		if b.i != nil {
			x = float32(b.SynDecay[n]*b.i[n]) + float32(b.SynGain[n]*x)
			b.i[n] = x
		}
		before := b.v[n]
		v := float32(b.Decay[n]*before) + float32(b.Gain[n]*x) + b.Leak[n]
		if b.Rule == Readout {
			b.v[n] = v
			b.graded = append(b.graded, value{b.id(n), v})
			continue
		}
		v, z := b.decide(n, before, v)
		if b.Floor != nil && v < b.Floor[n] {
			v = b.Floor[n]
		}
		b.v[n] = v
		if z > 0 || b.late != nil {
			b.fire(n, z)
		}
	}
}

// maxSpikes bounds the spikes of one neuron in one step.
const maxSpikes = 1 << 16

// decide applies the layer's rule and returns the membrane and the number of
// spikes.
func (b *clockedBlock) decide(n int32, before, v float32) (float32, uint32) {
	threshold := b.Threshold[n]
	if b.theta != nil {
		threshold += b.raised(n)
	}
	if b.adapted != nil && b.Adapt.OnThreshold {
		threshold += b.adapted[n]
	}
	switch b.Rule {
	case ToReset:
		if b.above(v, threshold) {
			if b.Compete != nil {
				b.contenders = append(b.contenders, contender{n, v - threshold})
				return v, 0
			}
			return b.Reset[n], 1
		}
	case Subtract:
		if b.above(v, threshold) {
			return v - threshold, 1
		}
	case SubtractMany:
		if b.above(v, threshold) {
			z := uint32(min(v/threshold, maxSpikes))
			return v - float32(float32(z)*threshold), z
		}
	case SubtractDelayed:
		if b.above(before, threshold) {
			return v - threshold, 1
		}
	case SubtractNext:
		if b.above(before, threshold) {
			v -= threshold
		}
		if b.above(v, threshold) {
			return v, 1
		}
	case SubtractTwice:
		test := v
		if b.above(before, threshold) {
			test -= threshold
		}
		if b.above(test, threshold) {
			return v - threshold, 1
		}
	}
	return v, 0
}

// fixedPoint advances integer neurons.
func (b *clockedBlock) fixedPoint(s segment) {
	p := b.Loihi
	b.counts.updates += uint64(s.n)
	for n := s.first; n < s.first+s.n; n++ {
		u := b.u[n]*int64(4096-p.DU-1)/4096 + int64(b.x[n])<<6
		v := b.w[n]*int64(4096-p.DV)/4096 + u
		b.x[n] = 0
		z := uint32(0)
		if v > int64(p.Threshold)<<6 {
			v, z = 0, 1
		}
		b.u[n], b.w[n] = u, v
		b.fire(n, z)
	}
}
