package network

import (
	"encoding/binary"
	"math/bits"

	"ganglion/internal/asm"
)

// vectorised reports whether [asm.Integrate] is the layer's rule.
func (b *clockedBlock) vectorised() bool {
	return b.Rule == ToReset && !b.Inclusive && b.Floor == nil && b.late == nil && b.theta == nil && b.Compete == nil
}

// integrateRun is integrate by the vector kernels.
func (b *clockedBlock) integrateRun(s segment) {
	f, n := s.first, int(s.n)
	if n == 0 {
		return
	}
	if b.i != nil {
		asm.Filter(b.i[f:f+s.n], b.x[f:], b.SynDecay[f:], b.SynGain[f:])
	}
	groups := (n + 7) / 8
	if len(b.groups) < groups {
		b.groups = make([]uint8, groups)
	}
	q := b.parameterOf(f)
	m := asm.Membranes{
		V: &b.v[f], X: &b.x[f], Above: &b.groups[0],
		Decay: &b.Decay[q], Gain: &b.Gain[q], Leak: &b.Leak[q], Threshold: &b.Threshold[q], Reset: &b.Reset[q],
	}
	asm.Integrate(&m, n)
	for k, above := 0, b.groups[:groups]; k < groups; k += 8 {
		var fired uint64 // the bits of 64 neurons
		if k+8 <= groups {
			fired = binary.LittleEndian.Uint64(above[k:])
		} else {
			for i, g := range above[k:] {
				fired |= uint64(g) << (8 * i)
			}
		}
		for ; fired != 0; fired &= fired - 1 {
			b.fire(f+int32(k*8+bits.TrailingZeros64(fired)), 1)
		}
	}
}
