package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

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
		OpenAt:     openNPYColumns,
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
	if a.columns == 2 {
		return nil, errTwoColumns
	}
	if a.apart {
		return nil, format.ErrNotFrontToBack
	}
	s.In.Advance(used)
	parts := a.parts("", s.In)
	if parts == nil {
		return nil, errOneColumn
	}
	c, _, err := chooseColumns(s, parts, a.plain)
	if err != nil {
		return nil, err
	}
	stride := [4]int{a.stride, a.stride, a.stride, a.stride}
	return &npyDecoder{s: s, stride: a.stride, left: a.rows, total: a.rows, rows: newNumpyRows(s, c, stride)}, nil
}

var (
	errOneColumn  = errors.New("one column where t, x, y and p are needed")
	errTwoColumns = errors.New("2 columns where t, x, y and p are needed")
)

// openNPYColumns reads an array whose columns lie one behind the other.
func openNPYColumns(s *format.Stream, src io.ReaderAt, size int64) (format.BlockReader, error) {
	a, used, err := readNPYHeader(format.NewInputOf(io.NewSectionReader(src, 0, size), 1<<10))
	if err != nil {
		return nil, err
	}
	parts, err := a.allParts(nil, func(column int) (*format.Input, error) {
		length := a.rows * int64(a.stride)
		if length/int64(a.stride) != a.rows || length > size {
			return nil, fmt.Errorf("%d records do not fit into %d bytes", a.rows, size)
		}
		return format.NewInputOf(io.NewSectionReader(src, int64(used)+int64(column)*length, length), 16<<10), nil
	})
	if err != nil {
		return nil, err
	}
	return newPartsReader(s, parts, slices.Repeat([]int64{a.rows}, len(parts)), size, true)
}

// parts are the fields of an array whose records are next in an input; nil for
// one column.
func (a *numpyArray) parts(name string, in *format.Input) (parts []numpyPart) {
	if a.plain && a.columns == 0 {
		return nil
	}
	for _, f := range a.fields {
		parts = append(parts, numpyPart{field: f, in: in, stride: a.stride})
	}
	return parts
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

type npyDecoder struct {
	s      *format.Stream
	stride int
	left   int64 // records to come, by the header
	total  int64
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
func (d *npyDecoder) End(at int64) error {
	if d.left != 0 {
		d.s.Damage.Add("record_count", at, 0, uint64(max(d.left, -d.left)))
	}
	return d.rows.empty(d.total)
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
