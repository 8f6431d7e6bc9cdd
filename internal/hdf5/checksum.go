package hdf5

import (
	"encoding/binary"
	"math/bits"
)

// lookup3 is Bob Jenkins' hashlittle with initial value 0 (lookup3.c, May
// 2006, public domain), HDF5's checksum of metadata.
func lookup3(b []byte) uint32 {
	x := 0xdeadbeef + uint32(len(b))
	a, bb, c := x, x, x
	for len(b) > 12 {
		a += binary.LittleEndian.Uint32(b)
		bb += binary.LittleEndian.Uint32(b[4:])
		c += binary.LittleEndian.Uint32(b[8:])
		a, bb, c = mix(a, bb, c)
		b = b[12:]
	}
	if len(b) == 0 {
		return c
	}
	var tail [12]byte
	copy(tail[:], b)
	a += binary.LittleEndian.Uint32(tail[0:])
	bb += binary.LittleEndian.Uint32(tail[4:])
	c += binary.LittleEndian.Uint32(tail[8:])
	return final(a, bb, c)
}

func mix(a, b, c uint32) (x, y, z uint32) {
	a = (a - c) ^ bits.RotateLeft32(c, 4)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 6)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 8)
	b += a
	a = (a - c) ^ bits.RotateLeft32(c, 16)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 19)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 4)
	b += a
	return a, b, c
}

func final(a, b, c uint32) uint32 {
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	return (c ^ b) - bits.RotateLeft32(b, 24)
}

// fletcher32 is the checksum of the filter of that name: Fletcher's sum over
// big-endian 16-bit words in one's complement, an odd last byte being a high
// byte.
func fletcher32(b []byte) uint32 {
	var s1, s2 uint64
	for n := 1; len(b) >= 2; n++ {
		s1 += uint64(b[0])<<8 | uint64(b[1])
		s2 += s1
		if n%360 == 0 {
			s1, s2 = fold(s1), fold(s2)
		}
		b = b[2:]
	}
	if len(b) == 1 {
		s1 += uint64(b[0]) << 8
		s2 += s1
	}
	return uint32(fold(s2))<<16 | uint32(fold(s1))
}

// fold reduces a sum to 16 bits by adding the carries back in.
func fold(s uint64) uint64 {
	for s > 0xffff {
		s = s&0xffff + s>>16
	}
	return s
}
