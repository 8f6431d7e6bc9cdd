package hdf5

import (
	"encoding/binary"
	"math"

	"ganglion/internal/portable"
)

// Ints reads len(dst) integers or bools of the type from b, one every stride
// bytes. A value above int64 comes out negative. It panics for other types and
// for too few bytes, which is a mistake of the caller: the class is known, and
// checked, before values are read, and [Band.Values] are as long as its rows.
func (t *Type) Ints(dst []int64, b []byte, stride int) {
	if len(dst) == 0 {
		return
	}
	_ = b[(len(dst)-1)*stride+t.Size-1]
	signed := t.Class == Int
	switch {
	case t.Class != Int && t.Class != Uint && t.Class != Bool:
		panic("hdf5: integers of " + t.String())
	case t.BigEndian && t.Size > 1:
		shift := 64 - 8*t.Size
		for i := range dst {
			dst[i] = extend(bigEndian(b[i*stride:], t.Size), shift, signed)
		}
	case t.Size == 1 && signed:
		for i := range dst {
			dst[i] = int64(int8(b[i*stride]))
		}
	case t.Size == 1:
		for i := range dst {
			dst[i] = int64(b[i*stride])
		}
	case t.Size == 2 && signed:
		for i := range dst {
			dst[i] = int64(int16(binary.LittleEndian.Uint16(b[i*stride:])))
		}
	case t.Size == 2:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint16(b[i*stride:]))
		}
	case t.Size == 4 && signed:
		for i := range dst {
			dst[i] = int64(int32(binary.LittleEndian.Uint32(b[i*stride:])))
		}
	case t.Size == 4:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint32(b[i*stride:]))
		}
	default:
		for i := range dst {
			dst[i] = int64(binary.LittleEndian.Uint64(b[i*stride:]))
		}
	}
}

// Floats reads len(dst) floats of the type from b, one every stride bytes. It
// panics as Ints does.
func (t *Type) Floats(dst []float64, b []byte, stride int) {
	if t.Class != Float {
		panic("hdf5: floats of " + t.String())
	}
	for i := range dst {
		v := b[i*stride:][:t.Size]
		var bits uint64
		switch {
		case t.BigEndian:
			bits = bigEndian(v, t.Size)
		case t.Size == 8:
			bits = binary.LittleEndian.Uint64(v)
		case t.Size == 4:
			bits = uint64(binary.LittleEndian.Uint32(v))
		default:
			bits = uint64(binary.LittleEndian.Uint16(v))
		}
		switch t.Size {
		case 8:
			dst[i] = math.Float64frombits(bits)
		case 4:
			dst[i] = float64(math.Float32frombits(uint32(bits)))
		default:
			dst[i] = float64(portable.Half(uint16(bits)))
		}
	}
}

func bigEndian(b []byte, size int) (v uint64) {
	for _, x := range b[:size] {
		v = v<<8 | uint64(x)
	}
	return v
}

// extend gives the lower bits of v, all but shift of 64, their sign.
func extend(v uint64, shift int, signed bool) int64 {
	if signed {
		return int64(v<<shift) >> shift
	}
	return int64(v)
}
