package asm

// XXH32 brings the four lanes of an xxHash of 32 bits over the pairs of stripes,
// 32 bytes each, at the front of src, and returns how many bytes that were.
func XXH32(lanes *[4]uint32, src []byte) int {
	n := len(src) / 32
	if !fast || n == 0 {
		return 0
	}
	xxh32AVX(lanes, &src[0], 2*n)
	return 32 * n
}
