package network

import (
	"fmt"
	"testing"

	"ganglion/internal/asm/asmtest"
)

// TestVectorKernelsGiveTheSameBits runs networks whose layers the vector
// kernels know.
func TestVectorKernelsGiveTheSameBits(t *testing.T) {
	t.Parallel()
	const span = 120_000
	var all []byte
	for seed := range uint64(4) {
		spec := clockedSpec(seed)
		for i, ls := range spec.Layers { // the fast rule everywhere it is defined
			if c := ls.Neuron.(Clocked); c.spiking() {
				c.Rule, c.Late, c.Floor = ToReset, false, nil
				spec.Layers[i].Neuron = c
			}
		}
		e := newEngine(t, spec, 2)
		trains := runCut(t, e, randomTrain(seed, 20, 24, 6000, span), span, 10_000)
		all = append(fmt.Append(all, trains), stateOf(t, e)...)
	}
	asmtest.Same(t, all)
}
