package network

import (
	"encoding/binary"
	"math/bits"
)

// lanes is how many neurons the vector kernels take at once.
const lanes = 8

// membranes points a vector kernel at the arrays of a run of neurons. The
// order of the fields is known to the assembly.
type membranes struct {
	v, x, decay, gain, leak, threshold, reset *float32
	above                                     *uint8
}

// addScaled adds w*gain to x.
func addScaled(x, w []float32, gain float32) {
	w = w[:len(x)]
	if n := len(x) &^ (lanes - 1); fast && n > 0 {
		addScaledAVX(&x[0], &w[0], n, gain)
		x, w = x[n:], w[n:]
	}
	for i := range x {
		x[i] += float32(w[i] * gain)
	}
}

// vectorised reports whether the vector kernel knows the layer's rule.
func (b *clockedBlock) vectorised() bool {
	return fast && b.Rule == ToReset && !b.Inclusive && b.Floor == nil && b.late == nil && b.theta == nil && b.Compete == nil
}

// integrateFast is integrate for whole groups of lanes from the start of a
// run. It returns how many neurons it has done.
func (b *clockedBlock) integrateFast(s segment) (done int32) {
	n := s.n &^ (lanes - 1)
	if n == 0 {
		return 0
	}
	f := s.first
	if b.i != nil {
		synapseAVX(&b.i[f], &b.x[f], &b.SynDecay[f], &b.SynGain[f], int(n))
	}
	if groups := int(n / lanes); len(b.groups) < groups {
		b.groups = make([]uint8, groups)
	}
	q := b.parameterOf(f)
	var p membranes
	p.v, p.x, p.above = &b.v[f], &b.x[f], &b.groups[0]
	p.decay, p.gain, p.leak, p.threshold, p.reset = &b.Decay[q], &b.Gain[q], &b.Leak[q], &b.Threshold[q], &b.Reset[q]
	membraneAVX(&p, int(n))
	groups := b.groups[:n/lanes]
	for k := 0; k < len(groups); k += 8 {
		var m uint64 // the bits of 64 neurons
		if k+8 <= len(groups) {
			m = binary.LittleEndian.Uint64(groups[k:])
		} else {
			for i, g := range groups[k:] {
				m |= uint64(g) << (8 * i)
			}
		}
		for ; m != 0; m &= m - 1 {
			b.fire(f+int32(k*lanes+bits.TrailingZeros64(m)), 1)
		}
	}
	return n
}
