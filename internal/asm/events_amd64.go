package asm

import "unsafe"

//go:noescape
func evt2AVX(out unsafe.Pointer, src *byte, n int, base int64, column, row uint32) int

//go:noescape
func evt3AVX(p *EVT3Pairs)

//go:noescape
func sumAVX(s *Sums, events unsafe.Pointer, n int, leap int64)

//go:noescape
func columnsAVX(out unsafe.Pointer, c *columns, n int) int

//go:noescape
func recordsAVX(out unsafe.Pointer, src *byte, n int, last uint32) int
