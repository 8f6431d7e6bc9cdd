package network

import (
	"fmt"
	"iter"
	"slices"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

const engineState = 3 // version of the layout below

// AppendState implements [pipeline.Stateful]. The bytes do not depend on the
// number of shards: where shards hold copies of one value, it is stored once.
func (e *Engine) AppendState(b []byte) ([]byte, error) {
	e.settle()
	b = state.AppendUint64(b, engineState)
	b = state.AppendUint64(b, uint64(len(e.layers)))
	b = state.AppendInt64(b, e.win.clock.base)
	b = state.AppendInt64(b, e.win.clock.begin)
	b = state.AppendInt64(b, e.end)
	began := uint64(0)
	if e.began {
		began = 1
	}
	b = state.AppendUint64(b, began)
	for i := range e.layers {
		b = e.layers[i].appendState(b)
	}
	for _, l := range e.routes {
		b = l.appendState(b)
	}
	return e.learning.appendState(b), nil
}

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

// RestoreState implements [pipeline.Stateful].
func (e *Engine) RestoreState(b []byte) error {
	r := state.NewReader(b)
	if v := r.Uint64(); v != engineState {
		r.Fail(fmt.Sprintf("the network's state has version %d, this program reads version %d", v, engineState))
	}
	r.Expect(uint64(len(e.layers)))
	e.win.clock.base, e.win.clock.begin, e.end, e.began = r.Int64(), r.Int64(), r.Int64(), r.Uint64() == 1
	if reach := e.end - e.win.clock.base; e.began && (reach < 0 || reach > maxRelative) {
		r.Fail("the clock is not that of the last window")
	}
	for i := range e.layers {
		l := &e.layers[i]
		if l.shared != nil {
			l.shared.restoreState(r, e.end)
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
	for _, l := range e.routes {
		l.restoreState(r, e.end)
	}
	e.learning.restoreState(r)
	if err := r.Close(); err != nil {
		return err
	}
	e.place()
	return e.foresee()
}

// place tells every shard which frame the restored values are kept in.
func (e *Engine) place() {
	for b := range e.lifBlocks() {
		b.growth.place(e.end, e.win.clock.base)
		for _, a := range b.inputs {
			if a.depress != nil {
				a.depress.growth.place(e.end, e.win.clock.base)
			}
		}
	}
}

// foresee lets exact layers look for the next spikes of the neurons restored.
func (e *Engine) foresee() error {
	for i := range e.layers {
		for _, blk := range e.layers[i].blocks {
			if b, ok := blk.(*exactBlock); ok && e.began && !b.foresee(e.end) {
				return fmt.Errorf("state: a neuron of layer %q should have fired before", e.layers[i].info.Name)
			}
		}
	}
	return nil
}

// settle brings every shard to the frame in which the last window ended, so
// that they agree in what they keep.
func (e *Engine) settle() {
	for b := range e.lifBlocks() {
		b.turn(e.end, e.win.clock.base)
		b.wake(e.end)
	}
}

func (e *Engine) lifBlocks() iter.Seq[*lifBlock] {
	return func(yield func(*lifBlock) bool) {
		for i := range e.layers {
			for _, blk := range e.layers[i].blocks {
				if b, ok := blk.(*lifBlock); ok && !yield(b) {
					return
				}
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

var _ pipeline.Stateful = (*Engine)(nil)
