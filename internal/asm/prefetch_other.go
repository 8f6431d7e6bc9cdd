//go:build !amd64 && !arm64

package asm

func Prefetch(a, b, c, d uintptr) {}
