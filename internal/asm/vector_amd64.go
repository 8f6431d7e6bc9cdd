package asm

import "golang.org/x/sys/cpu"

// fast reports whether the vector kernels may be used. Tests switch it off to
// compare.
var fast = cpu.X86.HasAVX2

// wide reports whether vectors of AVX-512 may be used as well.
var wide = cpu.X86.HasAVX512F

//go:noescape
func addScaledAVX(x, w *float32, n int, gain float32)

//go:noescape
func addRowsAVX(x, w *float32, ids *uint32, count, width, n int, gains *float32)

//go:noescape
func addProductAVX(x, w, gain *float32, k, n, stride int)

//go:noescape
func addToRowsAVX(w, x *float32, ids *uint32, k, n, stride int)

//go:noescape
func decayAVX(v, decay *float32, n, steps int)

//go:noescape
func integrateAVX(m *Membranes, n int)

//go:noescape
func integrateAlikeAVX(m *Membranes, n int, wide bool)

//go:noescape
func integrateBlocksAVX(m *Membranes, blocks *int32, slept *int64, count, size, stride int)
