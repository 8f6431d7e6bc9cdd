package network

import "testing"

// TestDivisionsAreExact looks where a product rounds wrongly first: just below,
// at and above every multiple that lies at the upper end of what ids reach.
func TestDivisionsAreExact(t *testing.T) {
	t.Parallel()
	check := func(d divider, v uint32) {
		if q, r := d.div(v); q != v/d.n || r != v%d.n {
			t.Fatalf("%d by %d is %d, %d over, want %d, %d", v, d.n, q, r, v/d.n, v%d.n)
		}
	}
	sizes := []int{1280 * 720, 1280 * 800, 1920 * 1080, 640 * 480, 346 * 260, 304 * 240, maxNeurons - 1, maxNeurons}
	for n := 1; n <= maxNeurons; n += 1 + n/97 {
		sizes = append(sizes, n)
	}
	for bit := range 24 {
		sizes = append(sizes, 1<<bit, 1<<bit+1, max(1, 1<<bit-1))
	}
	for _, n := range sizes {
		d := newDivider(n)
		for k := max(1, maxNeurons/n-200); k <= maxNeurons/n; k++ {
			for _, v := range []int{k*n - 1, k * n, k*n + 1} {
				if v < maxNeurons {
					check(d, uint32(v))
				}
			}
		}
		check(d, 0)
		check(d, maxNeurons-1)
	}
}
