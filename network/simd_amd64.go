package network

import "golang.org/x/sys/cpu"

// fast reports whether the vector kernels may be used. Tests switch it off to
// compare: both ways multiply and add in the same order without fusing, so
// they give the same bits.
var fast = cpu.X86.HasAVX2

//go:noescape
func addScaledAVX(x, w *float32, n int, gain float32)

//go:noescape
func synapseAVX(i, x, decay, gain *float32, n int)

//go:noescape
func addRowsAVX(x, w *float32, ids *uint32, count, width, n int, gains *float32)

//go:noescape
func decayAVX(v, decay *float32, n, steps int)

//go:noescape
func membraneAVX(p *membranes, n int)
