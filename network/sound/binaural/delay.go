package binaural

import (
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// delays are the delay lines of both ears. A spike enters once and leaves at
// every tap, later by the tap's delay. Their layer is [2, taps, cells, bands].
type delays struct {
	in      pipeline.Shape // [cells, 2, bands]
	taps    int
	step    int64 // µs from tap to tap
	waiting []late
	keys    []uint64
}

// late is a spike that has not left yet.
type late struct {
	t  int64
	id uint32
}

// idBits is room for the ids of the delay lines in a sorting key.
const idBits = 24

// size is the number of neurons of the lines.
func (d *delays) size() int { return d.taps * d.in.Size() }

// enter takes the spikes of a window in.
func (d *delays) enter(s *pipeline.Spikes) {
	bands := d.in[2]
	cells := d.in[0]
	for i, t := range s.T {
		for _, id := range s.Run(i) {
			n := int(id)
			band, ear, cell := n%bands, n/bands%2, n/(2*bands)
			for tap := range d.taps {
				wait := int64(tap) // right; left waits for the rest of the reach
				if ear == 0 {
					wait = int64(d.taps - 1 - tap)
				}
				to := ((ear*d.taps+tap)*cells+cell)*bands + band
				d.waiting = append(d.waiting, late{t + wait*d.step/2, uint32(to)})
			}
		}
	}
}

// leave moves the spikes before time end to out, in canonical order. None is
// earlier than start.
func (d *delays) leave(start, end int64, out *pipeline.Spikes) {
	keep := d.waiting[:0]
	for _, w := range d.waiting {
		if w.t < end {
			d.keys = append(d.keys, uint64(w.t-start)<<idBits|uint64(w.id))
		} else {
			keep = append(keep, w)
		}
	}
	d.waiting = keep
	slices.Sort(d.keys)
	for _, k := range d.keys {
		out.Append(start+int64(k>>idBits), uint32(k&(1<<idBits-1)))
	}
	d.keys = d.keys[:0]
}

// first is the earliest spike that waits.
func (d *delays) first() (t int64, ok bool) {
	for _, w := range d.waiting {
		if !ok || w.t < t {
			t, ok = w.t, true
		}
	}
	return t, ok
}

func (d *delays) fields(c *state.Codec) {
	state.List(c, &d.waiting, func(w *late) {
		state.Integer(c, &w.t)
		w.id = uint32(c.Length(int(w.id), d.size()-1))
	})
}
