package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"ganglion/sources/format"
)

// NumPy .npz: a ZIP archive of .npy arrays, stored (np.savez) or deflated
// (np.savez_compressed). It holds one array that is a recording by itself, see
// npy.go, or arrays t, x, y and p of one axis each; xy of two columns may stand
// for x and y, and events_ before a name counts nothing.
//
// The archive's index is at its end, and columns lie one behind the other. In a
// file they are read and unpacked side by side as they are needed; what comes
// from elsewhere is read whole into memory first. Where in an archive damage
// lies is not said: its offset is 0.
func NPZ() format.Format {
	return format.Format{
		Name:       "npz",
		Summary:    "NumPy archive of such an array, or of arrays t, x, y and p",
		Extensions: []string{".npz"},
		Sniff:      sniffNPZ,
		OpenAt:     openNPZ,
		Create:     createNPZ,
	}
}

const (
	// npzMembers bounds the members of an archive.
	npzMembers = 64
	// npzIndex bounds what is read of its index, bytes.
	npzIndex = 1 << 20
)

// sniffNPZ looks for an archive, and for a first member that is an array.
func sniffNPZ(p format.Probe) format.Claim {
	head := p.Head
	if len(head) < zipLocalSize || !bytes.HasPrefix(head, []byte(zipLocal)) {
		return format.Claim{}
	}
	end := zipLocalSize + int(binary.LittleEndian.Uint16(head[zipLocalSize-4:]))
	if bytes.HasSuffix(head[:min(end, len(head))], []byte(npyEnding)) {
		return format.Claim{Weight: format.Certain, Why: "an archive whose first member is an array"}
	}
	return format.Claim{Weight: format.Likely, Why: "an archive"}
}

const npyEnding = ".npy"

func openNPZ(s *format.Stream, src io.ReaderAt, size int64) (format.BlockReader, error) {
	index := &npzIndexReader{ReaderAt: src, left: npzIndex}
	archive, err := zip.NewReader(index, size)
	if index.left < 0 || err == nil && len(archive.File) > npzMembers {
		return nil, fmt.Errorf("more than %d members", npzMembers)
	}
	if err != nil {
		return nil, err
	}
	index.left = math.MaxInt64
	if err := checkExpansion(archive.File, size); err != nil {
		return nil, err
	}
	var members []*npzMember
	var skipped error // the first member that is not read, such as one number
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, npyEnding) {
			continue
		}
		m, err := openNPZMember(f)
		switch {
		case err == nil:
			members = append(members, m)
		case skipped == nil:
			skipped = fmt.Errorf("; %s: %w", f.Name, err)
		}
	}
	d, err := newNPZReader(s, members, size)
	if err != nil && skipped != nil {
		err = fmt.Errorf("%w%w", err, skipped)
	}
	return d, err
}

// checkExpansion refuses an archive that would unpack to far more than events
// can, be it that its members share their bytes. The reader of a member holds it
// to the size that the index states.
func checkExpansion(members []*zip.File, size int64) error {
	most := uint64(format.MostUnpacked(size))
	var total uint64
	for _, f := range members {
		if total += min(f.UncompressedSize64, math.MaxUint32<<8); total > most {
			return fmt.Errorf("%d bytes would unpack to more than %d: no recording packs so well; what it holds, if anything, "+
				"is read once it is stored without compression (numpy.savez)", size, most)
		}
	}
	return nil
}

// npzIndexReader ends when more is read than an index may take.
type npzIndexReader struct {
	io.ReaderAt
	left int64
}

func (r *npzIndexReader) ReadAt(b []byte, at int64) (int, error) {
	if r.left -= int64(len(b)); r.left < 0 {
		return 0, io.ErrShortBuffer
	}
	return r.ReaderAt.ReadAt(b, at)
}

// npzMember is one array of an archive.
type npzMember struct {
	name   string
	file   *zip.File
	in     *format.Input // behind the array's header
	header int           // of the array, bytes
	array  numpyArray
}

func openNPZMember(f *zip.File) (*npzMember, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	m := &npzMember{name: strings.TrimSuffix(f.Name, npyEnding), file: f, in: format.NewInputOf(r, 1<<10)}
	m.array, m.header, err = readNPYHeader(m.in)
	m.in.Advance(m.header)
	return m, err
}

// column opens the member once more, at one of columns that lie one behind the
// other.
func (m *npzMember) column(n int) (*format.Input, error) {
	r, err := m.file.Open()
	if err != nil {
		return nil, err
	}
	length := m.array.rows * int64(m.array.stride)
	if _, err := io.CopyN(io.Discard, r, int64(m.header)+int64(n)*length); err != nil {
		return nil, err
	}
	return format.NewInputOf(io.LimitReader(r, length), 1<<10), nil
}

// columns are the columns of events that the member holds: one, or x and y; nil
// for one that has others.
func (m *npzMember) columns() ([]numpyPart, error) {
	name := strings.TrimPrefix(m.name, "events_")
	if m.array.columns == 0 && m.array.plain {
		f := m.array.fields[0]
		f.name = name
		return []numpyPart{{field: f, in: m.in, stride: m.array.stride}}, nil
	}
	if m.array.columns != 2 {
		return nil, nil
	}
	if strings.ToLower(name) != "xy" {
		return []numpyPart{}, nil
	}
	var parts []numpyPart
	for i, axis := range []string{"x", "y"} {
		f, in := m.array.fields[i], m.in
		if f.name = axis; m.array.apart {
			var err error
			if in, err = m.column(i); err != nil {
				return nil, err
			}
			f.at = 0
		}
		parts = append(parts, numpyPart{field: f, in: in, stride: m.array.stride})
	}
	return parts, nil
}

