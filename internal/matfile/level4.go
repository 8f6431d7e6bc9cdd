package matfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// A file of MATLAB 4 has no header of its own. A variable is
//
//	0   i32  M*1000 + P*10 + T: M is 0 for little-endian and 1 for big-endian, P the
//	         type of the values, T is 0 for numbers, 1 for text, 2 for a sparse matrix
//	4   i32  rows, columns
//	12  i32  1 if imaginary parts follow
//	16  i32  bytes of the name, with a zero at its end
//	20       name, values column by column
//
// (MATLAB, "MAT-File Format", level 4).
const (
	header4  = 20
	maxName4 = 64
)

// numbers4 are the types of values.
var numbers4 = [...]struct {
	kind byte
	size int
}{{'f', 8}, {'f', 4}, {'i', 4}, {'i', 2}, {'u', 2}, {'u', 1}}

// variable4 reads what stands before the values of a variable, of a file in an
// order of bytes or in either; text is true for one that is not an array of numbers.
func variable4(head []byte, orders ...binary.ByteOrder) (a Array, imaginary, text, ok bool) {
	if len(head) < header4 {
		return a, false, false, false
	}
	for _, order := range orders {
		field := func(i int) uint32 { return order.Uint32(head[4*i:]) }
		kind, big := field(0), uint32(0)
		if order == binary.ByteOrder(binary.BigEndian) {
			big = 1000
		}
		p, t := (kind-big)/10, (kind-big)%10
		if kind < big || p >= uint32(len(numbers4)) || t > 2 || field(3) > 1 || field(1) > math.MaxInt32 || field(2) > math.MaxInt32 {
			continue
		}
		n := field(4)
		if n < 2 || n > maxName4 || len(head) < header4+int(n) || !isName(head[header4:header4+n-1]) || head[header4+n-1] != 0 {
			continue
		}
		a = Array{Name: string(head[header4 : header4+n-1]), Rows: int64(field(1)), Columns: int64(field(2)), Kind: numbers4[p].kind,
			Size: numbers4[p].size, Big: big > 0, begin: header4 + int64(n)}
		return a, field(3) == 1, t != 0, true
	}
	return a, false, false, false
}

// isName reports whether bytes are a name in MATLAB.
func isName(b []byte) bool {
	for i, c := range bytes.ToLower(b) {
		if (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '_') {
			return false
		}
	}
	return len(b) > 0
}

// Begins4 reports whether a file that begins so is one of MATLAB 4.
func Begins4(head []byte) bool {
	_, _, _, ok := variable4(head, binary.LittleEndian, binary.BigEndian)
	return ok
}

// open4 finds the arrays of a file of MATLAB 4.
func open4(src io.ReaderAt, size int64) *File {
	f := &File{}
	orders := []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}
	for at := int64(0); at < size && f.Err == nil; {
		head := make([]byte, min(header4+maxName4, size-at))
		if _, err := src.ReadAt(head, at); err != nil {
			f.Err = fmt.Errorf("at byte %d: %w", at, err)
			break
		}
		a, imaginary, text, ok := variable4(head, orders...)
		if !ok {
			f.Err = fmt.Errorf("at byte %d: is not a variable of MATLAB 4", at)
			break
		}
		if orders = []binary.ByteOrder{binary.LittleEndian}; a.Big {
			orders[0] = binary.BigEndian
		}
		a.src, a.at, a.length = src, at, math.MaxInt64
		if n := a.Rows * a.Columns; n <= math.MaxInt64/int64(a.Size)/4 {
			a.length = n * int64(a.Size)
		}
		end := size - at - a.begin
		whole := a.length <= end
		a.size = a.begin + min(a.length, end)
		switch {
		case text:
		case len(f.Arrays) >= maxArrays:
			f.Err = errTooMuch
		default:
			f.Arrays = append(f.Arrays, a)
		}
		if f.Err == nil && !whole {
			f.Err = fmt.Errorf("%s breaks off: %d bytes of values, %d are there", a.Name, a.length, end)
		}
		if imaginary {
			a.size += a.length
		}
		at += a.size
	}
	return f
}
