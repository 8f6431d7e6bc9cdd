package asm

import "testing"

// TestVectorKernelsGiveTheBitsOfTheLoops holds the assembly to the Go it
// stands for, for runs of every length about its vectors.
func TestVectorKernelsGiveTheBitsOfTheLoops(t *testing.T) {
	if !fast {
		t.Skip("this processor has no AVX2")
	}
	can := wide
	defer func() { fast, wide = true, can }()
	for n := range 150 {
		for _, ids := range [][]uint32{nil, {20}, {0, 3, 3, 20, 7}} {
			fast = false
			loops := run(n, ids, .3)
			fast = true
			for _, wide = range []bool{false, can} {
				vectors := run(n, ids, .3)
				for name, want := range loops {
					if bits(vectors[name]) != bits(want) {
						t.Fatalf("%s, %d values, rows %v, wide %v: vectors %v, loops %v", name, n, ids, wide, vectors[name], want)
					}
				}
			}
		}
	}
}
