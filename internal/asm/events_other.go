//go:build !amd64

package asm

import "unsafe"

func evt2AVX(unsafe.Pointer, *byte, int, int64, uint32, uint32) int { return 0 }
func evt3AVX(*EVT3Pairs)                                            {}
func sumAVX(*Sums, unsafe.Pointer, int, int64)                      {}
func columnsAVX(unsafe.Pointer, *columns, int) int                  { return 0 }
func recordsAVX(unsafe.Pointer, *byte, int, uint32) int             { return 0 }
