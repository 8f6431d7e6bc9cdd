package recording

import (
	"bytes"
	"crypto/sha3"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"sort"

	"ganglion/internal/outfile"
	"ganglion/sources/format"
)

// An index says where in a recording to begin for a given time. It lies beside
// the recording as FILE.ganglion-index, little-endian:
//
//	"GANGIDX3", SHA3-224 of the identity and the points, points of 64 bytes:
//	offset i64, latest time of anything before it i64, decoder state 5 x i64,
//	what the clock adds to times i64
//
// The identity is the recording's format, size, time of change and first 4096
// bytes: an index of any other recording, of a changed one, or a damaged one
// fails the sum and is built again. The index covers what has been read so far,
// and grows when more is read.
const (
	indexEnding = ".ganglion-index"
	indexMagic  = "GANGIDX3"
	indexHead   = len(indexMagic) + 28
	indexPoint  = 64

	// indexStep is how many bytes lie between two points: about what is
	// decoded in 5 ms.
	indexStep = 1 << 20
	// indexMost bounds the file: 1 TiB of recording.
	indexMost = indexHead + indexPoint<<20
)

// minTime is before every event.
const minTime = math.MinInt64

// point is a place where reading can begin.
type point struct {
	Offset int64
	Latest int64 // time of an event or of side data before it, µs
	State  format.Snapshot
	Shift  int64 // what the clock adds to times in the file, µs
}

// index is a list of points of a file, by ascending offset and time.
type index struct {
	dec      format.Resumable
	path     string
	identity []byte
	points   []point
	known    int // of the points are in the index file
	begin    int64
	end      int64 // size of the recording, bytes
	step     int64 // least distance between points, bytes
	latest   int64 // time of what was read so far, µs
}

// openIndex reads the index of a recording, whose header has just been read,
// or begins an empty one.
func openIndex(f *os.File, dec format.Resumable, kind string, begin int64) (*index, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	head := make([]byte, format.ProbeLength)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	x := &index{dec: dec, path: f.Name() + indexEnding, begin: begin, end: st.Size(), latest: minTime, step: indexStep}
	x.identity = fmt.Appendf(nil, "%s %d %d ", kind, st.Size(), st.ModTime().UnixNano())
	x.identity = append(x.identity, head[:n]...)
	x.load()
	return x, nil
}

// load takes the points of the index file, if they are this recording's.
func (x *index) load() {
	st, err := os.Stat(x.path)
	if err != nil || !st.Mode().IsRegular() || st.Size() > int64(indexMost) {
		return
	}
	b, err := os.ReadFile(x.path)
	if err != nil || len(b) < indexHead || (len(b)-indexHead)%indexPoint != 0 {
		return
	}
	raw := b[indexHead:]
	if !bytes.Equal(b[:indexHead], x.head(raw)) {
		return
	}
	points := make([]point, len(raw)/indexPoint)
	if _, err := binary.Decode(raw, binary.LittleEndian, points); err != nil {
		return
	}
	last := point{Offset: x.begin, Latest: minTime}
	for _, p := range points {
		if p.Offset < last.Offset || p.Offset > x.end || p.Latest < last.Latest {
			return
		}
		last = p
	}
	x.points, x.known = points, len(points)
}

// head is the beginning of an index file with these points.
func (x *index) head(raw []byte) []byte {
	h := sha3.New224()
	h.Write(x.identity)
	h.Write(raw)
	return h.Sum([]byte(indexMagic))
}

// save writes the index file, if there is anything new. Not being able to is
// no error: the next seek takes as long as this one.
func (x *index) save() {
	if len(x.points) == x.known {
		return
	}
	raw, err := binary.Append(nil, binary.LittleEndian, x.points)
	if err != nil {
		return
	}
	_ = outfile.Replace(x.path, func(w io.Writer) error {
		_, err := w.Write(append(x.head(raw), raw...))
		return err
	})
}

// before finds the last point before which everything is earlier than t, and
// which is not before offset at.
func (x *index) before(t, at int64) (point, bool) {
	n := sort.Search(len(x.points), func(i int) bool { return x.points[i].Latest >= t })
	if n == 0 || x.points[n-1].Offset <= at {
		return point{}, false
	}
	return x.points[n-1], true
}

// note takes a block that was read, the offset behind it and what the clock
// adds to times there; whole reports that nothing behind it was read yet.
func (x *index) note(b *format.Block, at, shift int64, whole bool) {
	for i := range b.Events {
		x.latest = max(x.latest, b.Events[i].T)
	}
	for i := range b.Side {
		x.latest = max(x.latest, b.Side[i].T)
	}
	last := x.begin
	if n := len(x.points); n > 0 {
		last = x.points[n-1].Offset
	}
	if at-last >= x.step && whole {
		x.points = append(x.points, point{Offset: at, Latest: x.latest, State: x.dec.Snapshot(), Shift: shift})
	}
}
