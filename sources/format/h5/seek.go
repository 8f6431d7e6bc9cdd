package h5

import (
	h5 "ganglion/internal/hdf5"
)

// SkipTo moves to the first event at or after a time, as far as times ascend.
func (r *reader) SkipTo(t int64) error {
	low, high := r.hint(t)
	for low < high {
		middle := low + (high-low)/2
		at, err := r.time(middle)
		switch {
		case err != nil:
			return nil // damage is met when it is read
		case at < t:
			low = middle + 1
		default:
			high = middle
		}
	}
	r.next = max(r.next, low)
	if r.triggers != nil {
		r.triggers.skip(t)
	}
	return nil
}

// hint is where the first event at or after a time is to be looked for. DSEC's
// ms_to_idx says, for each ms, which event is the first: where the times agree,
// only the events between two of its entries are left.
func (r *reader) hint(t int64) (low, high int) {
	low, high = r.next, r.n
	ms := (t - r.t.offset) / 1000
	from, ok := r.index(ms)
	to, ok2 := r.index(ms + 1)
	if !ok || !ok2 || from < low || to < from || to >= high {
		return low, high
	}
	if from > 0 {
		if before, err := r.time(from - 1); err != nil || before >= t {
			return low, high
		}
	}
	if last, err := r.time(to); err != nil || last < t {
		return low, high
	}
	return from, to
}

// index reads entry k of ms_to_idx, or of M3ED's ms_map_idx.
func (r *reader) index(k int64) (int, bool) {
	if r.ms == nil || k < 0 || k >= int64(r.ms.rows.Len()) {
		return 0, false
	}
	band := r.ms.rows.Band(int(k))
	if band.Err != nil {
		return 0, false
	}
	var v [1]int64
	r.ms.typ.Ints(v[:], band.Values[(int(k)-band.First)*r.ms.stride:], r.ms.stride)
	return int(v[0]), v[0] >= 0 && v[0] <= int64(r.n)
}

// milliseconds finds the index of milliseconds beside a table.
func milliseconds(t *table) (*column, error) {
	for _, g := range around(t.group) {
		for _, name := range []string{"ms_to_idx", "ms_map_idx"} {
			if !g.Has(name) {
				continue
			}
			d, err := g.Dataset(name)
			if err != nil || !vector(d) || d.Type.Class != h5.Int && d.Type.Class != h5.Uint {
				continue
			}
			rows, err := d.Rows()
			return &column{data: d, typ: d.Type, stride: d.Type.Size, rows: rows}, err
		}
	}
	return nil, nil
}
