package formattest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
)

// mat makes a MATLAB 5 file with n events in a structure TD, packed, whose pixels
// are counted from 1.
func mat(n int) []byte {
	var x, y, p, ts []float64
	for _, e := range Events(n) {
		x, y, p, ts = append(x, float64(e.X)+1), append(y, float64(e.Y)+1), append(p, 2*float64(e.P)-1), append(ts, float64(e.T))
	}
	m := MATFile{Order: le}
	td := m.Struct("TD", []string{"x", "y", "p", "ts"}, m.Array("", 4, x), m.Array("", 4, y), m.Array("", 1, p), m.Array("", 9, ts))
	return m.File(m.Packed(td))
}

// MATFile makes MATLAB 5 files.
type MATFile struct{ Order binary.AppendByteOrder }

// File is a file of variables.
func (m MATFile) File(variables ...[]byte) []byte {
	b := append([]byte("MATLAB 5.0 MAT-file, made for a test"), bytes.Repeat([]byte{' '}, 88)...)
	b = append(b, map[bool]string{false: "\x00\x01IM", true: "\x01\x00MI"}[m.Order.AppendUint16(nil, 1)[0] == 0]...)
	return append(b, bytes.Join(variables, nil)...)
}

// element is an element, filled up to 8 bytes; a short one is small.
func (m MATFile) element(kind uint32, content []byte) []byte {
	if len(content) > 0 && len(content) <= 4 {
		b := m.Order.AppendUint32(nil, uint32(len(content))<<16|kind)
		return append(append(b, content...), make([]byte, 4-len(content))...)
	}
	b := m.Order.AppendUint32(m.Order.AppendUint32(nil, kind), uint32(len(content)))
	return append(append(b, content...), make([]byte, -len(content)&7)...)
}

// matrix is a variable of a class with axes.
func (m MATFile) matrix(name string, class uint32, rows, columns int, parts ...[]byte) []byte {
	b := m.element(6, m.Order.AppendUint32(m.Order.AppendUint32(nil, class), 0))
	b = append(b, m.element(5, m.Order.AppendUint32(m.Order.AppendUint32(nil, uint32(rows)), uint32(columns)))...)
	b = append(b, m.element(1, []byte(name))...)
	return m.element(14, append(b, bytes.Join(parts, nil)...))
}

// Array is a row of numbers that are stored as a type: 1 is int8, 2 uint8, 3
// int16, 4 uint16, 5 int32, 6 uint32, 7 single, 9 double, 12 int64.
func (m MATFile) Array(name string, kind uint32, values []float64) []byte {
	return m.Matrix(name, kind, 1, values)
}

// Matrix is a matrix of so many rows, column by column.
func (m MATFile) Matrix(name string, kind uint32, rows int, values []float64) []byte {
	var b []byte
	for _, v := range values {
		switch kind {
		case 1, 2:
			b = append(b, byte(int(v)))
		case 3, 4:
			b = m.Order.AppendUint16(b, uint16(int(v)))
		case 5, 6:
			b = m.Order.AppendUint32(b, uint32(int64(v)))
		case 7:
			b = m.Order.AppendUint32(b, math.Float32bits(float32(v)))
		case 9:
			b = m.Order.AppendUint64(b, math.Float64bits(v))
		default:
			b = m.Order.AppendUint64(b, uint64(int64(v)))
		}
	}
	return m.matrix(name, 6, rows, len(values)/rows, m.element(kind, b))
}

// Struct is a structure of variables without names.
func (m MATFile) Struct(name string, fields []string, values ...[]byte) []byte {
	const width = 32
	var names []byte
	for _, f := range fields {
		names = append(append(names, f...), make([]byte, width-len(f))...)
	}
	parts := append([][]byte{m.element(5, m.Order.AppendUint32(nil, width)), m.element(1, names)}, values...)
	return m.matrix(name, 2, 1, 1, parts...)
}

// Packed is a variable in a zlib stream.
func (m MATFile) Packed(variable []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(variable); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return append(m.Order.AppendUint32(m.Order.AppendUint32(nil, 15), uint32(b.Len())), b.Bytes()...)
}
