package asm

import "unsafe"

// shuffleLanes is how many values a round of a kernel gathers.
const shuffleLanes = 32

// Unshuffle gathers values of 2, 4 or 8 bytes that src has by position, first the
// first byte of each value, as far as whole vectors reach, and returns their
// number; 0 for values of another size.
func Unshuffle(dst, src []byte, size int) int {
	if size != 2 && size != 4 && size != 8 {
		return 0
	}
	stride := len(src) / size // values
	n := stride &^ (shuffleLanes - 1)
	if !fast || n == 0 || len(dst) < n*size {
		return 0
	}
	switch size {
	case 2:
		unshuffle2AVX(&dst[0], &src[0], n, stride)
	case 4:
		unshuffle4AVX(&dst[0], &src[0], n, stride)
	default:
		unshuffle8AVX(&dst[0], &src[0], n, stride)
	}
	return n
}

// groupLanes is how many groups of four records a round of the kernel unpacks, and
// groupBytes what a group takes.
const (
	groupLanes = 2
	groupBytes = 12
)

// UnpackGroups unpacks groups of four addresses in 96 bits, as Prophesee's ECF packs
// them: for each of the four one of 24 bits, polarity, column and row from the lowest
// bit on. It writes the front half of records of 16 bytes and leaves the other as it
// is, as far as whole vectors reach, and returns the number of groups.
func UnpackGroups(records, src []byte) int {
	// A vector reads 16 bytes of the last group.
	n := min(len(records)/(4*eventSize), (len(src)-4)/groupBytes) &^ (groupLanes - 1)
	if !fast || n <= 0 {
		return 0
	}
	groupsAVX(unsafe.Pointer(&records[0]), &src[0], n)
	return n
}
