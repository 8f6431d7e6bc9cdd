package ecf

import (
	"encoding/binary"
	"fmt"

	"ganglion/internal/asm"
)

// length is the number of records that a chunk says it holds.
func length(src []byte) (int, error) {
	if len(src) < 12 {
		return 0, fmt.Errorf("ecf: chunk of %d bytes, at least 12", len(src))
	}
	n := binary.LittleEndian.Uint32(src) >> 2
	if n > maxEvents {
		return 0, fmt.Errorf("ecf: chunk of %d records, at most %d", n, maxEvents)
	}
	return int(n), nil
}

// Decode unpacks a chunk into the start of dst and returns the number of bytes
// of its records. It fails for a chunk that ends early, and for one whose
// records do not fit dst.
func Decode(dst, src []byte) (int, error) {
	n, err := length(src)
	if err != nil {
		return 0, err
	}
	if n*RecordSize > len(dst) {
		return 0, fmt.Errorf("ecf: chunk of %d records, at most %d here", n, len(dst)/RecordSize)
	}
	dst = dst[:n*RecordSize]
	form := src[0] & 3
	at, err := times(dst, src)
	if err != nil {
		return 0, err
	}
	src = src[at:]
	if form&formYXP != 0 {
		return len(dst), groupsYXP(dst, src)
	}
	if at, err = rows(dst, src); err != nil {
		return 0, err
	}
	src = src[at:]
	if form == formXP {
		return len(dst), groupsXP(dst, src)
	}
	if at, err = columns(dst, src); err != nil {
		return 0, err
	}
	return len(dst), polarities(dst, src[at:])
}

func short(what string, i, records int) error {
	return fmt.Errorf("ecf: chunk ends within its %s, at record %d of %d", what, i/RecordSize, records/RecordSize)
}

func excess(what string, count, i, records int) error {
	return fmt.Errorf("ecf: %d %s at record %d of %d", count, what, i/RecordSize, records/RecordSize)
}

// times fills in the times and returns where the next part begins.
func times(dst, src []byte) (int, error) {
	t := binary.LittleEndian.Uint64(src[4:])
	p := 12
	for i := 0; i < len(dst); {
		if p >= len(src) {
			return 0, short("times", i, len(dst))
		}
		v := src[p]
		p++
		if v >= 0xf0 {
			step, shift := uint64(v&15), 4
			for p < len(src) && src[p] >= 0xf0 {
				step |= uint64(src[p]&15) << shift
				shift += 4
				p++
			}
			t += step
			continue
		}
		t += uint64(v >> 4)
		count := int(v & 15)
		if count == 15 {
			if len(src)-p < 2 {
				return 0, short("times", i, len(dst))
			}
			count = int(binary.LittleEndian.Uint16(src[p:]))
			p += 2
		}
		if count*RecordSize > len(dst)-i {
			return 0, excess("equal times", count, i, len(dst))
		}
		i = fill(dst[8:], i, i+count*RecordSize, t)
	}
	return p, nil
}

// fill sets 8 bytes of the records from byte i to end, which it returns. It goes by
// four of them: what it sets behind the end is set again later, and a loop that
// ends somewhere else every time takes longer.
func fill(dst []byte, i, end int, v uint64) int {
	const four = 3*RecordSize + 8
	for ; i < end && len(dst)-i >= four; i += 4 * RecordSize {
		d := dst[i:][:four]
		binary.LittleEndian.PutUint64(d, v)
		binary.LittleEndian.PutUint64(d[RecordSize:], v)
		binary.LittleEndian.PutUint64(d[2*RecordSize:], v)
		binary.LittleEndian.PutUint64(d[3*RecordSize:], v)
	}
	for ; i < end; i += RecordSize {
		binary.LittleEndian.PutUint64(dst[i:], v)
	}
	return end
}

// rows fills in y, sets the rest of the addresses and the polarity to zero,
// and returns where the next part begins.
func rows(dst, src []byte) (int, error) {
	p := 0
	for i := 0; i < len(dst); {
		if len(src)-p < 2 {
			return 0, short("rows", i, len(dst))
		}
		v := binary.LittleEndian.Uint16(src[p:])
		p += 2
		count := int(v & 31)
		if count == 31 {
			if len(src)-p < 2 {
				return 0, short("rows", i, len(dst))
			}
			count = int(binary.LittleEndian.Uint16(src[p:]))
			p += 2
		}
		if count*RecordSize > len(dst)-i {
			return 0, excess("equal rows", count, i, len(dst))
		}
		i = fill(dst, i, i+count*RecordSize, uint64(v>>5)<<16)
	}
	return p, nil
}

