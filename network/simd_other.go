//go:build !amd64

package network

// There are vector kernels for amd64 only; these are never called.
const fast = false

func addScaledAVX(x, w *float32, n int, gain float32) {}
func synapseAVX(i, x, decay, gain *float32, n int)    {}
func membraneAVX(p *membranes, n int)                 {}
