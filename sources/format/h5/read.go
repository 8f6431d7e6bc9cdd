package h5

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"ganglion/internal/asm"
	h5 "ganglion/internal/hdf5"
	"ganglion/internal/hdf5/ecf"
	"ganglion/pipeline"
	"ganglion/sources/format"
)

// batch is how many events are converted at a time: four columns of them fit
// the first-level cache.
const batch = 512

// maxDensity is how many events a byte of a file may hold. The densest real
// recordings have one in a byte or two.
const maxDensity = 64

// reader delivers the events of one table.
type reader struct {
	s        *format.Stream
	t        *table
	rows     []*h5.Rows // each once
	n, next  int        // events in all, and the next one
	size     int64      // bytes of the file
	others   []uint64   // events of every table
	last     int64      // time of the last event, µs
	triggers *triggers  // nil where there are none
	ms       *column    // the index of milliseconds; nil where there is none
	minusOne int64
	native   bool // the rows are Prophesee's records
	usual    bool // the columns have the types that most data sets have

	xs, ys, ts, ps [batch]int64
	scratch        [batch]float64
}

func newReader(s *format.Stream, t *table, size int64) (*reader, error) {
	r := &reader{s: s, t: t, n: t.len(), size: size, minusOne: t.p.minusOne()}
	if int64(r.n) > maxDensity*size+1024 {
		return nil, fmt.Errorf("%s says it has %d events, more than %d bytes can hold", t.name, r.n, size)
	}
	open := map[*h5.Dataset]*h5.Rows{}
	for _, c := range t.columns() {
		rows, err := open[c.data], error(nil)
		if rows == nil {
			if rows, err = c.open(); err != nil {
				return nil, err
			}
			open[c.data] = rows
			r.rows = append(r.rows, rows)
		}
		c.rows = rows
		if missing := rows.Len() - r.n; missing > 0 {
			s.Damage.Add("missing_value", 0, 0, uint64(missing))
		}
	}
	if t.scale == 0 {
		t.scale = r.unit()
	}
	r.usual = t.x.plain(h5.Uint, 2) && t.y.plain(h5.Uint, 2) && (t.p.plain(h5.Uint, 1) || t.p.plain(h5.Bool, 1)) &&
		!t.t.floating() && t.scale == 1 && t.first == 0 && t.triggers == nil
	r.native = t.t.data.Type.EventRecord() && t.scale == 1 && t.offset == 0
	s.Info.Unix = r.since1970()
	if doubt := r.doubt(); doubt != "" {
		s.Info.Notes = append(s.Info.Notes, doubt)
	}
	var err error
	if t.triggers != nil {
		if r.triggers, err = newTriggers(t.triggers, s); err != nil {
			return nil, err
		}
	}
	r.ms, err = milliseconds(t)
	return r, err
}

// since1970 reports whether the first time is one of this century.
func (r *reader) since1970() bool {
	if r.n == 0 {
		return false
	}
	t, err := r.time(0)
	return err == nil && t > 946_684_800_000_000
}

// doubt reports what is odd about the first times, or "".
func (r *reader) doubt() string {
	if r.n == 0 {
		return ""
	}
	b := r.t.t.rows.Band(0)
	n := min(b.Len, batch, r.n)
	if b.Err != nil || n == 0 {
		return ""
	}
	v := r.ts[:n]
	r.t.t.load(v, r.scratch[:], b.Values, r.t.scale)
	unit := map[float64]string{1e-3: "ns", 1e3: "ms", 1e6: "s"}[r.t.scale]
	return format.DoubtOfTimes(n, float64(v[0]+r.t.offset), float64(v[n-1]+r.t.offset), cmp.Or(unit, "µs"))
}

// unit is that of times of floats: s where any of the first has a fraction.
func (r *reader) unit() float64 {
	if r.n == 0 {
		return 1
	}
	b := r.t.t.rows.Band(0)
	if b.Err != nil {
		return 1
	}
	v := r.scratch[:min(b.Len, batch)]
	r.t.t.typ.Floats(v, b.Values[r.t.t.at:], r.t.t.stride)
	for _, x := range v {
		if x != math.Trunc(x) {
			return 1e6
		}
	}
	return 1
}

// ReadBlock appends the next events.
func (r *reader) ReadBlock(b *format.Block) (int64, error) {
	for !b.Full() && r.next < r.n {
		n := min(batch, b.Room(), r.n-r.next)
		var damaged *h5.Band
		for _, rows := range r.rows {
			band := rows.Band(r.next)
			n = min(n, band.First+band.Len-r.next)
			if band.Err != nil && (damaged == nil || band.First+band.Len < damaged.First+damaged.Len) {
				damaged = band
			}
		}
		if damaged != nil {
			r.lose(damaged)
			continue
		}
		if !r.records(b, n) && !r.words(b, n) {
			r.load(n)
			r.append(b, n)
		}
		r.next += n
	}
	if r.next >= r.n && r.triggers != nil {
		r.triggers.until(b, math.MaxInt64)
	}
	offset := r.size
	if r.next < r.n {
		offset = int64(float64(r.size) * float64(r.next) / float64(r.n))
	}
	if len(b.Events)+len(b.Side) == 0 && r.next >= r.n {
		r.finish()
		return offset, io.EOF
	}
	return offset, nil
}

// finish counts what the other tables hold.
func (r *reader) finish() {
	for i := range r.s.Info.Streams {
		if other := &r.s.Info.Streams[i]; !other.Read {
			other.Unread = r.others[i]
		}
	}
}

