package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// NumPy .npy (numpy.lib.format): "\x93NUMPY", version major and minor u8,
// length of the header u16 (version 1) or u32, the header, which is a Python
// dict with the type of a record, the order of the axes and the shape, then the
// records.
//
// A record is a structure with fields t, x, y and p (names as in text files,
// see csv_columns.go) in any order, of any integer type; or the array has two
// axes, rows of four integers or more, whose columns [Options.Columns] names or
// the values tell. Times are µs unless their name has another unit.
//
// A number of records that is not the one in the header is counted
// (record_count); all that are there are read.
func NPY() format.Format {
	return format.Format{
		Name:       "npy",
		Summary:    "NumPy array of records with t, x, y and p",
		Extensions: []string{".npy"},
		Sniff:      func(p format.Probe) format.Claim { return format.BeginsWith(p, npyMagic) },
		Open:       openNPY,
		Create:     createNPY,
	}
}

const (
	npyMagic = "\x93NUMPY"
	// npyMaxHeader bounds the header, bytes.
	npyMaxHeader = 64 << 10
)

func openNPY(s *format.Stream) (format.Decoder, error) {
	a, used, err := readNPYHeader(s.In)
	if err != nil {
		return nil, err
	}
	s.In.Advance(used)
	c, err := a.events(s, s.In)
	if err != nil {
		return nil, err
	}
	stride := [4]int{a.stride, a.stride, a.stride, a.stride}
	return &npyDecoder{s: s, stride: a.stride, left: a.rows, rows: newNumpyRows(s, c, stride)}, nil
}

// readNPYHeader reads the header at the front of the input and returns its
// length.
func readNPYHeader(in *format.Input) (a numpyArray, used int, err error) {
	src, _, err := in.Window(len(npyMagic) + 6)
	if err != nil {
		return a, 0, err
	}
	if len(src) < len(npyMagic)+6 || !bytes.HasPrefix(src, []byte(npyMagic)) {
		return a, 0, fmt.Errorf("does not begin with %q, version and length", npyMagic)
	}
	version, n := src[6], int(binary.LittleEndian.Uint16(src[8:]))
	at := 10
	if version > 1 {
		n, at = int(binary.LittleEndian.Uint32(src[8:])), 12
	}
	if version < 1 || version > 3 || n > npyMaxHeader {
		return a, 0, fmt.Errorf("version %d with %d bytes", version, n)
	}
	if src, _, err = in.Window(at + n); err != nil {
		return a, 0, err
	}
	if len(src) < at+n {
		return a, 0, fmt.Errorf("ends at byte %d of %d", len(src), at+n)
	}
	a, err = parseNumpy(string(src[at : at+n]))
	return a, at + n, err
}

// events finds the columns of events; the array's records are next in the
// input.
func (a *numpyArray) events(s *format.Stream, in *format.Input) (c numpyColumns, err error) {
	var columns csvColumns
	switch {
	case a.plain && a.columns == 0:
		return c, fmt.Errorf("one column where t, x, y and p are needed")
	case a.plain:
		columns, err = a.guess(s, in)
	default:
		columns, err = a.named()
	}
	if err != nil {
		return c, err
	}
	return c, c.set(s, a.fields, columns)
}

// set takes the fields that have the roles.
func (c *numpyColumns) set(s *format.Stream, fields []numpyField, columns csvColumns) error {
	c.scale = 1
	for range columns.digits {
		c.scale *= 10
	}
	for i, role := range columns.roles[:columns.count] {
		if role == roleNone {
			continue
		}
		if err := fields[i].integer(); err != nil {
			return err
		}
		*c.of(role) = fields[i]
	}
	s.Info.Header = format.Header{{Key: "columns", Value: columns.String()}}
	return nil
}

// of is the place of the column with a role.
func (c *numpyColumns) of(role csvRole) *numpyField {
	return map[csvRole]*numpyField{roleT: &c.t, roleX: &c.x, roleY: &c.y, roleP: &c.p}[role]
}

// named finds the columns by the names of the fields.
func (a *numpyArray) named() (csvColumns, error) {
	var names []string
	for _, f := range a.fields {
		names = append(names, f.name)
	}
	return columnsNamed(names)
}

