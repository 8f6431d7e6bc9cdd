//go:build !amd64

package asm

func scatterAVX(*Scatter, *Stretch) {}