// columns fills in x and returns where the next part begins.
func columns(dst, src []byte) (int, error) {
	p := 0
	for i := 0; i < len(dst); {
		if len(src)-p < 2 {
			return 0, short("columns", i, len(dst))
		}
		v := binary.LittleEndian.Uint16(src[p:])
		p += 2
		x := v >> 5
		if len(dst)-i >= 6*RecordSize {
			i += column(dst[i:], x, v&31)
			continue
		}
		binary.LittleEndian.PutUint16(dst[i:], x)
		i += RecordSize
		for mask := v << 11; mask != 0 && i < len(dst); mask <<= 1 {
			x++
			if mask&0x8000 != 0 {
				binary.LittleEndian.PutUint16(dst[i:], x)
				i += RecordSize
			}
		}
	}
	return p, nil
}

// column sets the columns of up to six records and returns the bytes of those that
// there are: all six are set, those that are not there again later, which takes
// less time than a branch for each bit.
func column(dst []byte, x, mask uint16) int {
	dst = dst[:6*RecordSize]
	binary.LittleEndian.PutUint16(dst, x)
	i := RecordSize
	for bit := 4; bit >= 0; bit-- {
		x++
		binary.LittleEndian.PutUint16(dst[i:], x)
		i += int(mask>>bit&1) * RecordSize
	}
	return i
}

// polarities fills in the polarities.
func polarities(dst, src []byte) error {
	p := 0
	for i := 0; i < len(dst); {
		if p >= len(src) {
			return short("polarities", i, len(dst))
		}
		v := src[p]
		p++
		count := int(v & 127)
		if count == 127 {
			if len(src)-p < 2 {
				return short("polarities", i, len(dst))
			}
			count = int(binary.LittleEndian.Uint16(src[p:]))
			p += 2
		}
		if count*RecordSize > len(dst)-i {
			return excess("equal polarities", count, i, len(dst))
		}
		end := i + count*RecordSize
		for ; i < end && len(dst)-i >= 4*RecordSize; i += 4 * RecordSize {
			d := dst[i:][:4*RecordSize]
			d[4], d[RecordSize+4], d[2*RecordSize+4], d[3*RecordSize+4] = v>>7, v>>7, v>>7, v>>7
		}
		for ; i < end; i += RecordSize {
			dst[i+4] = v >> 7
		}
		i = end
	}
	return nil
}

// groupsXP fills in x and polarity from groups of four in 48 bits.
func groupsXP(dst, src []byte) error {
	for i := 0; i < len(dst); i += 4 * RecordSize {
		if len(src) < 6 {
			return short("groups", i, len(dst))
		}
		a, b, c := binary.LittleEndian.Uint16(src), binary.LittleEndian.Uint16(src[2:]), binary.LittleEndian.Uint16(src[4:])
		src = src[6:]
		group := [4]uint16{a >> 4, a&15 | b>>8<<4, b&255 | c>>12<<8, c & 0xfff}
		for j, v := range group[:min(4, (len(dst)-i)/RecordSize)] {
			record := dst[i+j*RecordSize:][:5]
			binary.LittleEndian.PutUint16(record, v>>1)
			record[4] = byte(v & 1)
		}
	}
	return nil
}

// groupsYXP fills in addresses and polarity from groups of four in 96 bits.
func groupsYXP(dst, src []byte) error {
	done := asm.UnpackGroups(dst, src)
	src = src[12*done:]
	for i := 4 * RecordSize * done; i < len(dst); i += 4 * RecordSize {
		if len(src) < 12 {
			return short("groups", i, len(dst))
		}
		a, b, c := binary.LittleEndian.Uint32(src), binary.LittleEndian.Uint32(src[4:]), binary.LittleEndian.Uint32(src[8:])
		src = src[12:]
		group := [4]uint32{a >> 8, a&0xff | b>>16<<8, b&0xffff | c>>24<<16, c & 0xffffff}
		for j, v := range group[:min(4, (len(dst)-i)/RecordSize)] {
			record := uint64(v>>1&0x7ff) | uint64(v>>12&0x7ff)<<16 | uint64(v&1)<<32
			binary.LittleEndian.PutUint64(dst[i+j*RecordSize:], record)
		}
	}
	return nil
}
