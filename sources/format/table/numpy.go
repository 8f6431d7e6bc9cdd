package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// numpyArray is what the header of a NumPy array says.
type numpyArray struct {
	fields  []numpyField // of a record; one without a name for a plain array
	stride  int          // from record to record, bytes
	rows    int64
	columns int  // of a plain array with two axes, else 0
	plain   bool // it has no named fields
}

// numpyField is a number within a record.
type numpyField struct {
	name   string
	kind   byte // as NumPy's: i, u, b for integers; else it is not read
	at     int  // place in the record, bytes
	size   int  // bytes
	big    bool // big-endian
	signed bool
}

// numpyMaxRecord bounds the size of a record, bytes.
const numpyMaxRecord = 1 << 16

// parseNumpy reads the dict of an array's header.
func parseNumpy(text string) (a numpyArray, err error) {
	dict, err := parsePython(text)
	if err != nil {
		return a, err
	}
	descr := dict.get("descr")
	if a.plain = descr.list == nil; a.plain {
		f, err := numpyType("", descr.text)
		if err != nil {
			return a, err
		}
		a.fields, a.stride = []numpyField{f}, f.size
	}
	for _, d := range descr.list {
		if err := a.add(d); err != nil {
			return a, err
		}
	}
	if a.stride == 0 || a.stride > numpyMaxRecord {
		return a, fmt.Errorf("records of %d bytes", a.stride)
	}
	return a, a.shape(dict.get("shape").list, dict.get("fortran_order").text == "True")
}

// add appends a field, given as (name, type) or (name, type, shape).
func (a *numpyArray) add(d pyLiteral) error {
	if len(d.list) < 2 {
		return errors.New("a field without name and type")
	}
	name := d.list[0].text
	if d.list[1].list != nil {
		return fmt.Errorf("field %q is nested", name)
	}
	f, err := numpyType(name, d.list[1].text)
	if err != nil {
		return err
	}
	f.at = a.stride
	size := int64(f.size)
	for _, axis := range d.list[2:] {
		for _, n := range append(axis.list, axis) {
			if v, ok := n.int(); ok {
				size *= v
				f.kind = 'V'
			}
			if size > numpyMaxRecord {
				return fmt.Errorf("field %q is longer than %d bytes", name, numpyMaxRecord)
			}
		}
	}
	a.fields = append(a.fields, f)
	if a.stride += int(size); a.stride > numpyMaxRecord {
		return fmt.Errorf("records longer than %d bytes", numpyMaxRecord)
	}
	return nil
}

// numpyType reads a type such as "<i8": byte order, kind, size.
func numpyType(name, s string) (numpyField, error) {
	f := numpyField{name: name}
	order := strings.TrimLeft(s, "<>|=")
	if order != "" {
		f.kind = order[0]
		f.size, _ = strconv.Atoi(order[1:])
	}
	f.big = strings.HasPrefix(s, ">")
	f.signed = f.kind == 'i'
	if f.kind == 'U' {
		f.size *= 4
	}
	if f.size <= 0 || f.size > numpyMaxRecord {
		return f, fmt.Errorf("field %q of type %.20q", name, s)
	}
	return f, nil
}

// shape takes the lengths of the axes: (rows) or, for plain arrays,
// (rows, columns).
func (a *numpyArray) shape(axes []pyLiteral, fortran bool) error {
	var n [2]int64
	for i, axis := range axes {
		v, ok := axis.int()
		if i >= len(n) || !ok {
			return fmt.Errorf("shape with %d axes", len(axes))
		}
		n[i] = v
	}
	a.rows = n[0]
	switch {
	case len(axes) == 1:
		return nil
	case len(axes) != 2 || !a.plain:
		return fmt.Errorf("shape with %d axes", len(axes))
	case fortran:
		return errors.New("columns one behind the other (Fortran order)")
	case n[1] < 4 || n[1] > 64:
		return fmt.Errorf("%d columns", n[1])
	}
	one := a.fields[0]
	a.columns, a.fields, a.stride = int(n[1]), nil, 0
	for range a.columns {
		one.at = a.stride
		a.fields = append(a.fields, one)
		a.stride += one.size
	}
	return nil
}

