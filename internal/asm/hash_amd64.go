package asm

//go:noescape
func xxh32AVX(lanes *[4]uint32, src *byte, stripes int)