// columnsReader reads the four columns of events side by side, from one input
// or several.
type columnsReader struct {
	s      *format.Stream
	inputs []*format.Input // that are read, each once
	stride []int           // of theirs
	source [4]int          // in inputs, of t, x, y and p
	size   int64           // of the recording, bytes
	left   int64           // events to come
	total  int64           // events
	rows   *numpyRows
	done   bool
}

// npzTable is a stream of events in an archive: an array for each column, or one
// that has all.
type npzTable struct {
	tableRows
	parts []numpyPart
	each  []int64 // rows of each part
	plain bool
}

// newNPZReader finds the members with events: an array for each column, and
// arrays that have all columns.
func newNPZReader(s *format.Stream, members []*npzMember, size int64) (format.BlockReader, error) {
	var fault error // of the first member that has columns, but none of events
	var tables []npzTable
	single := npzTable{tableRows: tableRows{"columns", math.MaxInt64}}
	for _, m := range members {
		t := npzTable{tableRows: tableRows{m.name, m.array.rows}, plain: m.array.plain}
		columns, err := m.columns()
		switch {
		case err != nil:
			return nil, err
		case columns != nil:
			for _, c := range columns {
				single.parts, single.each = append(single.parts, c), append(single.each, m.array.rows)
			}
			single.rows = min(single.rows, m.array.rows)
			continue
		}
		if t.parts, err = m.array.allParts(m.in, m.column); err != nil {
			return nil, err
		}
		for range t.parts {
			t.each = append(t.each, m.array.rows)
		}
		if _, err := findColumns(s.Columns, t.parts, t.plain); err == nil {
			tables = append(tables, t)
		} else if fault == nil {
			fault = fmt.Errorf("%s%s: %w", m.name, npyEnding, err)
		}
	}
	if _, err := findColumns(s.Columns, single.parts, false); err == nil {
		named := slices.DeleteFunc(tables, func(t npzTable) bool { return t.plain }) // a matrix beside columns with names is of another kind
		tables = append(named, single)
	} else if fault == nil || len(single.parts) >= 4 {
		fault = err
	}
	if len(tables) == 0 {
		return nil, fault
	}
	var list []tableRows
	for i := range tables {
		list = append(list, tables[i].tableRows)
	}
	chosen, err := chooseTable(s, list)
	if err != nil {
		return nil, err
	}
	t := &tables[chosen]
	return newPartsReader(s, t.parts, t.each, size, t.plain)
}

// allParts are the columns of an array, from its records or each for itself.
func (a *numpyArray) allParts(records *format.Input, column func(n int) (*format.Input, error)) ([]numpyPart, error) {
	if !a.apart {
		return a.parts("", records), nil
	}
	var parts []numpyPart
	for i := range a.columns {
		in, err := column(i)
		if err != nil {
			return nil, err
		}
		f := a.fields[i]
		f.at = 0
		parts = append(parts, numpyPart{field: f, in: in, stride: a.stride})
	}
	return parts, nil
}

// newPartsReader reads columns that have an input each, and a number of rows.
func newPartsReader(s *format.Stream, parts []numpyPart, rows []int64, size int64, plain bool) (format.BlockReader, error) {
	c, columns, err := chooseColumns(s, parts, plain)
	if err != nil {
		return nil, err
	}
	d := &columnsReader{s: s, size: size, left: math.MaxInt64}
	var stride [4]int
	for i, role := range columns.roles[:columns.count] {
		if role == roleNone {
			continue
		}
		k := role - roleT
		stride[k] = parts[i].stride
		if d.source[k] = slices.Index(d.inputs, parts[i].in); d.source[k] < 0 {
			d.source[k] = len(d.inputs)
			d.inputs, d.stride = append(d.inputs, parts[i].in), append(d.stride, parts[i].stride)
		}
		d.left = min(d.left, rows[i])
	}
	d.total = d.left
	d.rows = newNumpyRows(s, c, stride)
	return d, nil
}

// ReadBlock reads the members side by side; the offset is the part of the
// archive that the events so far are of all.
func (d *columnsReader) ReadBlock(b *format.Block) (int64, error) {
	for !b.Full() && !d.done {
		n := d.take(b, int(min(int64(b.Room()), numpyChunk, d.left)))
		d.left -= int64(n)
		if d.done = n == 0; d.done {
			d.finish()
		}
	}
	if d.done && len(b.Events) == 0 {
		if err := d.rows.empty(d.total); err != nil {
			return d.size, err
		}
		return d.size, io.EOF
	}
	return int64(float64(d.size) * float64(d.total-d.left) / float64(max(d.total, 1))), nil
}

// take appends up to n events and returns their number, 0 when an array ends.
func (d *columnsReader) take(b *format.Block, n int) int {
	var found [mostColumns][]byte
	for i, in := range d.inputs {
		src, _, err := in.Window(n * d.stride[i])
		if err != nil {
			return 0
		}
		found[i] = src
		n = min(n, len(src)/d.stride[i])
	}
	var parts [4][]byte
	for k, i := range d.source {
		parts[k] = found[i]
	}
	d.rows.append(b, n, parts, 0)
	for i, in := range d.inputs {
		in.Advance(n * d.stride[i])
	}
	return n
}

// finish counts arrays that are damaged or of another length than they say.
func (d *columnsReader) finish() {
	for _, in := range d.inputs {
		rest, _, err := in.Window(1)
		switch {
		case err != nil:
			d.s.Damage.Add("bad_member", 0, 0, 1)
		case d.left > 0 || len(rest) > 0:
			d.s.Damage.Add("record_count", 0, 0, 1)
		}
	}
}
