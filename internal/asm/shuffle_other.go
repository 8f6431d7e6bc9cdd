//go:build !amd64

package asm

import "unsafe"

func unshuffle2AVX(dst, src *byte, n, stride int) {}
func unshuffle4AVX(dst, src *byte, n, stride int) {}
func unshuffle8AVX(dst, src *byte, n, stride int) {}
func groupsAVX(unsafe.Pointer, *byte, int)        {}
