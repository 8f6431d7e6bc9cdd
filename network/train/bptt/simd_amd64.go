package bptt

import "golang.org/x/sys/cpu"

// fast reports whether the vector kernels may be used. Tests switch it off to
// compare: both ways multiply and add in the same order without fusing, so
// they give the same bits.
var fast = cpu.X86.HasAVX2

//go:noescape
func addRowsAVX(x, w *float32, ids *uint32, k, n, stride int)

//go:noescape
func addProductAVX(x, w, gain *float32, k, n, stride int)

//go:noescape
func addToRowsAVX(w, x *float32, ids *uint32, k, n, stride int)
