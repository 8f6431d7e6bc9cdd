package network

import (
	"encoding/binary"
	"math/bits"

	"ganglion/internal/asm"
)

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

// vectorised reports whether [asm.Integrate] is the layer's rule.
func (l *clockedLayer) vectorised() bool {
	return l.Rule == ToReset && !l.Inclusive && l.Floor == nil && l.late == nil && l.theta == nil && l.Compete == nil
}

// integrateRun is integrate by the vector kernels.
func (b *clockedBlock) integrateRun(s segment) {
	f, n := s.first, int(s.n)
	if n == 0 {
		return
	}
	above := b.bits(n)
	q := b.parameterOf(f)
	m := asm.Membranes{
		V: &b.v[f], X: &b.x[f], Above: &above[0], Alike: b.alike,
		Decay: &b.Decay[q], Gain: &b.Gain[q], Leak: &b.Leak[q], Threshold: &b.Threshold[q], Reset: &b.Reset[q],
	}
	if b.i != nil {
		m.I, m.SynDecay, m.SynGain = &b.i[f], &b.SynDecay[q], &b.SynGain[q]
	}
	asm.Integrate(&m, n)
	for k := 0; k < len(above); k += 8 {
		if fired := binary.LittleEndian.Uint64(above[k:]); fired != 0 {
			b.fireAll(f+int32(8*k), fired)
		}
	}
}

// bits has a bit for each of n neurons, in whole words. What lies behind them
// is 0.
func (b *clockedBlock) bits(n int) []uint8 {
	size := (n + 63) / 64 * 8
	if len(b.groups) < size {
		b.groups = make([]uint8, size)
	}
	clear(b.groups[(n+7)/8 : size])
	return b.groups[:size]
}

// fireAll notes the spikes of 64 neurons from a place on, a bit for each.
func (b *clockedBlock) fireAll(place int32, fired uint64) {
	for ; fired != 0; fired &= fired - 1 {
		b.fired = append(b.fired, b.id(place+int32(bits.TrailingZeros64(fired))))
	}
}

// updateWoken updates the blocks that got input, each of them after it has made
// up for its silence.
func (b *clockedBlock) updateWoken() {
	if b.together {
		b.integrateWoken()
	} else {
		size := b.block()
		for i, k := range b.woken {
			s := segment{first: k * size, n: min(size, int32(len(b.x))-k*size)}
			if b.v != nil {
				asm.Decay(b.v[s.first:s.first+s.n], b.Decay[b.parameterOf(s.first):], int(b.slept[i]))
			}
			b.update(s)
		}
	}
	b.woken, b.slept = b.woken[:0], b.slept[:0]
}

// integrateWoken is integrate of all woken blocks at once.
func (b *clockedBlock) integrateWoken() {
	if len(b.woken) == 0 {
		return
	}
	blocks := asm.Blocks{Size: int(b.block())}
	if !b.periodic {
		blocks.Stride = blocks.Size
	}
	n := len(b.woken) * blocks.Size
	b.counts.updates += uint64(n)
	above := b.bits(n)
	blocks.Integrate(&asm.Membranes{
		V: &b.v[0], X: &b.x[0], Above: &above[0],
		Decay: &b.Decay[0], Gain: &b.Gain[0], Leak: &b.Leak[0], Threshold: &b.Threshold[0], Reset: &b.Reset[0],
	}, b.woken, b.slept)
	for k := 0; k < len(above); k += 8 {
		for fired := binary.LittleEndian.Uint64(above[k:]); fired != 0; fired &= fired - 1 {
			at := 8*k + bits.TrailingZeros64(fired) // among the neurons of all woken blocks
			place := b.woken[at/blocks.Size]*int32(blocks.Size) + int32(at%blocks.Size)
			b.fired = append(b.fired, b.id(place))
		}
	}
}

// integrateExtended is integrate for neurons that adapt or have a refractory
// period. During it the membrane stays as the spike left it and input to it
// is lost; synaptic currents and adaptation continue.
func (b *clockedBlock) integrateExtended(s segment) {
	for n := s.first; n < s.first+s.n; n++ {
		x := b.x[n]
		b.x[n] = 0
		if b.i != nil {
			x = float32(b.SynDecay[n]*b.i[n]) + float32(b.SynGain[n]*x)
			b.i[n] = x
		}
		if b.resting != nil && b.resting[n] > 0 {
			b.resting[n]--
			b.adapt(n, 0)
			if b.late != nil {
				b.fire(n, 0)
			}
			continue
		}
		if b.adapted != nil && !b.Adapt.OnThreshold {
			x -= b.adapted[n]
		}
		before := b.v[n]
		v, z := b.decide(n, before, float32(b.Decay[n]*before)+float32(b.Gain[n]*x)+b.Leak[n])
		if b.Floor != nil && v < b.Floor[n] {
			v = b.Floor[n]
		}
		b.v[n] = v
		if z > 0 && b.resting != nil {
			b.resting[n] = b.refractory[n]
		}
		b.adapt(n, z)
		if z > 0 || b.late != nil {
			b.fire(n, z)
		}
	}
}

// adapt ends a step for a neuron's adaptation.
func (b *clockedBlock) adapt(n int32, z uint32) {
	if a := b.Adapt; a != nil {
		b.adapted[n] = float32(a.Decay[n]*b.adapted[n]) + float32(a.Couple[n]*(b.v[n]-a.Rest[n])) + float32(a.Jump[n]*float32(z))
	}
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
