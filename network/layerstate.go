package network

import (
	"cmp"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// fields carries the layer's state after a window that ended at sensor time
// end, µs.
func (l *layer) fields(c *state.Codec, end int64) {
	if l.shared != nil {
		l.shared.fields(c, end)
	}
	switch l.blocks[0].(type) {
	case *lifBlock:
		l.membraneFields(c)
		l.depressionFields(c)
	case *tdeBlock:
		l.timeFields(c)
	case *clockedBlock:
		l.pastFields(c)
		for _, copies := range l.resources() {
			resourceFields(c, copies)
		}
	}
}

// membraneFields carries the membranes of all shards and who rests.
func (l *layer) membraneFields(c *state.Codec) {
	var all []pause
	if !c.Reading() {
		for _, blk := range l.blocks {
			all = append(all, blk.(*lifBlock).resting.waiting()...)
		}
		slices.SortFunc(all, func(a, b pause) int { return cmp.Or(cmp.Compare(a.until, b.until), cmp.Compare(a.id, b.id)) })
	}
	state.Array(c, l.blocks[0].(*lifBlock).v)
	state.List(c, &all, func(p *pause) {
		state.Integer(c, &p.until)
		state.Integer(c, &p.id)
	})
	if !c.Reading() {
		return
	}
	for _, blk := range l.blocks {
		b := blk.(*lifBlock)
		b.resting = pauses{}
		for _, p := range all {
			if holds(b.own, uint64(p.id)) {
				b.resting.add(p)
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

// depressionFields carries, for each presynaptic neuron, the copy of a shard
// that it reaches. One that reaches no shard has no state that matters.
func (l *layer) depressionFields(c *state.Codec) {
	for i, a := range l.blocks[0].(*lifBlock).inputs {
		if a.depress == nil {
			continue
		}
		used := make([]float32, len(a.depress.used))
		if !c.Reading() {
			l.gatherDepression(i, used)
		}
		if state.Array(c, used); !c.Reading() {
			continue
		}
		for _, blk := range l.blocks {
			copy(blk.(*lifBlock).inputs[i].depress.used, used)
		}
	}
}

// gatherDepression puts the shards' values of connection i together.
func (l *layer) gatherDepression(i int, used []float32) {
	for _, blk := range l.blocks {
		in := &blk.(*lifBlock).inputs[i]
		if in.share == nil {
			copy(used, in.depress.used)
			return
		}
		width := int(in.share.rowOf.n)
		for row, mine := range in.share.mine {
			if mine > 0 {
				copy(used[row*width:(row+1)*width], in.depress.used[row*width:])
			}
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

// pastFields carries a looped layer's spikes of the last step. Their time does
// not matter.
func (l *layer) pastFields(c *state.Codec) {
	ids, values := l.past.IDs, l.past.Values
	if c.Reading() {
		ids, values = nil, nil
	}
	state.Slice(c, &ids)
	state.Slice(c, &values)
	if !c.Reading() {
		return
	}
	l.past = pipeline.Spikes{}
	for i, id := range ids {
		if int(id) >= l.info.Shape.Size() || len(values) > 0 && len(values) != len(ids) {
			c.Demand(false, "spikes of the last step do not fit the layer")
			return
		}
		if len(values) > 0 {
			l.past.AppendGraded(0, id, values[i])
		} else {
			l.past.Append(0, id)
		}
	}
}

// timeFields carries, per row, the copy of the shard that owns the row.
func (l *layer) timeFields(c *state.Codec) {
	last := slices.Clone(l.blocks[0].(*tdeBlock).last)
	for _, blk := range l.blocks[1:] {
		b := blk.(*tdeBlock)
		for row := range len(last) / b.w {
			if at := row * b.w; b.own[row%b.h] {
				copy(last[at:at+b.w], b.last[at:])
			}
		}
	}
	if state.Array(c, last); !c.Reading() {
		return
	}
	for _, blk := range l.blocks {
		copy(blk.(*tdeBlock).last, last)
	}
}
