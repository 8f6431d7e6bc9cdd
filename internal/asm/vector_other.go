//go:build !amd64

package asm

// There are vector kernels for amd64 only; these are never called.
const fast, wide = false, false

func addScaledAVX(x, w *float32, n int, gain float32)                            {}
func addRowsAVX(x, w *float32, ids *uint32, count, width, n int, gains *float32) {}
func addProductAVX(x, w, gain *float32, k, n, stride int)                        {}
func addToRowsAVX(w, x *float32, ids *uint32, k, n, stride int)                  {}
func decayAVX(v, decay *float32, n, steps int)                                   {}
func integrateAVX(m *Membranes, n int)                                           {}
func integrateAlikeAVX(m *Membranes, n int, wide bool)                           {}

func integrateBlocksAVX(m *Membranes, blocks *int32, slept *int64, count, size, stride int) {}
