package matfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zlib"
)

// Types of elements.
const (
	typeMatrix     = 14
	typeCompressed = 15
)

// numbers are the types of values.
var numbers = map[uint32]struct {
	kind byte
	size int
}{1: {'i', 1}, 2: {'u', 1}, 3: {'i', 2}, 4: {'u', 2}, 5: {'i', 4}, 6: {'u', 4}, 7: {'f', 4}, 9: {'f', 8}, 12: {'i', 8}, 13: {'u', 8}}

// Classes of arrays.
const (
	classCell   = 1
	classStruct = 2
	classObject = 3
	classDouble = 6
	classUint64 = 15
)

// stream is an element that is read from front to back.
type stream struct {
	io.Reader
	seeker io.Seeker // nil for one that is packed
	pos    int64
}

// element opens an element, and unpacks it if it is packed.
func element(src io.ReaderAt, at, size int64, packed bool) (*stream, error) {
	section := io.NewSectionReader(src, at, size)
	if !packed {
		return &stream{Reader: section, seeker: section}, nil
	}
	if _, err := section.Seek(8, io.SeekStart); err != nil {
		return nil, err
	}
	z, err := zlib.NewReader(bufio.NewReaderSize(section, 16<<10))
	if err != nil {
		return nil, err
	}
	return &stream{Reader: z}, nil
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.pos += int64(n)
	return n, err
}

// skip passes over n bytes.
func (s *stream) skip(n int64) error {
	if n <= 0 {
		return nil
	}
	if s.seeker != nil {
		s.pos += n
		_, err := s.seeker.Seek(n, io.SeekCurrent)
		return err
	}
	_, err := io.CopyN(io.Discard, s, n)
	return err
}

// walker looks through an element.
type walker struct {
	file  *File
	r     *stream
	order binary.ByteOrder
	found Array // with what all arrays of the element share
	small [4]byte
}

// tag reads the type and length of an element; short says that its content is
// in w.small.
func (w *walker) tag() (kind uint32, length int64, short bool, err error) {
	var b [8]byte
	if _, err := io.ReadFull(w.r, b[:]); err != nil {
		return 0, 0, false, err
	}
	kind = w.order.Uint32(b[:])
	if n := kind >> 16; n != 0 {
		copy(w.small[:], b[4:])
		return kind & 0xFFFF, int64(min(n, 4)), true, nil
	}
	return kind, int64(w.order.Uint32(b[4:])), false, nil
}

// content reads a short element whole.
func (w *walker) content() ([]byte, error) {
	_, length, short, err := w.tag()
	if err != nil {
		return nil, err
	}
	if short {
		return append([]byte(nil), w.small[:length]...), nil
	}
	if length > maxText {
		return nil, fmt.Errorf("name or axes of %d bytes", length)
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(w.r, b); err != nil {
		return nil, err
	}
	return b, w.r.skip(-length & 7)
}

// matrix looks through a variable of so many bytes, whose tag was read.
func (w *walker) matrix(name string, length int64, depth int) error {
	end := w.r.pos + length
	if length == 0 {
		return nil // an empty field
	}
	if depth > maxNesting {
		return w.r.skip(length)
	}
	flags, err := w.content()
	if err != nil {
		return err
	}
	axes, err := w.content()
	if err != nil {
		return err
	}
	own, err := w.content()
	if err != nil {
		return err
	}
	if len(flags) < 4 || len(axes) > 4*maxAxes {
		return errors.New("flags or axes are damaged")
	}
	if name == "" {
		name = string(own)
	}
	rows, columns := w.shape(axes)
	switch class := w.order.Uint32(flags) & 0xFF; {
	case class >= classDouble && class <= classUint64:
		err = w.array(name, rows, columns)
	case class == classCell:
		for i := int64(0); i < rows*columns && w.r.pos < end && err == nil; i++ {
			err = w.member(name+"{"+strconv.FormatInt(i+1, 10)+"}", depth)
		}
	case class == classStruct, class == classObject:
		if class == classObject {
			if _, err = w.content(); err != nil {
				return err
			}
		}
		err = w.fields(name, rows*columns, end, depth)
	}
	if err != nil {
		return err
	}
	return w.r.skip(end - w.r.pos)
}

// shape is the first axis, and the product of the others; nothing where that many
// values cannot be.
func (w *walker) shape(axes []byte) (rows, columns int64) {
	const most = 1 << 40
	values := int64(1)
	columns = 1
	for i := 0; i+4 <= len(axes); i += 4 {
		n := int64(int32(w.order.Uint32(axes[i:])))
		if n <= 0 || values > most/n {
			return 0, 0
		}
		values *= n
		if i == 0 {
			rows = n
		} else {
			columns *= n
		}
	}
	return rows, columns
}

// member looks through a variable within one.
func (w *walker) member(name string, depth int) error {
	kind, length, short, err := w.tag()
	switch {
	case err != nil || short:
		return err
	case kind != typeMatrix:
		return w.r.skip((length + 7) &^ 7)
	}
	return w.matrix(name, length, depth+1)
}

// fields looks through a structure, or an array of n.
func (w *walker) fields(name string, n, end int64, depth int) error {
	width, err := w.content()
	if err != nil {
		return err
	}
	names, err := w.content()
	if err != nil {
		return err
	}
	one := 0
	if len(width) >= 4 {
		one = int(int32(w.order.Uint32(width)))
	}
	if one <= 0 || one > len(names) {
		if len(names) == 0 && one >= 0 {
			return nil // a structure without fields
		}
		return errors.New("names of fields are damaged")
	}
	for i := int64(0); i < n && w.r.pos < end; i++ {
		prefix := name
		if n > 1 {
			prefix += "(" + strconv.FormatInt(i+1, 10) + ")"
		}
		for k := 0; k+one <= len(names) && w.r.pos < end; k += one {
			field, _, _ := strings.Cut(string(names[k:k+one]), "\x00")
			if err := w.member(prefix+"."+field, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// array notes an array of numbers.
func (w *walker) array(name string, rows, columns int64) error {
	kind, length, short, err := w.tag()
	if err != nil {
		return err
	}
	number, ok := numbers[kind]
	if ok {
		if len(w.file.Arrays) >= maxArrays {
			return errTooMuch
		}
		a := w.found
		a.Name, a.Rows, a.Columns, a.Kind, a.Size = name, rows, columns, number.kind, number.size
		// What is stored beyond the axes is not of the array.
		if a.begin, a.length = w.r.pos, min(length, rows*columns*int64(number.size)); short {
			a.begin -= 4
		}
		w.file.Arrays = append(w.file.Arrays, a)
	}
	if short {
		return nil
	}
	return w.r.skip((length + 7) &^ 7)
}
