package bptt

import "golang.org/x/sys/cpu"

// setFast switches the vector kernels and reports whether there are any.
func setFast(on bool) bool {
	fast = on && cpu.X86.HasAVX2
	return cpu.X86.HasAVX2
}
