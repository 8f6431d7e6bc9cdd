package asm

import "unsafe"

//go:noescape
func unshuffle2AVX(dst, src *byte, n, stride int)

//go:noescape
func unshuffle4AVX(dst, src *byte, n, stride int)

//go:noescape
func unshuffle8AVX(dst, src *byte, n, stride int)

//go:noescape
func groupsAVX(records unsafe.Pointer, src *byte, n int)
