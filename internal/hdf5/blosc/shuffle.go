package blosc

import (
	"encoding/binary"

	"ganglion/internal/asm"
)

// Unshuffle gathers the bytes of values of the given size, which src has by
// position: first the first byte of each value. What is left over behind the
// last value is as it was.
func Unshuffle(dst, src []byte, size int) {
	n := len(src) / size
	done := asm.Unshuffle(dst, src, size)
	switch {
	case done == 0 && size == 2:
		unshuffle2(dst, src[:n], src[n:2*n])
	case done == 0 && size == 4:
		unshuffle4(dst, src, n)
	case done == 0 && size == 8:
		unshuffle8(dst, src, n)
	default:
		unshuffleFrom(dst, src, size, n, done)
	}
	copy(dst[n*size:], src[n*size:])
}

// Shuffle does the opposite: it sorts the bytes of values by position.
func Shuffle(dst, src []byte, size int) {
	n := len(src) / size
	for k := range size {
		to := dst[k*n : (k+1)*n]
		for i := range to {
			to[i] = src[i*size+k]
		}
	}
	copy(dst[n*size:], src[n*size:])
}

// unshuffleFrom gathers the values from one on.
func unshuffleFrom(dst, src []byte, size, n, from int) {
	for k := range size {
		for i, v := range src[k*n+from : (k+1)*n] {
			dst[(from+i)*size+k] = v
		}
	}
}

func unshuffle2(dst, low, high []byte) {
	n := len(low)
	high, dst = high[:n], dst[:2*n]
	i := 0
	for ; i+4 <= n; i += 4 {
		a, b := spread2(binary.LittleEndian.Uint32(low[i:])), spread2(binary.LittleEndian.Uint32(high[i:]))
		binary.LittleEndian.PutUint64(dst[2*i:], a|b<<8)
	}
	for ; i < n; i++ {
		dst[2*i], dst[2*i+1] = low[i], high[i]
	}
}

// spread2 puts each of four bytes into two.
func spread2(v uint32) uint64 {
	x := uint64(v)
	x = (x | x<<16) & 0x0000ffff0000ffff
	return (x | x<<8) & 0x00ff00ff00ff00ff
}

func unshuffle4(dst, src []byte, n int) {
	a, b, c, d := src[:n], src[n:2*n], src[2*n:3*n], src[3*n:4*n]
	i := 0
	for ; i+4 <= n; i += 4 {
		ab := spread2(binary.LittleEndian.Uint32(a[i:])) | spread2(binary.LittleEndian.Uint32(b[i:]))<<8
		cd := spread2(binary.LittleEndian.Uint32(c[i:])) | spread2(binary.LittleEndian.Uint32(d[i:]))<<8
		out := dst[4*i : 4*i+16]
		binary.LittleEndian.PutUint64(out, ab&0xffff|cd&0xffff<<16|ab&0xffff0000<<16|cd&0xffff0000<<32)
		ab, cd = ab>>32, cd>>32
		binary.LittleEndian.PutUint64(out[8:], ab&0xffff|cd&0xffff<<16|ab&0xffff0000<<16|cd&0xffff0000<<32)
	}
	unshuffleFrom(dst, src, 4, n, i)
}

func unshuffle8(dst, src []byte, n int) {
	i := 0
	for ; i+8 <= n; i += 8 {
		var m [8]uint64
		for k := range m {
			m[k] = binary.LittleEndian.Uint64(src[k*n+i:])
		}
		transpose(&m)
		out := dst[8*i : 8*i+64]
		for k, v := range m {
			binary.LittleEndian.PutUint64(out[8*k:], v)
		}
	}
	unshuffleFrom(dst, src, 8, n, i)
}

// transpose turns the rows of a square of 8 by 8 bytes into its columns, by
// exchanging squares of 4, 2 and 1 across the diagonal.
func transpose(m *[8]uint64) {
	for i := range 4 {
		t := (m[i]>>32 ^ m[i+4]) & 0x00000000ffffffff
		m[i], m[i+4] = m[i]^t<<32, m[i+4]^t
	}
	for _, i := range [4]int{0, 1, 4, 5} {
		t := (m[i]>>16 ^ m[i+2]) & 0x0000ffff0000ffff
		m[i], m[i+2] = m[i]^t<<16, m[i+2]^t
	}
	for i := 0; i < 8; i += 2 {
		t := (m[i]>>8 ^ m[i+1]) & 0x00ff00ff00ff00ff
		m[i], m[i+1] = m[i]^t<<8, m[i+1]^t
	}
}

// unshuffleBits gathers the bits of values of the given size, which src has by
// position: first the lowest bit of the first byte of each value. It is only
// done where the number of values is a multiple of eight.
func unshuffleBits(dst, src []byte, size int) {
	n := len(src) / size
	if n%8 != 0 {
		copy(dst, src)
		return
	}
	row := n / 8 // bytes of one bit of all values
	for k := range size {
		for g := range row {
			var square uint64
			for bit := range 8 {
				square |= uint64(src[(8*k+bit)*row+g]) << (8 * bit)
			}
			square = transposeBits(square)
			for i := range 8 {
				dst[(8*g+i)*size+k] = byte(square >> (8 * i))
			}
		}
	}
	copy(dst[n*size:], src[n*size:])
}

// transposeBits turns the rows of a square of 8 by 8 bits, a byte each, into
// its columns (Hacker's Delight, section 7-3).
func transposeBits(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}
