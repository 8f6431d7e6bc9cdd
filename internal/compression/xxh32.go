package compression

import (
	"encoding/binary"
	"math/bits"

	"ganglion/internal/asm"
)

const (
	prime1 uint32 = 2654435761
	prime2 uint32 = 2246822519
	prime3 uint32 = 3266489917
	prime4 uint32 = 668265263
	prime5 uint32 = 374761393
)

// xxh32 is xxHash, 32 bits, with seed 0 (xxhash_spec.md).
func xxh32(b []byte) uint32 {
	h := uint32(len(b))
	if len(b) >= 16 {
		one, two := prime1, prime2
		lanes := [4]uint32{one + two, prime2, 0, -one}
		b = b[asm.XXH32(&lanes, b):]
		v1, v2, v3, v4 := lanes[0], lanes[1], lanes[2], lanes[3]
		for ; len(b) >= 16; b = b[16:] {
			v1 = xxRound(v1, binary.LittleEndian.Uint32(b))
			v2 = xxRound(v2, binary.LittleEndian.Uint32(b[4:]))
			v3 = xxRound(v3, binary.LittleEndian.Uint32(b[8:]))
			v4 = xxRound(v4, binary.LittleEndian.Uint32(b[12:]))
		}
		h += bits.RotateLeft32(v1, 1) + bits.RotateLeft32(v2, 7) + bits.RotateLeft32(v3, 12) + bits.RotateLeft32(v4, 18)
	} else {
		h += prime5
	}
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h+binary.LittleEndian.Uint32(b)*prime3, 17) * prime4
	}
	for _, c := range b {
		h = bits.RotateLeft32(h+uint32(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>15) * prime2
	h = (h ^ h>>13) * prime3
	return h ^ h>>16
}

func xxRound(v, word uint32) uint32 { return bits.RotateLeft32(v+word*prime2, 13) * prime1 }
