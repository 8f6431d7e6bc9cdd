package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"ganglion/internal/portable"
)

// Array is the typed values of a dataset or an attribute, row-major.
type Array struct {
	Path  string // of the dataset, or of the object with "@name" for an attribute
	Type  Type
	Shape []int // empty for a scalar
	Null  bool  // the array has no values, not even none: h5py's Empty

	f      *File
	at     int64 // where the values, or what leads to them, stand in the file
	n      int
	most   []uint64 // how far the shape may grow
	raw    []byte   // the values as stored; nil until a dataset loads them
	layout *layout  // where a dataset's values are; nil for an attribute

	deflated bool // the values came out of a filter

	stride int // bytes from one value in raw to the next
}

// newArray refuses sizes that no file can hold, so that products of a number
// of values and a size cannot overflow from here on.
func newArray(f *File, path string, at int64, t Type, s *dataspace) (*Array, error) {
	if s.n > maxArray/uint64(t.Size) {
		return nil, &Error{Path: path, Offset: at, Err: overLimit("%d values of %d bytes", s.n, t.Size)}
	}
	return &Array{Path: path, Type: t, Shape: s.shape(), Null: s.null, f: f, at: at, n: int(s.n), most: s.most, stride: t.Size}, nil
}

// Len is the number of values.
func (a *Array) Len() int { return a.n }

func (a *Array) fail(err error) error { return &Error{Path: a.Path, Offset: a.at, Err: err} }

func (a *Array) wrongType(want string) error {
	return a.fail(fmt.Errorf("%w: %v, not %s", ErrType, a.Type, want))
}

// charge pays for memory, from the allowance for deflate where the values
// came out of it.
func (a *Array) charge(bytes uint64) error {
	if a.deflated {
		return a.inflate(bytes)
	}
	if !a.f.charge(bytes) {
		return a.fail(errAllowance)
	}
	return nil
}

func (a *Array) inflate(bytes uint64) error {
	if bytes > a.f.inflatable {
		return a.fail(overLimit("the file's filters expand to more than %d bytes", maxInflated))
	}
	a.f.inflatable -= bytes
	return nil
}

func (a *Array) order() binary.ByteOrder {
	if a.Type.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// value is value i as stored.
func (a *Array) value(i int) []byte { return a.raw[i*a.stride:][:a.Type.Size] }

// bits is value i as stored, zero-extended.
func (a *Array) bits(i int, order binary.ByteOrder) uint64 {
	b := a.value(i)
	switch a.Type.Size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(order.Uint16(b))
	case 4:
		return uint64(order.Uint32(b))
	}
	return order.Uint64(b)
}

// signed extends the sign of value i.
func (a *Array) signed(i int, order binary.ByteOrder) int64 {
	shift := 64 - 8*a.Type.Size
	return int64(a.bits(i, order)<<shift) >> shift
}

// The decoders below rely on [values] for the type and the raw bytes.

func (a *Array) float32s() ([]float32, error) {
	v, order := make([]float32, a.n), a.order()
	for i := range v {
		v[i] = a.float32(i, order)
	}
	return v, nil
}

// float32 is value i of an array of floats of 16 or 32 bits.
func (a *Array) float32(i int, order binary.ByteOrder) float32 {
	b := uint32(a.bits(i, order))
	if a.Type.Size == 4 {
		return math.Float32frombits(b)
	}
	return portable.Half(uint16(b))
}

func (a *Array) float64s() ([]float64, error) {
	const exact = 1 << 53
	v, order := make([]float64, a.n), a.order()
	for i := range v {
		switch {
		case a.Type.Class == Float && a.Type.Size <= 4:
			v[i] = float64(a.float32(i, order))
		case a.Type.Class == Float:
			v[i] = math.Float64frombits(a.bits(i, order))
		case a.Type.Class == Int:
			s := a.signed(i, order)
			if s < -exact || s > exact {
				return nil, a.fail(fmt.Errorf("%w: %d at index %d is not an exact float64", ErrType, s, i))
			}
			v[i] = float64(s)
		default:
			u := a.bits(i, order)
			if u > exact {
				return nil, a.fail(fmt.Errorf("%w: %d at index %d is not an exact float64", ErrType, u, i))
			}
			v[i] = float64(u)
		}
	}
	return v, nil
}

func (a *Array) int64s() ([]int64, error) {
	v, order := make([]int64, a.n), a.order()
	for i := range v {
		if a.Type.Class == Int {
			v[i] = a.signed(i, order)
			continue
		}
		u := a.bits(i, order)
		if u > math.MaxInt64 {
			return nil, a.fail(fmt.Errorf("%w: %d at index %d is not an int64", ErrType, u, i))
		}
		v[i] = int64(u)
	}
	return v, nil
}

func (a *Array) bools() ([]bool, error) {
	v := make([]bool, a.n)
	for i := range v {
		b := a.value(i)[0]
		if b > 1 {
			return nil, a.fail(malformed("bool of value %d at index %d", b, i))
		}
		v[i] = b == 1
	}
	return v, nil
}

func (a *Array) strings() ([]string, error) {
	v := make([]string, a.n)
	for i := range v {
		b := a.value(i)
		if a.Type.Class == Text {
			s, err := a.f.heapString(a, b)
			if err != nil {
				return nil, err
			}
			v[i] = s
			continue
		}
		if err := a.charge(uint64(len(b))); err != nil {
			return nil, err
		}
		v[i] = string(trim(b, a.Type.nulls))
	}
	return v, nil
}

// trim cuts the padding of a fixed string.
func trim(b []byte, nulls bool) []byte {
	if !nulls {
		return bytes.TrimRight(b, " ")
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}
