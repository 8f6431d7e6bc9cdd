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
	return state.Append(b, e.fields)
}

// RestoreState implements [pipeline.Stateful].
func (e *Engine) RestoreState(b []byte) error {
	if err := state.Restore(b, e.fields); err != nil {
		return err
	}
	e.place()
	return e.foresee()
}

func (e *Engine) fields(c *state.Codec) {
	version := uint64(engineState)
	if c.Uint64(&version); version != engineState {
		c.Demand(false, fmt.Sprintf("the network's state has version %d, this program reads version %d", version, engineState))
	}
	c.Fixed(uint64(len(e.layers)))
	state.Integer(c, &e.win.clock.base)
	state.Integer(c, &e.win.clock.begin)
	state.Integer(c, &e.end)
	c.Bool(&e.began)
	reach := e.end - e.win.clock.base
	c.Demand(!e.began || reach >= 0 && reach <= maxRelative, "the clock is not that of the last window")
	for i := range e.layers {
		e.layers[i].fields(c, e.end)
	}
	for _, l := range e.routes {
		l.fields(c, e.end)
	}
	e.learning.fields(c)
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
