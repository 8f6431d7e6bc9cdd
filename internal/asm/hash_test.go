package asm

import (
	"encoding/binary"
	rot "math/bits"
	"testing"
)

// lanesOf is XXH32 in Go (xxhash_spec.md).
func lanesOf(lanes [4]uint32, src []byte) [4]uint32 {
	for ; len(src) >= 16; src = src[16:] {
		for i := range lanes {
			lanes[i] = rot.RotateLeft32(lanes[i]+binary.LittleEndian.Uint32(src[4*i:])*2246822519, 13) * 2654435761
		}
	}
	return lanes
}

func TestXXH32IsThatOfEveryLane(t *testing.T) {
	src := make([]byte, 300)
	for i := range src {
		src[i] = byte(i*i*7 + i>>3)
	}
	begin := [4]uint32{606290984, 2246822519, 0, 1640531535}
	for n := range src {
		lanes := begin
		used := XXH32(&lanes, src[:n])
		if used%32 != 0 || used > n || fast && used < n-31 {
			t.Fatalf("%d of %d bytes used", used, n)
		}
		if want := lanesOf(begin, src[:used]); lanes != want {
			t.Fatalf("%d bytes: %v, want %v", n, lanes, want)
		}
	}
}
