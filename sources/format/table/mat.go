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
	"ganglion/sources/format"
)

// MATLAB 5 and 4 files (see package matfile) of variables x, y, ts and pol, as ASL-DVS
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
		Summary:    "MATLAB 5 and 4, structures or variables of x, y, ts and p, matrices",
		Extensions: []string{".mat"},
		Sniff: func(p format.Probe) format.Claim {
			if _, ok := matfile.Begins(p.Head); ok {
				return format.Claim{Weight: format.Certain, Why: "the header of a MATLAB 5 file"}
			}
			if matfile.Begins4(p.Head) {
				return format.Claim{Weight: format.Certain, Why: "a variable of a MATLAB 4 file"}
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

// matTable is a stream of events.
type matTable struct {
	name  string // of the structure or the matrix, "" for variables
	rows  int64
	plain bool // its columns have no names
	open  func() ([]numpyPart, error)
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
		if tables, err = matMatrices(f, s.Columns); err != nil {
			return nil, err
		}
	}
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
	parts, err := t.open()
	if err != nil {
		return nil, err
	}
	d, err := newPartsReader(s, parts, slices.Repeat([]int64{t.rows}, len(parts)), size, t.plain)
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
	of := map[string][]*matfile.Array{}
	for i := range f.Arrays {
		a := &f.Arrays[i]
		parent, _ := splitName(a.Name)
		if of[parent] == nil {
			parents = append(parents, parent)
		}
		of[parent] = append(of[parent], a)
	}
	for _, parent := range parents {
		var names []string
		for _, a := range of[parent] {
			_, name := splitName(a.Name)
			names = append(names, name)
		}
		columns, _, ok := columnsOf(names)
		if !ok {
			continue
		}
		found := matTable{name: parent, rows: math.MaxInt64}
		var arrays []*matfile.Array
		for i, role := range columns.roles[:columns.count] {
			if a := of[parent][i]; role != roleNone {
				arrays, found.rows = append(arrays, a), min(found.rows, a.Rows*a.Columns)
			}
		}
		found.open = func() ([]numpyPart, error) { return matColumns(arrays) }
		tables = append(tables, found)
	}
	return tables
}

// matColumns are arrays as columns.
func matColumns(arrays []*matfile.Array) (parts []numpyPart, err error) {
	for _, a := range arrays {
		r, err := a.Open(0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		_, name := splitName(a.Name)
		parts = append(parts, numpyPart{field: matField(name, a), in: format.NewInputOf(r, 4<<10), stride: a.Size})
	}
	return parts, nil
}

// splitName takes the name of an array and of the structure that it is in apart.
func splitName(full string) (parent, name string) {
	if at := strings.LastIndexByte(full, '.'); at >= 0 {
		return full[:at], full[at+1:]
	}
	return "", full
}

// matRefusal reports what a file holds instead of events.
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

func matField(name string, a *matfile.Array) numpyField {
	return numpyField{name: name, kind: a.Kind, size: a.Size, big: a.Big, signed: a.Kind == 'i'}
}

// pixels finds out how pixels are counted, and the sensor's size.
func (t *matTable) pixels(s *format.Stream, d *columnsReader) error {
	least, most := [2]int64{math.MaxInt64, math.MaxInt64}, [2]int64{-1, -1}
	for i, field := range []numpyField{d.rows.columns.x, d.rows.columns.y} {
		parts, err := t.open()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(parts, func(p numpyPart) bool { return p.field.name == field.name })
		least[i], most[i] = extremes(&parts[at], t.rows)
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
func extremes(p *numpyPart, rows int64) (least, most int64) {
	least, most = math.MaxInt64, -1
	var v [numpyChunk]int64
	for rows > 0 {
		src, _, err := p.in.Window(int(min(numpyChunk, rows)) * p.stride)
		n := int(min(int64(len(src)/p.stride), numpyChunk, rows))
		if n == 0 || err != nil {
			return least, most
		}
		if p.field.kind == 'f' {
			p.field.whole(v[:n], src, p.stride)
		} else {
			p.field.load(v[:n], src, p.stride)
		}
		for _, a := range v[:n] {
			if a >= 0 && a <= math.MaxUint16 {
				least, most = min(least, a), max(most, a)
			}
		}
		p.in.Advance(n * p.stride)
		rows -= int64(n)
	}
	return least, most
}
