package bptt

import "unsafe"

// real is what the network is computed in: float32 to train, float64 to check
// gradients.
type real interface{ float32 | float64 }

// lanes is how many values the vector kernels take at once.
const lanes = 8

// vectors is how many of n values the vector kernels do.
func vectors[F real](n, k int) int {
	if !fast || k == 0 || unsafe.Sizeof(F(0)) != 4 {
		return 0
	}
	return n &^ (lanes - 1)
}

func single[F real](x []F) *float32 { return (*float32)(unsafe.Pointer(&x[0])) }

// addRows adds rows of w, [.., len(x)], to x, in the order of ids.
func addRows[F real](x, w []F, ids []uint32) {
	n := len(x)
	done := vectors[F](n, len(ids))
	if done > 0 {
		addRowsAVX(single(x), single(w), &ids[0], len(ids), done, n)
	}
	if done == n {
		return
	}
	for _, id := range ids {
		row := w[int(id)*n : int(id)*n+n]
		for i := done; i < n; i++ {
			x[i] += row[i]
		}
	}
}

// addScaled adds w*gain to x.
func addScaled[F real](x, w []F, gain F) {
	w = w[:len(x)]
	for i := range x {
		x[i] += F(w[i] * gain)
	}
}

// addProduct adds g W to x: row by row, w is [len(g), len(x)].
func addProduct[F real](x, w, g []F) {
	n := len(x)
	done := vectors[F](n, len(g))
	if done > 0 {
		addProductAVX(single(x), single(w), single(g), len(g), done, n)
	}
	if done == n {
		return
	}
	for j, gain := range g {
		row := w[j*n : j*n+n]
		for i := done; i < n; i++ {
			x[i] += F(row[i] * gain)
		}
	}
}

// addToRows adds x to rows of w, [.., len(x)].
func addToRows[F real](w, x []F, ids []uint32) {
	n := len(x)
	done := vectors[F](n, len(ids))
	if done > 0 {
		addToRowsAVX(single(w), single(x), &ids[0], len(ids), done, n)
	}
	if done == n {
		return
	}
	for _, id := range ids {
		row := w[int(id)*n : int(id)*n+n]
		for i := done; i < n; i++ {
			row[i] += x[i]
		}
	}
}

// transpose writes w, [rows, cols], to dst as [cols, rows].
func transpose[F real](dst, w []F, rows, cols int) {
	for i := range rows {
		for j, v := range w[i*cols : (i+1)*cols] {
			dst[j*rows+i] = v
		}
	}
}
