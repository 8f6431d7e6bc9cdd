package nirnet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"ganglion/internal/portable"
	"ganglion/pipeline"
)

// HoldsMatrix reports whether a file is a NumPy array of numbers by its name
// and header, and not one of structures, which hold events.
func HoldsMatrix(path string) bool {
	if filepath.Ext(path) != ".npy" {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return true // which reading it tells
	}
	defer f.Close()
	var head [128]byte
	n, _ := io.ReadFull(f, head[:])                        // a shorter file has no header
	return !bytes.Contains(head[:n], []byte("'descr': [")) // numpy.lib.format sorts the keys
}

// maxMatrix bounds the values of a matrix that is read.
const maxMatrix = 1 << 28

// ReadNPY reads a NumPy array of steps x neurons, or steps x channels x rows x
// columns, also behind a batch axis of 1, as spikes into a network of some
// input: what is not 0 is a spike at the start of its step of step µs, worth the
// value. It takes floats, integers and booleans of either byte order, in C or
// Fortran order (NumPy format 1 to 3).
func ReadNPY(r io.Reader, in pipeline.Shape, step int64) (s *pipeline.Spikes, steps int, err error) {
	a, err := arrayHeader(r)
	if err != nil {
		return nil, 0, err
	}
	if a.shape[0] == 1 && len(a.shape) > 2 && product(a.shape[1:]) != in.Size() && product(a.shape[2:]) == in.Size() {
		a.shape = a.shape[1:] // strides stay
	}
	steps, neurons := a.shape[0], product(a.shape[1:])
	switch {
	case neurons != in.Size():
		return nil, 0, fmt.Errorf("an array of shape %v has %d values a step, the network takes %v", a.shape, neurons, in)
	case steps < 1 || steps > maxMatrix/neurons:
		return nil, 0, fmt.Errorf("an array of shape %v is empty or has more than %d values", a.shape, maxMatrix)
	}
	if a.fortran {
		if r, err = a.turned(r, steps, neurons); err != nil {
			return nil, 0, err
		}
	}
	s = &pipeline.Spikes{}
	row := make([]byte, neurons*a.width)
	for k := range steps {
		if _, err := io.ReadFull(r, row); err != nil {
			return nil, 0, fmt.Errorf("step %d of %d: %w", k, steps, noEnd(err))
		}
		for i := range neurons {
			switch v := a.value(row[i*a.width:]); {
			case v == 0:
			case math.IsNaN(v) || math.Abs(v) > math.MaxFloat32:
				return nil, 0, fmt.Errorf("step %d, neuron %d: the value %v", k, i, v)
			default:
				s.AppendGraded(int64(k)*step, uint32(i), float32(v))
			}
		}
	}
	return s, steps, nil
}

// product is how many values a shape holds, or more than [maxMatrix].
func product(shape []int) int {
	n := 1
	for _, d := range shape {
		if n *= d; n > maxMatrix {
			break
		}
	}
	return n
}

func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

var (
	arrayDescr = regexp.MustCompile(`'descr':\s*'([<>|=])([fiub])(\d)'`)
	arrayOrder = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	arrayShape = regexp.MustCompile(`'shape':\s*\(([^)]*)\)`)
)

// numpyArray is what the header of an array tells.
type numpyArray struct {
	shape   []int
	fortran bool // the first index is the fastest
	value   func([]byte) float64
	width   int // bytes of a value
}

// turned reads the values of an array in Fortran order and gives them in C
// order.
func (a numpyArray) turned(r io.Reader, steps, neurons int) (io.Reader, error) {
	whole := steps * neurons * a.width
	data, err := io.ReadAll(io.LimitReader(r, int64(whole)))
	if err == nil && len(data) < whole {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	out, index := make([]byte, 0, whole), make([]int, len(a.shape))
	for range steps * neurons {
		at, stride := 0, 1
		for i, d := range a.shape {
			at, stride = at+index[i]*stride, stride*d
		}
		out = append(out, data[at*a.width:(at+1)*a.width]...)
		for i := len(index) - 1; i >= 0; i-- {
			if index[i]++; index[i] < a.shape[i] {
				break
			}
			index[i] = 0
		}
	}
	return bytes.NewReader(out), nil
}

// arrayHeader reads the header of an array.
func arrayHeader(r io.Reader) (numpyArray, error) {
	var head [10]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:6]) != "\x93NUMPY" || head[6] < 1 || head[6] > 3 {
		return numpyArray{}, errors.New("not a NumPy array")
	}
	n := int(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		var more [2]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return numpyArray{}, noEnd(err)
		}
		n |= int(binary.LittleEndian.Uint16(more[:])) << 16
	}
	if n > 1<<16 {
		return numpyArray{}, fmt.Errorf("a header of %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return numpyArray{}, noEnd(err)
	}
	descr, order, dims := arrayDescr.FindSubmatch(text), arrayOrder.FindSubmatch(text), arrayShape.FindSubmatch(text)
	if descr == nil || order == nil || dims == nil {
		return numpyArray{}, fmt.Errorf("an array of numbers is needed, not one described by %q", bytes.TrimSpace(text))
	}
	a := numpyArray{fortran: string(order[1]) == "True"}
	for part := range strings.SplitSeq(string(dims[1]), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		d, err := strconv.Atoi(part)
		if err != nil || d < 0 || d > maxMatrix {
			return numpyArray{}, fmt.Errorf("a shape of (%s)", dims[1])
		}
		a.shape = append(a.shape, d)
	}
	if len(a.shape) < 2 || len(a.shape) > 64 {
		return numpyArray{}, fmt.Errorf("an array of shape %v, not steps x neurons", a.shape)
	}
	a.width, _ = strconv.Atoi(string(descr[3]))
	a.value = npyValue(descr[1][0], descr[2][0], a.width)
	if a.value == nil {
		return numpyArray{}, fmt.Errorf("numbers of the type %s%s%s", descr[1], descr[2], descr[3])
	}
	return a, nil
}

// npyValue reads one value of a kind (f, i, u, b) and width in bytes; nil for
// what is not known.
func npyValue(end, kind byte, width int) func([]byte) float64 {
	order := binary.ByteOrder(binary.LittleEndian)
	if end == '>' {
		order = binary.BigEndian
	}
	switch string(kind) + strconv.Itoa(width) {
	case "f2":
		return func(b []byte) float64 { return float64(portable.Half(order.Uint16(b))) }
	case "f4":
		return func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }
	case "f8":
		return func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }
	case "i1":
		return func(b []byte) float64 { return float64(int8(b[0])) }
	case "i2":
		return func(b []byte) float64 { return float64(int16(order.Uint16(b))) }
	case "i4":
		return func(b []byte) float64 { return float64(int32(order.Uint32(b))) }
	case "i8":
		return func(b []byte) float64 { return float64(int64(order.Uint64(b))) }
	case "u1", "b1":
		return func(b []byte) float64 { return float64(b[0]) }
	case "u2":
		return func(b []byte) float64 { return float64(order.Uint16(b)) }
	case "u4":
		return func(b []byte) float64 { return float64(order.Uint32(b)) }
	case "u8":
		return func(b []byte) float64 { return float64(order.Uint64(b)) }
	}
	return nil
}
