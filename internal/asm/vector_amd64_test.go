package asm

import "testing"

// TestVectorKernelsGiveTheBitsOfTheLoops holds the assembly to the Go it
// stands for, for runs of every length about its vectors.
func TestVectorKernelsGiveTheBitsOfTheLoops(t *testing.T) {
	if !fast {
		t.Skip("this processor has no AVX2")
	}
	defer func() { fast = true }()
	for n := range 150 {
		for _, ids := range [][]uint32{nil, {20}, {0, 3, 3, 20, 7}} {
			fast = true
			vectors := run(n, ids, .3)
			fast = false
			for name, want := range run(n, ids, .3) {
				if bits(vectors[name]) != bits(want) {
					t.Fatalf("%s, %d values, rows %v: vectors %v, loops %v", name, n, ids, vectors[name], want)
				}
			}
		}
	}
}
