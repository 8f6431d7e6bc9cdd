package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"ganglion/sources/format"
)

// A folder is a recording when it holds an array for each column, as EVREAL's
// do: events_ts.npy, events_xy.npy, events_p.npy, or EV-IMO 2's: dataset_events_t.npy
// and so on. It is read as the archive of NumPy that has these members, stored: an
// archive that is laid over the files and never written.

// folderParts are the sets of files that a folder is known by.
var folderParts = [][]string{
	{"events_ts.npy", "events_xy.npy", "events_p.npy"},
	{"events_t.npy", "events_x.npy", "events_y.npy", "events_p.npy"},
	{"dataset_events_t.npy", "dataset_events_xy.npy", "dataset_events_p.npy"},
	{"t.npy", "x.npy", "y.npy", "p.npy"},
}

// folder is an archive over files.
type folder struct {
	section
	files []*os.File
}

// openFolder opens the parts in a folder, or says what is there instead.
func openFolder(path string) (*folder, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	has := func(name string) bool {
		return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == name && !e.IsDir() })
	}
	missing := ""
	for _, parts := range folderParts {
		rest := slices.DeleteFunc(slices.Clone(parts), has)
		if len(rest) == 0 {
			return openParts(path, parts)
		}
		if missing == "" && len(rest) < len(parts)-1 {
			missing = strings.Join(rest, " and ") + " is missing: "
		}
	}
	return nil, fmt.Errorf("recording %s: is a directory, not a recording: %s%s", path, missing, listed(path, entries, missing == ""))
}

// listed reports what a folder holds: recordings, if they are looked for, or
// whatever there is.
func listed(path string, entries []os.DirEntry, look bool) string {
	var recordings, names []string
	for i, e := range entries {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
		if look && i < zipMembers && !e.IsDir() && filepath.Ext(name) != ".nir" && isRecording(filepath.Join(path, e.Name())) {
			recordings = append(recordings, name)
		}
	}
	if len(recordings) > 0 {
		return "name one of the recordings in it: " + few(recordings)
	}
	return "it holds " + few(names)
}

// isRecording looks at the beginning of a file.
func isRecording(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return false
	}
	in := format.NewInputOf(f, format.ProbeLength)
	head, last, err := in.Window(format.ProbeLength)
	if err != nil || len(head) == 0 {
		return false
	}
	_, err = detect(probeOf(head, last, in, path))
	return err == nil
}

// openParts lays the archive over the files.
func openParts(path string, names []string) (*folder, error) {
	d := &folder{}
	pieces := &pieces{}
	var index []byte
	for _, name := range names {
		f, err := os.Open(filepath.Join(path, name))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("recording: %w", err), d.Close())
		}
		d.files = append(d.files, f)
		st, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, d.Close())
		}
		member := strings.TrimPrefix(strings.TrimPrefix(name, "dataset_"), "events_")
		index = append(index, zipEntry("PK\x01\x02\x14\x00", member, st.Size(), pieces.size)...)
		pieces.add(bytes.NewReader(zipEntry(zipMagic, member, st.Size(), -1)))
		pieces.addSized(f, st.Size())
		if pieces.size > 1<<32-2 { // the index tells places and lengths in 32 bits
			return nil, errors.Join(fmt.Errorf("recording %s: longer than 4 GiB up to the end of %s", path, name), d.Close())
		}
	}
	end := []byte("PK\x05\x06\x00\x00\x00\x00")
	end = binary.LittleEndian.AppendUint16(end, uint16(len(names)))
	end = binary.LittleEndian.AppendUint16(end, uint16(len(names)))
	end = binary.LittleEndian.AppendUint32(end, uint32(len(index)))
	end = binary.LittleEndian.AppendUint32(end, uint32(pieces.size))
	pieces.add(bytes.NewReader(append(append(index, end...), 0, 0)))
	d.section = newSection(pieces, 0, pieces.size)
	return d, nil
}

// zipEntry is the header of a stored member, in front of it (at is -1) or in the
// index. A sum of 0 is not checked.
func zipEntry(magic, name string, size, at int64) []byte {
	le := binary.LittleEndian
	b := append([]byte(magic), 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint32(le.AppendUint32(b, uint32(size)), uint32(size))
	b = le.AppendUint16(le.AppendUint16(b, uint16(len(name))), 0)
	if at >= 0 {
		b = append(b, make([]byte, 10)...)
		b = le.AppendUint32(b, uint32(at))
	}
	return append(b, name...)
}

// Close closes the files.
func (d *folder) Close() (err error) {
	for _, f := range d.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// pieces are readers one behind the other.
type pieces struct {
	all    []io.ReaderAt
	begins []int64
	size   int64
}

func (p *pieces) add(r *bytes.Reader) { p.addSized(r, r.Size()) }

func (p *pieces) addSized(r io.ReaderAt, size int64) {
	p.all, p.begins, p.size = append(p.all, r), append(p.begins, p.size), p.size+size
}

// ReadAt reads from one piece, or several.
func (p *pieces) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && at < p.size {
		i := sort.Search(len(p.begins), func(i int) bool { return p.begins[i] > at }) - 1
		end := p.size
		if i+1 < len(p.begins) {
			end = p.begins[i+1]
		}
		k, err := p.all[i].ReadAt(b[n:min(int64(len(b)), int64(n)+end-at)], at-p.begins[i])
		n, at = n+k, at+int64(k)
		if k == 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, cmpErr(err)
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// cmpErr is an error for bytes that are missing.
func cmpErr(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
