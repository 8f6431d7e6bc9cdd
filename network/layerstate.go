package network

import (
	"cmp"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

func (l *layer) appendState(b []byte) []byte {
	if l.shared != nil {
		b = l.shared.appendState(b)
	}
	switch l.blocks[0].(type) {
	case *lifBlock:
		b = l.appendDepression(l.appendMembranes(b))
	case *tdeBlock:
		b = l.appendTimes(b)
	case *clockedBlock:
		b = state.AppendSlice(b, l.past.IDs)
		b = state.AppendSlice(b, l.past.Values)
		for _, copies := range l.resources() {
			b = copies[0].appendState(b)
		}
	}
	return b
}

// restoreState restores what appendState wrote after a window that ended at
// sensor time end, µs.
func (l *layer) restoreState(r *state.Reader, end int64) {
	if l.shared != nil {
		l.shared.restoreState(r, end)
	}
	switch l.blocks[0].(type) {
	case *lifBlock:
		l.restoreMembranes(r)
		l.restoreDepression(r)
	case *tdeBlock:
		l.restoreTimes(r)
	case *clockedBlock:
		l.restorePast(r)
		for _, copies := range l.resources() {
			restoreResource(copies, r)
		}
	}
}

// appendMembranes stores the membranes of all shards and who rests.
func (l *layer) appendMembranes(b []byte) []byte {
	var all []pause
	for _, blk := range l.blocks {
		all = append(all, blk.(*lifBlock).resting.waiting()...)
	}
	slices.SortFunc(all, func(a, b pause) int { return cmp.Or(cmp.Compare(a.until, b.until), cmp.Compare(a.id, b.id)) })
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
		blk.(*lifBlock).resting = pauses{}
	}
	n := r.Uint64()
	for range n {
		until, id := r.Int64(), r.Uint64()
		if r.Err() != nil {
			return
		}
		for _, blk := range l.blocks {
			if b := blk.(*lifBlock); holds(b.own, id) {
				b.resting.add(pause{until, uint32(id)})
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

// appendDepression stores, for each presynaptic neuron, the copy of a shard
// that it reaches. One that reaches no shard has no state that matters.
func (l *layer) appendDepression(b []byte) []byte {
	for i, a := range l.blocks[0].(*lifBlock).inputs {
		if a.depress == nil {
			continue
		}
		used := make([]float32, len(a.depress.used))
		for id := range used {
			for _, blk := range l.blocks {
				in := blk.(*lifBlock).inputs[i]
				if _, _, ok := in.wiring.near(uint32(id)); ok {
					used[id] = in.depress.used[id]
					break
				}
			}
		}
		b = state.AppendSlice(b, used)
	}
	return b
}

func (l *layer) restoreDepression(r *state.Reader) {
	for i, a := range l.blocks[0].(*lifBlock).inputs {
		if a.depress == nil {
			continue
		}
		state.ReadInto(r, a.depress.used)
		for _, blk := range l.blocks {
			copy(blk.(*lifBlock).inputs[i].depress.used, a.depress.used)
		}
	}
}

// resources lists, for each depressing connection of a clocked layer, the
// copies of its shards.
func (l *layer) resources() (all [][]*resource) {
	for i, a := range l.blocks[0].(*clockedBlock).inputs {
		if a.resource == nil {
			continue
		}
		var copies []*resource
		for _, blk := range l.blocks {
			if b := blk.(*clockedBlock); len(b.inputs) > 0 {
				copies = append(copies, b.inputs[i].resource)
			}
		}
		all = append(all, copies)
	}
	return all
}

// restorePast reads a looped layer's spikes of the last step. Their time does
// not matter.
func (l *layer) restorePast(r *state.Reader) {
	ids, values := state.ReadSlice[uint32](r, nil), state.ReadSlice[float32](r, nil)
	l.past = pipeline.Spikes{}
	for i, id := range ids {
		if int(id) >= l.info.Shape.Size() || len(values) > 0 && len(values) != len(ids) {
			r.Fail("spikes of the last step do not fit the layer")
			return
		}
		if len(values) > 0 {
			l.past.AppendGraded(0, id, values[i])
		} else {
			l.past.Append(0, id)
		}
	}
}

// appendTimes stores, per row, the copy of the shard that owns the row.
func (l *layer) appendTimes(b []byte) []byte {
	last := slices.Clone(l.blocks[0].(*tdeBlock).last)
	for id := range last {
		for _, blk := range l.blocks {
			if t := blk.(*tdeBlock); t.owns(uint32(id)) {
				last[id] = t.last[id]
				break
			}
		}
	}
	return state.AppendSlice(b, last)
}

func (l *layer) restoreTimes(r *state.Reader) {
	last := l.blocks[0].(*tdeBlock).last
	state.ReadInto(r, last)
	for _, blk := range l.blocks {
		copy(blk.(*tdeBlock).last, last)
	}
}

func (b *tdeBlock) owns(id uint32) bool {
	row, _ := b.rowOf.div(id)
	_, y := b.heightOf.div(row)
	return b.own[y]
}
