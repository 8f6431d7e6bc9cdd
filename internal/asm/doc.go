// Package asm holds all assembly of the project: the vector kernels of the
// engine and of training, the prefetch of the engine, and decoders of events and
// of what files pack them in.
//
// Every kernel is written twice, in Go and, for processors with AVX2, in
// assembly. Both multiply and add in the same order and never fuse the two, so
// they give the same bits; the tests of this package compare them for every
// length, and the Go loop serves other processors and what is left of a run
// behind the last whole vector; what [Scatter] does, package network does in Go.
// GODEBUG=cpu.avx2=off leaves the assembly out.
//
// The kernels do not look whether ids lie within a matrix: callers do, once
// for a run of them.
package asm
