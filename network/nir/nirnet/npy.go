package nirnet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"ganglion/pipeline"
)

// maxMatrix bounds the values of a matrix that is read.
const maxMatrix = 1 << 28

// ReadNPY reads a NumPy array of steps x neurons, or steps x channels x rows x
// columns, as spikes into a network of some input: what is not 0 is a spike at
// the start of its step of step µs, worth the value. It takes floats, integers
// and booleans of either byte order (NumPy format 1 to 3).
func ReadNPY(r io.Reader, in pipeline.Shape, step int64) (s *pipeline.Spikes, steps int, err error) {
	shape, value, width, err := arrayHeader(r)
	if err != nil {
		return nil, 0, err
	}
	neurons := 1
	for _, n := range shape[1:] {
		neurons *= max(n, 0)
		if neurons > maxMatrix {
			break
		}
	}
	switch {
	case neurons != in.Size():
		return nil, 0, fmt.Errorf("an array of shape %v has %d values a step, the network takes %v", shape, neurons, in)
	case shape[0] < 1 || shape[0] > maxMatrix/neurons:
		return nil, 0, fmt.Errorf("an array of shape %v is empty or has more than %d values", shape, maxMatrix)
	}
	s = &pipeline.Spikes{}
	row := make([]byte, neurons*width)
	for k := range shape[0] {
		if _, err := io.ReadFull(r, row); err != nil {
			return nil, 0, fmt.Errorf("step %d of %d: %w", k, shape[0], noEnd(err))
		}
		for i := range neurons {
			switch v := value(row[i*width:]); {
			case v == 0:
			case math.IsNaN(v) || math.Abs(v) > math.MaxFloat32:
				return nil, 0, fmt.Errorf("step %d, neuron %d: the value %v", k, i, v)
			default:
				s.AppendGraded(int64(k)*step, uint32(i), float32(v))
			}
		}
	}
	return s, shape[0], nil
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

// arrayHeader reads the header of an array: its shape, how to read a value, and
// how many bytes that takes.
func arrayHeader(r io.Reader) (shape []int, value func([]byte) float64, width int, err error) {
	fail := func(err error) ([]int, func([]byte) float64, int, error) { return nil, nil, 0, err }
	var head [10]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:6]) != "\x93NUMPY" || head[6] < 1 || head[6] > 3 {
		return fail(errors.New("not a NumPy array"))
	}
	n := int(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		var more [2]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return fail(noEnd(err))
		}
		n |= int(binary.LittleEndian.Uint16(more[:])) << 16
	}
	if n > 1<<16 {
		return fail(fmt.Errorf("a header of %d bytes", n))
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return fail(noEnd(err))
	}
	descr, order, dims := arrayDescr.FindSubmatch(text), arrayOrder.FindSubmatch(text), arrayShape.FindSubmatch(text)
	if descr == nil || order == nil || dims == nil {
		return fail(fmt.Errorf("an array of numbers is needed, not one described by %q", text))
	}
	if string(order[1]) == "True" {
		return fail(errors.New("an array in Fortran order: save it with numpy.ascontiguousarray"))
	}
	for part := range strings.SplitSeq(string(dims[1]), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		d, err := strconv.Atoi(part)
		if err != nil || d < 0 || d > maxMatrix {
			return fail(fmt.Errorf("a shape of (%s)", dims[1]))
		}
		shape = append(shape, d)
	}
	if len(shape) < 2 {
		return fail(fmt.Errorf("an array of shape %v, not steps x neurons", shape))
	}
	width, _ = strconv.Atoi(string(descr[3]))
	value = npyValue(descr[1][0], descr[2][0], width)
	if value == nil {
		return fail(fmt.Errorf("numbers of the type %s%s%s", descr[1], descr[2], descr[3]))
	}
	return shape, value, width, nil
}

// npyValue reads one value of a kind (f, i, u, b) and width in bytes; nil for
// what is not known.
func npyValue(end, kind byte, width int) func([]byte) float64 {
	order := binary.ByteOrder(binary.LittleEndian)
	if end == '>' {
		order = binary.BigEndian
	}
	switch string(kind) + strconv.Itoa(width) {
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
