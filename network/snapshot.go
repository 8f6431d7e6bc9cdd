package network

import (
	"fmt"

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
		e.layers[i].restoreState(r, e.end)
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

var _ pipeline.Stateful = (*Engine)(nil)
