package blosc

import "fmt"

// Distances of references of BloscLZ: beyond the near ones stands a 16-bit one.
const nearDistance = 8191

// unLZ unpacks a stream of BloscLZ (blosclz.c, a descendant of FastLZ) into
// dst and returns the number of its bytes. A control byte below 32 precedes
// that many bytes and one more as they are. Any other begins a reference: its
// upper three bits are the length less 2 (7: bytes of 255 and one more add to
// it), its lower five and the next byte the distance less 1; all of these set
// stand for a distance above 8191 in two more bytes. The first control byte
// has no upper bits.
func unLZ(dst, src []byte) (int, error) {
	n, control := 0, byte(0)
	for i := 0; i < len(src); {
		if control = src[i]; i == 0 {
			control &= 31
		}
		i++
		if control < 32 {
			k := int(control) + 1
			if k > len(src)-i || k > len(dst)-n {
				return 0, fmt.Errorf("BloscLZ: %d bytes at %d of %d, %d of %d unpacked", k, i, len(src), n, len(dst))
			}
			n += copy(dst[n:], src[i:i+k])
			i += k
			continue
		}
		k, distance, next := reference(src, i, control)
		i = next
		if next > len(src) || distance > n || k > len(dst)-n {
			return 0, fmt.Errorf("BloscLZ: %d bytes from %d before %d of %d, at byte %d of %d", k, distance, n, len(dst), i, len(src))
		}
		n += repeat(dst[n-distance:n+k], distance)
	}
	return n, nil
}

// reference reads the length and distance of a reference, and where the next
// control byte stands: beyond the end of src where it is cut off.
func reference(src []byte, i int, control byte) (length, distance, next int) {
	at := func() int {
		if i++; i > len(src) {
			return 0
		}
		return int(src[i-1])
	}
	length = int(control>>5) + 2
	for code := 255; control>>5 == 7 && code == 255 && i < len(src); {
		code = at()
		length += code
	}
	low := at()
	distance = int(control&31)<<8 + low + 1
	if distance == nearDistance+1 {
		high := at()
		distance += high<<8 + at()
	}
	return length, distance, i
}

// repeat fills b behind its first distance bytes with them, again and again,
// and returns how many it filled in.
func repeat(b []byte, distance int) int {
	n := len(b) - distance
	for filled := distance; filled < len(b); {
		filled += copy(b[filled:], b[:filled])
	}
	return n
}