// load reads the field of consecutive records as 64-bit integers.
func (f *numpyField) load(dst []int64, src []byte, stride int) {
	if len(dst) == 0 {
		return
	}
	src = src[f.at : (len(dst)-1)*stride+f.at+f.size]
	le := binary.LittleEndian
	switch f.size {
	case 1:
		for i := range dst {
			dst[i] = int64(src[i*stride])
		}
	case 2:
		for i := range dst {
			dst[i] = int64(le.Uint16(src[i*stride:]))
		}
	case 4:
		for i := range dst {
			dst[i] = int64(le.Uint32(src[i*stride:]))
		}
	default:
		for i := range dst {
			dst[i] = int64(le.Uint64(src[i*stride:]))
		}
	}
	if f.big || f.signed && f.size < 8 {
		f.adjust(dst)
	}
}

// adjust puts right what was loaded as little-endian and unsigned.
func (f *numpyField) adjust(dst []int64) {
	shift := 64 - 8*f.size
	for i, v := range dst {
		if f.big {
			v = int64(bits.ReverseBytes64(uint64(v)) >> shift)
		}
		if f.signed {
			v = v << shift >> shift
		}
		dst[i] = v
	}
}

// integer reports whether the field can be read.
func (f *numpyField) integer() error {
	switch {
	case strings.IndexByte("iub", f.kind) < 0:
		return fmt.Errorf("column %q has kind %q, which is not an integer", f.name, f.kind)
	case f.size != 1 && f.size != 2 && f.size != 4 && f.size != 8:
		return fmt.Errorf("column %q is %d bytes wide", f.name, f.size)
	}
	return nil
}

// numpyColumns are the four columns of events.
type numpyColumns struct {
	t, x, y, p numpyField
	scale      int64 // of the times, µs
}

// numpyChunk is how many records are taken apart at a time.
const numpyChunk = 256

// numpyRows turns records into events. Its memory is reused.
type numpyRows struct {
	s             *format.Stream
	columns       numpyColumns
	stride        [4]int // of t, x, y, p
	t, x, y, p    [numpyChunk]int64
	width, height uint64
}

func newNumpyRows(s *format.Stream, c numpyColumns, stride [4]int) *numpyRows {
	return &numpyRows{s: s, columns: c, stride: stride, width: uint64(format.Limit(s.Info.Width)), height: uint64(format.Limit(s.Info.Height))}
}

// append appends n events, at most numpyChunk, of which each source holds one
// column, to b. An address that no event has is counted and left out.
func (r *numpyRows) append(b *format.Block, n int, source [4][]byte, at int64) {
	c := &r.columns
	for i, f := range [...]struct {
		field *numpyField
		dst   []int64
	}{{&c.t, r.t[:n]}, {&c.x, r.x[:n]}, {&c.y, r.y[:n]}, {&c.p, r.p[:n]}} {
		f.field.load(f.dst, source[i], r.stride[i])
	}
	begin := len(b.Events)
	out := b.Events[begin : begin+n]
	k := 0
	for i := range out {
		x, y := uint64(r.x[i]), uint64(r.y[i])
		e := &out[k]
		e.T, e.X, e.Y, e.P = r.t[i]*c.scale, uint16(x), uint16(y), pipeline.Off
		if r.p[i] > 0 {
			e.P = pipeline.On
		}
		if x >= r.width || y >= r.height {
			r.s.Outside(uint32(min(x, 1<<16)), uint32(min(y, 1<<16)), at, e.T)
			if x|y > math.MaxUint16 {
				continue
			}
		}
		k++
	}
	b.Events = b.Events[:begin+k]
}
