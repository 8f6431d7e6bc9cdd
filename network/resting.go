package network

import (
	"cmp"
	"slices"

	"ganglion/pipeline/state"
)

// rest is a neuron in its refractory period, which ends at sensor time until.
type rest struct {
	until int64 // µs
	id    uint32
}

// resting is a queue of neurons in their refractory period. All rest equally
// long, so the first to fire is the first to wake.
type resting struct {
	queue []rest
	head  int
}

func (q *resting) add(r rest) {
	if len(q.queue) == cap(q.queue) && q.head > len(q.queue)/2 {
		q.queue = q.queue[:copy(q.queue, q.queue[q.head:])]
		q.head = 0
	}
	q.queue = append(q.queue, r)
}

// waiting are those that rest, in the order of waking.
func (q *resting) waiting() []rest { return q.queue[q.head:] }

// wake resets the neurons whose refractory period is over at sensor time now.
// Their membranes decay from the end of it.
func (b *lifBlock) wake(now int64) {
	q := &b.resting
	for ; q.head < len(q.queue) && q.queue[q.head].until <= now; q.head++ {
		r := q.queue[q.head]
		b.v[r.id] = b.growth.kept(b.reset, r.until)
	}
	if q.head == len(q.queue) {
		q.queue, q.head = q.queue[:0], 0
	}
}

// appendMembranes stores the membranes of all shards and who rests.
func (l *layer) appendMembranes(b []byte) []byte {
	var all []rest
	for _, blk := range l.blocks {
		all = append(all, blk.(*lifBlock).resting.waiting()...)
	}
	slices.SortFunc(all, func(a, b rest) int { return cmp.Or(cmp.Compare(a.until, b.until), cmp.Compare(a.id, b.id)) })
	b = state.AppendSlice(b, l.blocks[0].(*lifBlock).v)
	b = state.AppendUint64(b, uint64(len(all)))
	for _, r := range all {
		b = state.AppendUint64(state.AppendInt64(b, r.until), uint64(r.id))
	}
	return b
}

// restoreMembranes restores what appendMembranes wrote.
func (l *layer) restoreMembranes(r *state.Reader) {
	state.ReadInto(r, l.blocks[0].(*lifBlock).v)
	for _, blk := range l.blocks {
		blk.(*lifBlock).resting = resting{}
	}
	n := r.Uint64()
	for range n {
		until, id := r.Int64(), r.Uint64()
		if r.Err() != nil {
			return
		}
		for _, blk := range l.blocks {
			if b := blk.(*lifBlock); holds(b.own, id) {
				b.resting.add(rest{until, uint32(id)})
			}
		}
	}
}

// holds reports whether neuron id is in one of the runs, which ascend.
func holds(runs []segment, id uint64) bool {
	i, found := slices.BinarySearchFunc(runs, id, func(s segment, id uint64) int { return cmp.Compare(uint64(s.first), id) })
	if found {
		return true
	}
	return i > 0 && id < uint64(runs[i-1].first+runs[i-1].n)
}
