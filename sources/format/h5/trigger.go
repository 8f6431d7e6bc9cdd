package h5

import (
	h5 "ganglion/internal/hdf5"
	"ganglion/sources/format"
)

// triggers delivers Prophesee's external triggers, records of p, t and id,
// between the events.
type triggers struct {
	s        *format.Stream
	rows     *h5.Rows
	p, t, id column
	next     int
	pending  format.Side
	known    bool // pending is the next one
}

func newTriggers(d *h5.Dataset, s *format.Stream) (*triggers, error) {
	r := &triggers{s: s}
	for name, c := range map[string]*column{"p": &r.p, "t": &r.t, "id": &r.id} {
		for _, m := range d.Type.Members {
			if m.Name == name && numeric(&m.Type) && m.Type.Class != h5.Float {
				*c = column{data: d, typ: m.Type, at: m.Offset, stride: d.Type.Size}
			}
		}
		if c.data == nil {
			return nil, nil // not the records that are meant
		}
	}
	var err error
	r.rows, err = d.Rows()
	return r, err
}

// until adds the triggers up to a time.
func (r *triggers) until(b *format.Block, t int64) {
	for r.load() && r.pending.T <= t && !sideFull(b) {
		b.Add(r.pending)
		r.known = false
		r.next++
	}
}

// sideFull bounds what a block holds beside its events.
func sideFull(b *format.Block) bool { return len(b.Side) >= 4096 }

// skip passes over the triggers before a time.
func (r *triggers) skip(t int64) {
	for r.load() && r.pending.T < t {
		r.known = false
		r.next++
	}
}

// load reads the next trigger; it is false behind the last.
func (r *triggers) load() bool {
	for !r.known && r.next < r.rows.Len() {
		band := r.rows.Band(r.next)
		if band.Err != nil {
			r.s.Damage.Add("damaged_trigger", 0, 0, uint64(band.First+band.Len-r.next))
			r.next = band.First + band.Len
			continue
		}
		values := band.Values[(r.next-band.First)*r.p.stride:]
		var p, t, id [1]int64
		r.p.typ.Ints(p[:], values[r.p.at:], r.p.stride)
		r.t.typ.Ints(t[:], values[r.t.at:], r.t.stride)
		r.id.typ.Ints(id[:], values[r.id.at:], r.id.stride)
		r.pending = format.Side{Kind: format.Trigger, T: t[0], Code: uint32(id[0]), Value: uint64(p[0])}
		r.known = true
	}
	return r.known
}
