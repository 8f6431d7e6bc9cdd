//go:build !amd64

package bptt

// There are vector kernels for amd64 only; these are never called.
const fast = false

func addRowsAVX(x, w *float32, ids *uint32, k, n, stride int) {}
func addProductAVX(x, w, gain *float32, k, n, stride int)     {}
func addToRowsAVX(w, x *float32, ids *uint32, k, n, stride int) {
}
