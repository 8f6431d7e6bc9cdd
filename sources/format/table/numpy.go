package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// numpyArray is what the header of a NumPy array says.
type numpyArray struct {
	fields  []numpyField // of a record; one without a name for a plain array
	stride  int          // from record to record, bytes
	rows    int64
	columns int  // of a plain array with two axes, else 0
	plain   bool // it has no named fields
	apart   bool // its columns lie one behind the other, stride apart
}

// numpyField is a number within a record.
type numpyField struct {
	name   string
	kind   byte // as NumPy's: i, u, b for integers, f for floating-point numbers; else it is not read
	clock  bool // a time of the unit 10^digits µs (datetime64, timedelta64), of the kind i
	digits int
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

// add appends a field, given as (name, type) or (name, type, shape); of a record within
// the record its fields, and of a pair "xy" the two columns.
func (a *numpyArray) add(d pyLiteral) error {
	if len(d.list) < 2 {
		return errors.New("a field without name and type")
	}
	name := d.list[0].text
	if inner := d.list[1].list; inner != nil {
		if len(d.list) > 2 {
			return fmt.Errorf("field %q is an array of records", name)
		}
		for _, field := range inner {
			if err := a.add(field); err != nil {
				return fmt.Errorf("field %q: %w", name, err)
			}
		}
		return nil
	}
	f, err := numpyType(name, d.list[1].text)
	if err != nil {
		return err
	}
	f.at = a.stride
	size, kind := int64(f.size), f.kind
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
	if strings.EqualFold(name, "xy") && f.kind == 'V' && size == 2*int64(f.size) {
		y := f
		f.name, y.name, y.at = "x", "y", f.at+f.size
		f.kind, y.kind = kind, kind
		a.fields = append(a.fields, f, y)
	} else {
		a.fields = append(a.fields, f)
	}
	if a.stride += int(size); a.stride > numpyMaxRecord {
		return fmt.Errorf("records longer than %d bytes", numpyMaxRecord)
	}
	return nil
}

// numpyType reads a type such as "<i8": byte order, kind, size.
func numpyType(name, s string) (numpyField, error) {
	f := numpyField{name: name}
	kind := strings.TrimLeft(s, "<>|=")
	if kind, unit, ok := strings.Cut(kind, "8["); ok && (kind == "M" || kind == "m") {
		f.kind, f.size, f.clock = 'i', 8, true
		if f.digits, ok = csvUnits[strings.TrimSuffix(unit, "]")]; !ok {
			return f, numpyFault(name, "times of type %.20q, of which the units ns, us, ms and s are read", s)
		}
	} else if kind != "" {
		f.kind = kind[0]
		f.size, _ = strconv.Atoi(kind[1:])
	}
	f.big = strings.HasPrefix(s, ">")
	f.signed = f.kind == 'i'
	if f.kind == 'U' {
		f.size *= 4
	}
	switch {
	case f.kind == 'O':
		return f, numpyFault(name, "Python objects (type %.20q), which are not read: save arrays of numbers", s)
	case f.size <= 0 || f.size > numpyMaxRecord:
		return f, numpyFault(name, "values of type %.20q, which is not a number", s)
	}
	return f, nil
}

// numpyFault is an error for what a field, or an array without any, holds.
func numpyFault(field, what, kind string) error {
	if field == "" {
		return fmt.Errorf("holds "+what, kind)
	}
	return fmt.Errorf("field %q holds "+what, field, kind)
}

// shape takes the lengths of the axes, those of length 1 apart: (events) or,
// for plain arrays, (events, columns) or (columns, events).
func (a *numpyArray) shape(axes []pyLiteral, fortran bool) error {
	var n []int64
	for _, axis := range axes {
		v, ok := axis.int()
		if !ok {
			return fmt.Errorf("shape with an axis %.20q", axis.text)
		}
		if v != 1 || len(axes) == 1 {
			n = append(n, v)
		}
	}
	switch {
	case len(axes) == 0 || len(n) > 2 || len(n) == 2 && !a.plain:
		return fmt.Errorf("shape with %d axes, of which events have one, or one and their columns", len(axes))
	case len(n) == 0: // (1, 1)
		n = []int64{1}
	case len(n) == 1 && len(axes) == 2 && a.plain && n[0] >= 4 && n[0] <= mostColumns && axes[0].text == "1":
		n = []int64{1, n[0]} // one event
	}
	if a.rows = n[0]; len(n) == 1 {
		return nil
	}
	columns := n[1]
	if n[0] == 4 && n[1] > 4 { // np.array([t, x, y, p])
		a.rows, columns = n[1], 4
	}
	if columns != 2 && columns < 4 || columns > mostColumns {
		return fmt.Errorf("%d columns where t, x, y and p are needed", columns)
	}
	a.apart = (columns != n[1]) != fortran
	one := a.fields[0]
	a.columns, a.fields, a.stride = int(columns), nil, 0
	for range a.columns {
		one.at = a.stride
		a.fields = append(a.fields, one)
		if !a.apart {
			a.stride += one.size
		}
	}
	if a.apart {
		a.stride = one.size
	}
	return nil
}

// mostColumns bounds the columns of an array.
const mostColumns = 64

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
