package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"ganglion/sources/format"
)

// NumPy .npz: a ZIP archive of .npy arrays, stored (np.savez) or deflated
// (np.savez_compressed). It holds one array that is a recording by itself, see
// npy.go, or arrays t, x, y and p of one axis each.
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
	d, err := newNPZDecoder(s, members, size)
	if err != nil && skipped != nil {
		err = fmt.Errorf("%w%w", err, skipped)
	}
	return d, err
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
	name  string
	in    *format.Input // behind the array's header
	array numpyArray
}

func openNPZMember(f *zip.File) (*npzMember, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	m := &npzMember{name: strings.TrimSuffix(f.Name, npyEnding), in: format.NewInputOf(r, 1<<10)}
	a, used, err := readNPYHeader(m.in)
	m.array = a
	m.in.Advance(used)
	return m, err
}

type npzDecoder struct {
	s       *format.Stream
	members []*npzMember  // that are read
	columns [4]*npzMember // of t, x, y and p
	size    int64         // of the archive, bytes
	left    int64         // events to come
	total   int64         // events
	rows    *numpyRows
	done    bool
}

// newNPZDecoder finds the members with events.
func newNPZDecoder(s *format.Stream, members []*npzMember, size int64) (format.BlockReader, error) {
	d := &npzDecoder{s: s, size: size, left: math.MaxInt64}
	c, err := d.single(members)
	if d.members == nil {
		c, err = d.separate(members)
	}
	if err != nil {
		return nil, err
	}
	var stride [4]int
	for i, m := range d.columns {
		stride[i] = m.array.stride
		d.left = min(d.left, m.array.rows)
	}
	d.total = d.left
	d.rows = newNumpyRows(s, c, stride)
	return d, nil
}

// single takes the first array that is no single column.
func (d *npzDecoder) single(members []*npzMember) (c numpyColumns, err error) {
	for _, m := range members {
		if !m.array.plain || m.array.columns > 0 {
			d.members = []*npzMember{m}
			d.columns = [4]*npzMember{m, m, m, m}
			return m.array.events(d.s, m.in)
		}
	}
	return c, nil
}

// separate takes an array for each column.
func (d *npzDecoder) separate(members []*npzMember) (c numpyColumns, err error) {
	var together numpyArray
	for _, m := range members {
		f := m.array.fields[0]
		f.name = m.name
		together.fields = append(together.fields, f)
	}
	columns, err := together.named()
	if err != nil {
		return c, err
	}
	for i, role := range columns.roles[:columns.count] {
		if role == roleNone {
			continue
		}
		d.columns[role-roleT] = members[i]
		d.members = append(d.members, members[i])
	}
	return c, c.set(d.s, together.fields, columns)
}

// ReadBlock reads the members side by side; the offset is the part of the
// archive that the events so far are of all.
func (d *npzDecoder) ReadBlock(b *format.Block) (int64, error) {
	for !b.Full() && !d.done {
		n := d.take(b, int(min(int64(b.Room()), numpyChunk, d.left)))
		d.left -= int64(n)
		if d.done = n == 0; d.done {
			d.finish()
		}
	}
	if d.done && len(b.Events) == 0 {
		return d.size, io.EOF
	}
	return int64(float64(d.size) * float64(d.total-d.left) / float64(max(d.total, 1))), nil
}

// take appends up to n events and returns their number, 0 when an array ends.
func (d *npzDecoder) take(b *format.Block, n int) int {
	var parts [4][]byte
	for i, m := range d.columns {
		src, _, err := m.in.Window(n * m.array.stride)
		if err != nil {
			return 0
		}
		parts[i] = src
		n = min(n, len(src)/m.array.stride)
	}
	d.rows.append(b, n, parts, 0)
	for _, m := range d.members {
		m.in.Advance(n * m.array.stride)
	}
	return n
}

// finish counts arrays that are damaged or of another length than they say.
func (d *npzDecoder) finish() {
	for _, m := range d.members {
		rest, _, err := m.in.Window(1)
		switch {
		case err != nil:
			d.s.Damage.Add("bad_member", 0, 0, 1)
		case d.left > 0 || len(rest) > 0:
			d.s.Damage.Add("record_count", 0, 0, 1)
		}
	}
}
