package asm

import "unsafe"

// float is what matrices are computed in: float32 to run and to train, float64
// to check gradients.
type float interface{ float32 | float64 }

// lanes is how many values the vector kernels take at once.
const lanes = 8

// vectors is how many of n values the vector kernels do.
func vectors[F float](n int) int {
	if !fast || unsafe.Sizeof(F(0)) != 4 {
		return 0
	}
	return n &^ (lanes - 1)
}

func single[F float](x []F) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(x))) }

// AddScaled adds w*gain to x. w is as long as x, or longer.
func AddScaled[F float](x, w []F, gain F) {
	w = w[:len(x)]
	done := vectors[F](len(x))
	if done > 0 {
		addScaledAVX(single(x), single(w), done, float32(gain))
	}
	for i := done; i < len(x); i++ {
		x[i] += F(w[i] * gain)
	}
}

// AddRows adds the rows ids of a matrix w of width columns to x, each times its
// gain unless there are none. Every x sums in the order of ids, each of which
// must be a row of w. Where x is shorter than a row, it takes the beginning.
func AddRows[F float](x, w []F, width int, ids []uint32, gains []F) {
	done := vectors[F](len(x))
	if len(ids) == 0 {
		return
	}
	if done > 0 {
		var scaled *float32
		if len(gains) > 0 {
			scaled = single(gains)
		}
		addRowsAVX(single(x), single(w), &ids[0], len(ids), width, done, scaled)
	}
	if done == len(x) {
		return
	}
	for k, id := range ids {
		row := w[int(id)*width:][:len(x)]
		gain := F(1)
		if len(gains) > 0 {
			gain = gains[k]
		}
		for j := done; j < len(x); j++ {
			x[j] += F(row[j] * gain)
		}
	}
}

// AddProduct adds gains times w to x: w is [len(gains), len(x)], and its rows
// are added in turn.
func AddProduct[F float](x, w, gains []F) {
	n := len(x)
	done := vectors[F](n)
	if len(gains) == 0 {
		return
	}
	if done > 0 {
		addProductAVX(single(x), single(w), single(gains), len(gains), done, n)
	}
	if done == n {
		return
	}
	for j, gain := range gains {
		row := w[j*n : j*n+n]
		for i := done; i < n; i++ {
			x[i] += F(row[i] * gain)
		}
	}
}

// AddToRows adds x to the rows ids of w, [.., len(x)], in turn.
func AddToRows[F float](w, x []F, ids []uint32) {
	n := len(x)
	done := vectors[F](n)
	if len(ids) == 0 {
		return
	}
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
