package matfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// headerSize is how many bytes come before the first element.
const headerSize = 128

// Limits of what is looked at.
const (
	maxArrays  = 1024
	maxNesting = 8
	maxAxes    = 32
	maxText    = 64 << 10 // names, bytes
)

// File is what a file holds.
type File struct {
	Arrays []Array
	// Err is why not all of the file was looked at: it breaks off, or is damaged.
	Err error
}

// Array is an array of numbers.
type Array struct {
	Name          string // of the variable, and of fields behind dots, such as "TD.x"
	Rows, Columns int64  // the first axis, and all others
	Kind          byte   // of a value: i, u or f
	Size          int    // of a value, bytes
	Big           bool   // the most significant byte comes first

	src    io.ReaderAt
	at     int64 // of the variable's element in the file
	size   int64 // of it
	packed bool
	begin  int64 // of the values in the (unpacked) element
	length int64 // of the values, bytes
}

// Open reads the values from number first on, counted from 0, of which one
// column follows the other. It is at its end when they are, or when the file ends.
func (a *Array) Open(first int64) (io.Reader, error) {
	r, err := element(a.src, a.at, a.size, a.packed)
	if err != nil {
		return nil, err
	}
	before := min(first*int64(a.Size), a.length)
	if err := r.skip(a.begin + before); err != nil {
		return nil, err
	}
	return io.LimitReader(r, a.length-before), nil
}

// Begins reports whether a file that begins so is one of MATLAB 5, and whether its
// most significant bytes come first.
func Begins(head []byte) (big, ok bool) {
	const text = "MATLAB 5.0"
	if len(head) < headerSize || string(head[:len(text)]) != text {
		return false, false
	}
	end := string(head[headerSize-2 : headerSize])
	return end == "MI", end == "MI" || end == "IM"
}

// Open finds the arrays of a file.
func Open(src io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, headerSize)
	n, err := src.ReadAt(head, 0)
	if Begins4(head[:n]) {
		return open4(src, size), nil
	}
	if n < headerSize {
		return nil, fmt.Errorf("header of %d bytes in place of %d: %w", n, headerSize, err)
	}
	big, ok := Begins(head)
	if !ok {
		return nil, errors.New("is not a MATLAB 5 or 4 file")
	}
	f := &File{}
	order := binary.ByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	for at := int64(headerSize); at < size && f.Err == nil; {
		var tag [8]byte
		if n, _ := src.ReadAt(tag[:], at); n < len(tag) {
			f.Err = fmt.Errorf("at byte %d: %w", at, io.ErrUnexpectedEOF)
			break
		}
		kind, length := order.Uint32(tag[:]), int64(order.Uint32(tag[4:]))
		next := at + 8 + length
		if kind != typeCompressed {
			next = at + 8 + (length+7)&^7
		}
		if kind == typeMatrix || kind == typeCompressed {
			if err := f.variable(src, at, min(8+length, size-at), kind == typeCompressed, order); err != nil {
				f.Err = fmt.Errorf("variable at byte %d: %w", at, err)
			}
			// A variable that is damaged leaves the place of the next one known.
			if f.Err != nil && next < size && !errors.Is(f.Err, errTooMuch) {
				f.Err = nil
			}
		}
		at = next
	}
	return f, nil
}

var errTooMuch = fmt.Errorf("more than %d arrays", maxArrays)

// variable notes the arrays of an element.
func (f *File) variable(src io.ReaderAt, at, size int64, packed bool, order binary.ByteOrder) error {
	r, err := element(src, at, size, packed)
	if err != nil {
		return err
	}
	w := &walker{file: f, r: r, order: order}
	w.found = Array{Big: order == binary.BigEndian, src: src, at: at, size: size, packed: packed}
	kind, length, _, err := w.tag()
	if err != nil {
		return err
	}
	if kind != typeMatrix {
		return nil
	}
	return w.matrix("", length, 0)
}
