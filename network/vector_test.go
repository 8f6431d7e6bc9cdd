//go:build amd64

package network

import "testing"

// TestVectorKernelsGiveTheSameBits switches the vector kernels off and wants
// the same spikes, values and state.
func TestVectorKernelsGiveTheSameBits(t *testing.T) {
	if !fast {
		t.Skip("this processor has no AVX2")
	}
	defer func() { fast = true }()
	const span = 120_000
	for seed := range uint64(4) {
		spec := clockedSpec(seed)
		for i, ls := range spec.Layers { // the fast rule everywhere it is defined
			if c := ls.Neuron.(Clocked); c.spiking() {
				c.Rule, c.Late, c.Floor = ToReset, false, nil
				spec.Layers[i].Neuron = c
			}
		}
		in := randomTrain(seed, 20, 24, 6000, span)
		run := func() (snap []byte, e *Engine) {
			e = newEngine(t, spec, 2)
			return nil, e
		}
		_, a := run()
		want := runCut(t, a, in, span, 10_000)
		fast = false
		_, b := run()
		got := runCut(t, b, in, span, 10_000)
		fast = true
		same(t, "scalar", want, got)
		x, err1 := a.AppendState(nil)
		y, err2 := b.AppendState(nil)
		if err1 != nil || err2 != nil || string(x) != string(y) {
			t.Fatalf("seed %d: states differ", seed)
		}
	}
}
