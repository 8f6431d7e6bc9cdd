package h5

import (
	"errors"
	"fmt"
	"io"
	"math"

	h5 "ganglion/internal/hdf5"
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
			if rows, err = c.data.Rows(); err != nil {
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
	s.Info.Unix = r.since1970()
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
		r.load(n)
		r.append(b, n)
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

// load reads the next n rows of the columns.
func (r *reader) load(n int) {
	t := r.t
	for i, c := range t.columns() {
		band := c.rows.Band(r.next)
		values := band.Values[(r.next-band.First)*c.stride:]
		dst, scale := [4]*[batch]int64{&r.xs, &r.ys, &r.ts, &r.ps}[i], 1.0
		if i == 2 {
			scale = t.scale
		}
		c.load(dst[:n], r.scratch[:], values, scale)
	}
}

// append makes events of the n rows.
func (r *reader) append(b *format.Block, n int) {
	t := r.t
	w, h := format.Limit(r.s.Info.Width), format.Limit(r.s.Info.Height)
	base := len(b.Events)
	events := b.Events[base : base+n]
	k := 0
	for i := range n {
		x, y, at := r.xs[i]-t.first, r.ys[i]-t.first, r.ts[i]
		if uint64(x) > math.MaxUint16 || uint64(y) > math.MaxUint16 || at == impossible {
			r.s.Damage.Add("impossible_value", r.offset(i), r.last, 1)
			continue
		}
		at += t.offset
		p := uint8(0)
		if v := r.ps[i]; v > 0 && v != r.minusOne {
			p = pipeline.On
		}
		if uint32(x) >= w || uint32(y) >= h {
			r.s.Outside(uint32(x), uint32(y), r.offset(i), at)
		}
		if r.triggers != nil {
			b.Events = b.Events[:base+k]
			r.triggers.until(b, at)
		}
		events[k] = pipeline.Event{T: at, X: uint16(x), Y: uint16(y), P: p}
		r.last = at
		k++
	}
	b.Events = b.Events[:base+k]
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
