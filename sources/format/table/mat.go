package table

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"ganglion/internal/matfile"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// MATLAB 5 files (see package matfile) of variables x, y, ts and pol, as ASL-DVS
// has them, or of a structure with such fields, as the TD of many laboratories;
// names are those of text files. The columns lie one behind the other and are read
// and unpacked side by side. Or of a matrix "spiketrain", as ST-MNIST: a column
// for each time, of which the last value is that, s, and the others are the taxels
// of a square, row by row: 1 for ON, -1 for OFF, 0 for nothing.
//
// MATLAB counts pixels from 1. Where the data says so, 1 is taken off: in a TD
// without an address 0, and in other variables without one where the greatest
// address would be one too many for a sensor. The sensor's size is that of the
// smallest one with these addresses.
func MAT() format.Format {
	return format.Format{
		Name:       "mat",
		Summary:    "MATLAB 5, structures or variables of x, y, ts and p, ST-MNIST's matrices",
		Extensions: []string{".mat"},
		Sniff: func(p format.Probe) format.Claim {
			if _, ok := matfile.Begins(p.Head); ok {
				return format.Claim{Weight: format.Certain, Why: "the header of a MATLAB 5 file"}
			}
			return format.Claim{}
		},
		OpenAt: openMAT,
	}
}

const (
	matStruct = "TD" // counts from 1
	matTrain  = "spiketrain"
)

// matTable is a set of arrays that are columns of events.
type matTable struct {
	name   string // of the structure, "" for variables
	arrays []*matfile.Array
	rows   int64
}

func openMAT(s *format.Stream, src io.ReaderAt, size int64) (format.BlockReader, error) {
	f, err := matfile.Open(src, size)
	if err != nil {
		return nil, err
	}
	for i := range f.Arrays {
		if a := &f.Arrays[i]; a.Name == matTrain && a.Rows > 1 {
			return newTrainReader(s, a, size)
		}
	}
	tables := matTables(f)
	if len(tables) == 0 {
		return nil, errors.Join(matRefusal(f), f.Err)
	}
	var list []tableRows
	for _, t := range tables {
		list = append(list, tableRows{cmp.Or(t.name, "variables"), t.rows})
	}
	chosen, err := chooseTable(s, list)
	if err != nil {
		return nil, err
	}
	t := tables[chosen]
	parts, rows, err := t.parts()
	if err != nil {
		return nil, err
	}
	d, err := newPartsReader(s, parts, rows, size, false)
	if err != nil {
		return nil, err
	}
	if err := t.pixels(s, d.(*columnsReader)); err != nil {
		return nil, err
	}
	return d, nil
}

// matTables finds what has columns of events, in the order of the file.
func matTables(f *matfile.File) (tables []matTable) {
	var parents []string
	of := map[string]*matTable{}
	for i := range f.Arrays {
		a := &f.Arrays[i]
		parent, _ := splitName(a.Name)
		if of[parent] == nil {
			of[parent] = &matTable{name: parent}
			parents = append(parents, parent)
		}
		of[parent].arrays = append(of[parent].arrays, a)
	}
	for _, parent := range parents {
		t := of[parent]
		var names []string
		for _, a := range t.arrays {
			_, name := splitName(a.Name)
			names = append(names, name)
		}
		columns, _, ok := columnsOf(names)
		if !ok {
			continue
		}
		found := matTable{name: parent, rows: math.MaxInt64}
		for i, role := range columns.roles[:columns.count] {
			if a := t.arrays[i]; role != roleNone {
				found.arrays, found.rows = append(found.arrays, a), min(found.rows, a.Rows*a.Columns)
			}
		}
		tables = append(tables, found)
	}
	return tables
}

// splitName takes the name of an array and of the structure that it is in apart.
func splitName(full string) (parent, name string) {
	if at := strings.LastIndexByte(full, '.'); at >= 0 {
		return full[:at], full[at+1:]
	}
	return "", full
}

// matRefusal says what a file holds instead of events.
func matRefusal(f *matfile.File) error {
	const most = 6
	var names []string
	for i := range f.Arrays {
		if a := &f.Arrays[i]; i < most {
			names = append(names, fmt.Sprintf("%.40s (%d x %d)", a.Name, a.Rows, a.Columns))
		}
	}
	list := strings.Join(names, ", ")
	switch n := len(f.Arrays); {
	case n == 0:
		list = "no arrays of numbers"
	case n > most:
		list += fmt.Sprintf(" and %d more", n-most)
	}
	return fmt.Errorf("holds no events (x, y, ts and p as variables or in a structure): %.200s", list)
}

// tableRows is the name of a stream of events, and how many it has.
type tableRows struct {
	name string
	rows int64
}

// chooseTable picks the one that is named, or the longest, and counts the others
// as not read.
func chooseTable(s *format.Stream, tables []tableRows) (int, error) {
	if len(tables) == 1 && s.Want == "" {
		return 0, nil
	}
	preferred := 0
	var list []format.StreamInfo
	for i, t := range tables {
		if t.rows > tables[preferred].rows {
			preferred = i
		}
		list = append(list, format.StreamInfo{Name: t.name, Kind: format.StreamEvents, Detail: fmt.Sprintf("%d events", t.rows)})
	}
	chosen, err := s.Choose(list, preferred)
	for i := range list {
		if i != chosen {
			list[i].Unread = uint64(tables[i].rows)
		}
	}
	return chosen, err
}

