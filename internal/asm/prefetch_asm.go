//go:build amd64 || arm64

package asm

// Prefetch asks the processor to bring four addresses near. Events hop all
// over the sensor, so without it a busy scene waits for memory most of the
// time. It is a hint: any address will do, and nothing is read.
//
//go:noescape
func Prefetch(a, b, c, d uintptr)