// lose passes over a stretch that cannot be read.
func (r *reader) lose(b *h5.Band) {
	end := min(b.First+b.Len, r.n)
	kind, at := "damaged_chunk", int64(0)
	if errors.Is(b.Err, h5.ErrUnwritten) {
		kind = "unwritten_chunk"
	}
	var e *h5.Error
	if errors.As(b.Err, &e) {
		at = e.Offset
	}
	r.s.Damage.Add(kind, at, r.last, uint64(end-r.next))
	r.next = end
}

// records makes events of the next n rows where they are Prophesee's records,
// without a detour by columns. It is false, and does nothing, for any other
// rows and where triggers lie between them.
func (r *reader) records(b *format.Block, n int) bool {
	if !r.native {
		return false
	}
	band := r.t.t.rows.Band(r.next)
	values := band.Values[(r.next-band.First)*ecf.RecordSize:][:n*ecf.RecordSize]
	if r.triggers != nil && r.triggers.load() && r.triggers.pending.T <= int64(binary.LittleEndian.Uint64(values[len(values)-8:])) {
		return false
	}
	w, h := format.Limit(r.s.Info.Width), format.Limit(r.s.Info.Height)
	base := len(b.Events)
	b.Events = b.Events[:base+n]
	events := b.Events[base:]
	for i := asm.SwapRecords(events, values, w, h); i < n; i++ {
		record := values[i*ecf.RecordSize:][:ecf.RecordSize]
		address, t := binary.LittleEndian.Uint64(record), int64(binary.LittleEndian.Uint64(record[8:]))
		x, y, p := uint16(address), uint16(address>>16), uint8(0)
		if int16(address>>32) > 0 {
			p = pipeline.On
		}
		if uint32(x) >= w || uint32(y) >= h {
			r.s.Outside(uint32(x), uint32(y), r.offset(i), t)
		}
		events[i] = pipeline.Event{T: t, X: x, Y: y, P: p}
	}
	r.last = events[n-1].T
	return true
}

// words makes events of the next n rows where columns, rows and polarities are
// those of most data sets. It is false, and does nothing, for any others.
func (r *reader) words(b *format.Block, n int) bool {
	if !r.usual {
		return false
	}
	t := r.t
	xs, ys, ps := r.values(&t.x)[:2*n], r.values(&t.y)[:2*n], r.values(&t.p)[:n]
	ts := r.ts[:n]
	t.t.typ.Ints(ts, r.values(&t.t), t.t.stride)
	w, h := format.Limit(r.s.Info.Width), format.Limit(r.s.Info.Height)
	base, offset := len(b.Events), t.offset
	b.Events = b.Events[:base+n]
	events := b.Events[base:]
	for i := asm.MergeColumns(events, ts, xs, ys, ps, offset, w, h); i < n; i++ {
		x, y, p := binary.LittleEndian.Uint16(xs[2*i:]), binary.LittleEndian.Uint16(ys[2*i:]), pipeline.Off
		if v := ps[i]; v != 0 && v != 255 {
			p = pipeline.On
		}
		at := ts[i] + offset
		if uint32(x) >= w || uint32(y) >= h {
			r.s.Outside(uint32(x), uint32(y), r.offset(i), at)
		}
		events[i] = pipeline.Event{T: at, X: x, Y: y, P: p}
	}
	r.last = events[n-1].T
	return true
}

// values are those of a column from the next row on.
func (r *reader) values(c *column) []byte {
	band := c.rows.Band(r.next)
	return band.Values[(r.next-band.First)*c.stride:]
}

// load reads the next n rows of the columns.
func (r *reader) load(n int) {
	t := r.t
	for i, c := range t.columns() {
		dst, scale := [4]*[batch]int64{&r.xs, &r.ys, &r.ts, &r.ps}[i], 1.0
		if i == 2 {
			scale = t.scale
		}
		c.load(dst[:n], r.scratch[:], r.values(c), scale)
	}
}

// append makes events of the n rows.
func (r *reader) append(b *format.Block, n int) {
	first, offset, minusOne, triggers := r.t.first, r.t.offset, r.minusOne, r.triggers != nil
	w, h := int64(format.Limit(r.s.Info.Width)), int64(format.Limit(r.s.Info.Height))
	base := len(b.Events)
	events := b.Events[base : base+n]
	xs, ys, ts, ps := r.xs[:n], r.ys[:n], r.ts[:n], r.ps[:n]
	k := 0
	for i := range events {
		x, y, at := xs[i]-first, ys[i]-first, ts[i]
		if uint64(x|y) > math.MaxUint16 || at == impossible {
			r.s.Damage.Add("impossible_value", r.offset(i), r.last, 1)
			continue
		}
		at += offset
		p := uint8(0)
		if v := ps[i]; v > 0 && v != minusOne {
			p = pipeline.On
		}
		if x >= w || y >= h {
			r.s.Outside(uint32(x), uint32(y), r.offset(i), at)
		}
		if triggers {
			b.Events = b.Events[:base+k]
			r.triggers.until(b, at)
		}
		events[k] = pipeline.Event{T: at, X: uint16(x), Y: uint16(y), P: p}
		k++
	}
	b.Events = b.Events[:base+k]
	if k > 0 {
		r.last = events[k-1].T
	}
}

// offset is about where row i of those loaded stands in the file.
func (r *reader) offset(i int) int64 {
	return int64(float64(r.size) * float64(r.next+i) / float64(r.n))
}

// time is the time of a row.
func (r *reader) time(row int) (int64, error) {
	c := &r.t.t
	band := c.rows.Band(row)
	if band.Err != nil {
		return 0, band.Err
	}
	var v [1]int64
	c.load(v[:], r.scratch[:], band.Values[(row-band.First)*c.stride:], r.t.scale)
	return v[0] + r.t.offset, nil
}
