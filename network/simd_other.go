//go:build !amd64

package network

// There are vector kernels for amd64 only; these are never called.
const fast = false

func addScaledAVX(x, w *float32, n int, gain float32) {}
func synapseAVX(i, x, decay, gain *float32, n int)    {}
func membraneAVX(p *membranes, n int)                 {}

func addRowsAVX(x, w *float32, ids *uint32, count, width, n int, gains *float32) {}
func decayAVX(v, decay *float32, n, steps int)                                   {}
