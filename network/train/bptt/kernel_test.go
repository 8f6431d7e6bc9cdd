package bptt

import (
	"slices"
	"testing"

	"ganglion/internal/random"
)

// scalar runs f without vector kernels.
func scalar(t *testing.T, f func()) {
	t.Helper()
	if !setFast(false) {
		t.Skip("this processor has no vector kernels")
	}
	defer setFast(true)
	f()
}

func TestVectorKernelsGiveTheBitsOfTheLoops(t *testing.T) {
	key := random.New(1)
	numbers := func(n int, use uint64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(key.With(use).Normal(uint64(i)))
		}
		return v
	}
	for _, n := range []int{1, 7, 8, 10, 31, 32, 40, 77, 128} {
		const rows = 21
		w, gain := numbers(rows*n, 1), numbers(rows, 2)
		for _, ids := range [][]uint32{nil, {20}, {0, 3, 3, 20}} {
			run := func() (x, product, to []float32) {
				x, product, to = numbers(n, 3), numbers(n, 4), slices.Clone(w)
				addRows(x, w, ids)
				addProduct(product, w, gain[:len(ids)])
				addToRows(to, x, ids)
				return x, product, to
			}
			x, product, to := run()
			scalar(t, func() {
				x1, product1, to1 := run()
				if !slices.Equal(x, x1) || !slices.Equal(product, product1) || !slices.Equal(to, to1) {
					t.Errorf("%d values, rows %v: vectors and loops differ", n, ids)
				}
			})
		}
	}
}