// columnsNamed finds the columns by their names, which may be any strings.
func columnsNamed(names []string) (csvColumns, error) {
	for i, name := range names {
		name = strings.Map(func(r rune) rune {
			if r >= 256 || csvBlank[r] || r == '\n' {
				return '-'
			}
			return r
		}, name)
		names[i] = name + strings.Repeat("-", max(1-len(name), 0))
	}
	line := strings.Join(names, ",")
	columns, _, ok := csvColumnsOf(line)
	if !ok {
		if line == "" {
			return columns, errors.New("there are no columns of events")
		}
		return columns, fmt.Errorf("columns %.80s do not name t, x, y and p once each", line)
	}
	return columns, nil
}

// guess finds the columns of an array with two axes by its first rows.
func (a *numpyArray) guess(s *format.Stream, in *format.Input) (csvColumns, error) {
	if s.Columns != "" {
		columns, _, ok := csvColumnsOf(s.Columns)
		if !ok || columns.count > a.columns {
			return columns, fmt.Errorf("columns %q do not name t, x, y and p of %d once each", s.Columns, a.columns)
		}
		return columns, nil
	}
	if err := a.fields[0].integer(); err != nil {
		return csvColumns{}, err
	}
	const rows = 64
	src, _, err := in.Window(rows * a.stride)
	if err != nil {
		return csvColumns{}, err
	}
	var sample [][]string
	for ; len(src) >= a.stride && len(sample) < rows; src = src[a.stride:] {
		var row []string
		for i := range a.fields {
			var v [1]int64
			a.fields[i].load(v[:], src, a.stride)
			row = append(row, fmt.Sprint(v[0]))
		}
		sample = append(sample, row)
	}
	var columns csvColumns
	if !columns.guess(sample) {
		return columns, errColumns
	}
	return columns, nil
}

type npyDecoder struct {
	s      *format.Stream
	stride int
	left   int64 // records to come, by the header
	rows   *numpyRows
}

func (d *npyDecoder) Decode(b *format.Block, src []byte, at int64, _ bool) (int, error) {
	i := 0
	for !b.Full() {
		n := min(b.Room(), numpyChunk, (len(src)-i)/d.stride)
		if n == 0 {
			break
		}
		records := src[i : i+n*d.stride]
		d.rows.append(b, n, [4][]byte{records, records, records, records}, at+int64(i))
		d.left -= int64(n)
		i += n * d.stride
	}
	return i, nil
}

// End counts what is missing, or more than there should be.
func (d *npyDecoder) End(at int64) {
	if d.left != 0 {
		d.s.Damage.Add("record_count", at, 0, uint64(max(d.left, -d.left)))
	}
}

// npyHeader is the header of the arrays that are written, of npyHeaderSize
// bytes.
func npyHeader(rows int64) []byte {
	dict := fmt.Sprintf("{'descr': [('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|u1')], 'fortran_order': False, 'shape': (%d,), }", rows)
	const version, before = 1, len(npyMagic) + 4
	b := append([]byte(npyMagic), version, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(npyHeaderSize-before))
	b = append(b, dict...)
	b = append(b, bytes.Repeat([]byte{' '}, npyHeaderSize-1-len(b))...)
	return append(b, '\n')
}

const (
	npyHeaderSize = 192 // a multiple of 64, with room for any number of rows
	npyRecord     = 13
)

// appendNPY appends events as the records that npyHeader describes.
func appendNPY(dst []byte, events []pipeline.Event) []byte {
	for i := range events {
		ev := &events[i]
		dst = binary.LittleEndian.AppendUint64(dst, uint64(ev.T))
		dst = binary.LittleEndian.AppendUint16(dst, ev.X)
		dst = binary.LittleEndian.AppendUint16(dst, ev.Y)
		dst = append(dst, min(ev.P, pipeline.On))
	}
	return dst
}

func (d *npyDecoder) Snapshot() format.Snapshot { return format.Snapshot{d.left} }

func (d *npyDecoder) Resume(s format.Snapshot) { d.left = s[0] }

var _ format.Resumable = (*npyDecoder)(nil)
