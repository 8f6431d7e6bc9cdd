package asm

//go:noescape
func scatterAVX(s *Scatter, st *Stretch)
