package hdf5

import "fmt"

// unLZF unpacks a block of LibLZF into dst and returns the number of its
// bytes. A control byte below 32 precedes that many bytes and one more as they
// are. Any other begins a reference: its upper three bits are the length less
// 2 (7: the next byte adds to it), its lower five and the next byte the
// distance less 1.
func unLZF(dst, src []byte) (int, error) {
	n := 0
	for i := 0; i < len(src); {
		control := int(src[i])
		i++
		if control < 32 {
			if control >= len(src)-i || control >= len(dst)-n {
				return 0, fmt.Errorf("lzf: %d bytes at %d of %d, %d of %d unpacked", control+1, i, len(src), n, len(dst))
			}
			n += copy(dst[n:], src[i:i+control+1])
			i += control + 1
			continue
		}
		length := control>>5 + 2
		if length == 9 && i < len(src) {
			length += int(src[i])
			i++
		}
		if i >= len(src) {
			return 0, fmt.Errorf("lzf: ends within a reference at %d", i)
		}
		distance := control&31<<8 + int(src[i]) + 1
		i++
		if distance > n || length > len(dst)-n {
			return 0, fmt.Errorf("lzf: %d bytes from %d before %d of %d", length, distance, n, len(dst))
		}
		for end := n + length; n < end; {
			n += copy(dst[n:end], dst[n-distance:n])
		}
	}
	return n, nil
}
