package ecf

import "encoding/binary"

// Fits reports whether Encode keeps the records as they are: at least one and
// at most maxEvents of them, times that do not step back, addresses below
// 2048, polarities 0 and 1.
func Fits(src []byte) bool {
	n := len(src) / RecordSize
	if n == 0 || n > maxEvents || len(src)%RecordSize != 0 {
		return false
	}
	last := int64(binary.LittleEndian.Uint64(src[8:]))
	for i := 0; i < len(src); i += RecordSize {
		address, t := record(src, i)
		if address&^0x1_07ff_07ff != 0 || t < last {
			return false
		}
		last = t
	}
	return true
}

// Encode appends the records of a chunk, which must fit, in the form that
// takes the fewest bytes.
func Encode(dst, src []byte) []byte {
	form := smallest(src)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(src)/RecordSize)<<2|uint32(form))
	dst = appendTimes(dst, src)
	if form == formYXP {
		return appendYXP(dst, src)
	}
	dst = appendRows(dst, src)
	if form == formXP {
		return appendXP(dst, src)
	}
	return appendPolarities(appendColumns(dst, src), src)
}

// record is x | y << 16 | p << 32 and the time of the record at byte i.
func record(src []byte, i int) (address uint64, t int64) {
	r := src[i : i+RecordSize]
	return binary.LittleEndian.Uint64(r), int64(binary.LittleEndian.Uint64(r[8:]))
}

func x(address uint64) uint16 { return uint16(address) }
func y(address uint64) uint16 { return uint16(address >> 16) }
func p(address uint64) byte   { return byte(address >> 32) }

// run is how many records from byte i on are like the one there.
func run(src []byte, i int, same func(a, b uint64, s, t int64) bool) int {
	a, s := record(src, i)
	n := 1
	for j := i + RecordSize; j < len(src); j += RecordSize {
		b, t := record(src, j)
		if !same(a, b, s, t) {
			break
		}
		n++
	}
	return n
}

func sameTime(_, _ uint64, s, t int64) bool     { return s == t }
func sameRow(a, b uint64, _, _ int64) bool      { return y(a) == y(b) }
func samePolarity(a, b uint64, _, _ int64) bool { return p(a) == p(b) }

// smallest counts the bytes of each form.
func smallest(src []byte) int {
	groups := (len(src)/RecordSize + 3) / 4
	rows, masks := 0, 0
	for i := 0; i < len(src); {
		n := run(src, i, sameRow)
		if rows += 2; n >= 31 {
			rows += 2
		}
		i += n * RecordSize
	}
	for i := 0; i < len(src); masks += 2 {
		_, i = mask(src, i)
	}
	for i := 0; i < len(src); {
		n := run(src, i, samePolarity)
		if masks++; n >= 127 {
			masks += 2
		}
		i += n * RecordSize
	}
	switch yxp := 12 * groups; {
	case yxp <= rows+min(6*groups, masks):
		return formYXP
	case 6*groups <= masks:
		return formXP
	}
	return formMasks
}

func appendTimes(dst, src []byte) []byte {
	_, last := record(src, 0)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(last))
	for i := 0; i < len(src); {
		_, t := record(src, i)
		step := uint64(t - last)
		if step >= 15 {
			for ; step > 0; step >>= 4 {
				dst = append(dst, 0xf0|byte(step&15))
			}
		}
		n := run(src, i, sameTime)
		if head := byte(step) << 4; n < 15 {
			dst = append(dst, head|byte(n))
		} else {
			dst = binary.LittleEndian.AppendUint16(append(dst, head|15), uint16(n))
		}
		last = t
		i += n * RecordSize
	}
	return dst
}

func appendRows(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		address, _ := record(src, i)
		n := run(src, i, sameRow)
		dst = binary.LittleEndian.AppendUint16(dst, y(address)<<5|uint16(min(n, 31)))
		if n >= 31 {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(n))
		}
		i += n * RecordSize
	}
	return dst
}

// mask is the column of the record at byte i and a bit for each of the next
// five columns that follow it in ascending order, and where the next one begins.
func mask(src []byte, i int) (uint16, int) {
	address, _ := record(src, i)
	first := x(address)
	word, next := first<<5, first+1
	for i += RecordSize; i < len(src); i += RecordSize {
		address, _ := record(src, i)
		at := x(address)
		if at < next || at > first+5 {
			break
		}
		word |= 16 >> (at - first - 1)
		next = at + 1
	}
	return word, i
}

func appendColumns(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		var word uint16
		word, i = mask(src, i)
		dst = binary.LittleEndian.AppendUint16(dst, word)
	}
	return dst
}

func appendPolarities(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		address, _ := record(src, i)
		n := run(src, i, samePolarity)
		dst = append(dst, p(address)<<7|byte(min(n, 127)))
		if n >= 127 {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(n))
		}
		i += n * RecordSize
	}
	return dst
}

func appendXP(dst, src []byte) []byte {
	for i := 0; i < len(src); i += 4 * RecordSize {
		var v [4]uint16
		for j := range min(4, (len(src)-i)/RecordSize) {
			address, _ := record(src, i+j*RecordSize)
			v[j] = x(address)<<1 | uint16(p(address))
		}
		dst = binary.LittleEndian.AppendUint16(dst, v[0]<<4|v[1]&15)
		dst = binary.LittleEndian.AppendUint16(dst, v[1]>>4<<8|v[2]&255)
		dst = binary.LittleEndian.AppendUint16(dst, v[2]>>8<<12|v[3])
	}
	return dst
}

func appendYXP(dst, src []byte) []byte {
	for i := 0; i < len(src); i += 4 * RecordSize {
		var v [4]uint32
		for j := range min(4, (len(src)-i)/RecordSize) {
			address, _ := record(src, i+j*RecordSize)
			v[j] = uint32(y(address))<<12 | uint32(x(address))<<1 | uint32(p(address))
		}
		dst = binary.LittleEndian.AppendUint32(dst, v[0]<<8|v[1]&0xff)
		dst = binary.LittleEndian.AppendUint32(dst, v[1]>>8<<16|v[2]&0xffff)
		dst = binary.LittleEndian.AppendUint32(dst, v[2]>>16<<24|v[3])
	}
	return dst
}