// parts are the arrays as columns.
func (t *matTable) parts() (parts []numpyPart, rows []int64, err error) {
	for _, a := range t.arrays {
		r, err := a.Open()
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		_, name := splitName(a.Name)
		parts = append(parts, numpyPart{field: matField(name, a), in: format.NewInputOf(r, 4<<10), stride: a.Size})
		rows = append(rows, a.Rows*a.Columns)
	}
	return parts, rows, nil
}

func matField(name string, a *matfile.Array) numpyField {
	return numpyField{name: name, kind: a.Kind, size: a.Size, big: a.Big, signed: a.Kind == 'i'}
}

// pixels finds out how pixels are counted, and the sensor's size.
func (t *matTable) pixels(s *format.Stream, d *columnsReader) error {
	least, most := [2]int64{math.MaxInt64, math.MaxInt64}, [2]int64{-1, -1}
	for i, field := range []numpyField{d.rows.columns.x, d.rows.columns.y} {
		at := slices.IndexFunc(t.arrays, func(a *matfile.Array) bool { _, name := splitName(a.Name); return name == field.name })
		r, err := t.arrays[at].Open()
		if err != nil {
			return err
		}
		least[i], most[i] = extremes(field, r)
	}
	if most[0] < 0 || most[1] < 0 {
		return nil
	}
	one := least[0] >= 1 && least[1] >= 1
	_, name := splitName(t.name)
	if one && (name == matStruct || format.IsSensorEdge(int(most[0]), int(most[1]))) {
		d.rows.first = 1
		s.Info.Notes = append(s.Info.Notes, "pixels are counted from 1 in the file, and from 0 here")
	}
	s.Size(format.SmallestSensor(int(most[0]-d.rows.first), int(most[1]-d.rows.first)))
	d.rows.width, d.rows.height = uint64(format.Limit(s.Info.Width)), uint64(format.Limit(s.Info.Height))
	return nil
}

// extremes are the least and the greatest address of a column.
func extremes(f numpyField, r io.Reader) (least, most int64) {
	least, most = math.MaxInt64, -1
	in := format.NewInputOf(r, 16<<10)
	var v [numpyChunk]int64
	for {
		src, _, err := in.Window(numpyChunk * f.size)
		n := min(len(src)/f.size, numpyChunk)
		if n == 0 || err != nil {
			return least, most
		}
		if f.kind == 'f' {
			f.whole(v[:n], src, f.size)
		} else {
			f.load(v[:n], src, f.size)
		}
		for _, a := range v[:n] {
			if a >= 0 && a <= math.MaxUint16 {
				least, most = min(least, a), max(most, a)
			}
		}
		in.Advance(n * f.size)
	}
}

// trainReader reads ST-MNIST's matrix.
type trainReader struct {
	s     *format.Stream
	in    *format.Input
	field numpyField
	side  int   // of the square of taxels
	rows  int   // of the matrix
	next  int   // of the column that is read
	left  int64 // columns
	size  int64 // of the file, bytes
	total int64 // columns
}

func newTrainReader(s *format.Stream, a *matfile.Array, size int64) (format.BlockReader, error) {
	side := int(math.Sqrt(float64(a.Rows - 1)))
	if int64(side*side) != a.Rows-1 || side > 1<<10 {
		return nil, fmt.Errorf("%s has %d rows, which are not a square of taxels and the time", matTrain, a.Rows)
	}
	r, err := a.Open()
	if err != nil {
		return nil, err
	}
	s.Size(side, side)
	d := &trainReader{s: s, in: format.NewInput(r), field: matField(matTrain, a), side: side, rows: int(a.Rows), left: a.Columns, size: size}
	d.total = max(a.Columns, 1)
	return d, nil
}

// ReadBlock reads columns of the matrix.
func (d *trainReader) ReadBlock(b *format.Block) (int64, error) {
	stride := d.rows * d.field.size
	for d.left > 0 && !b.Full() {
		src, _, err := d.in.Window(stride)
		if err != nil || len(src) < stride {
			d.s.Damage.Add("bad_member", 0, 0, 1)
			d.left = 0
			break
		}
		if !d.column(b, src[:stride]) {
			break
		}
		d.in.Advance(stride)
		d.left--
		d.next = 0
	}
	if d.left == 0 && len(b.Events) == 0 {
		return d.size, io.EOF
	}
	return int64(float64(d.size) * float64(d.total-d.left) / float64(d.total)), nil
}

// column appends the events of one time, and reports whether all had room.
func (d *trainReader) column(b *format.Block, src []byte) bool {
	value := func(i int) float64 {
		cell := src[i*d.field.size : (i+1)*d.field.size]
		if d.field.kind == 'f' {
			return d.field.float(cell)
		}
		var v [1]int64
		d.field.load(v[:], cell, d.field.size)
		return float64(v[0])
	}
	t := value(d.rows-1) * 1e6
	if !(math.Abs(t) < math.MaxInt64) {
		d.s.Damage.Add("fractional_value", 0, 0, 1)
		return true
	}
	for ; d.next < d.rows-1; d.next++ {
		v := value(d.next)
		if v == 0 || v != v {
			continue
		}
		if b.Full() {
			return false
		}
		e := pipeline.Event{T: int64(math.Round(t)), X: uint16(d.next % d.side), Y: uint16(d.next / d.side)}
		if v > 0 {
			e.P = pipeline.On
		}
		b.Events = append(b.Events, e)
	}
	return true
}
