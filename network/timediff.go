package network

import (
	"errors"
	"fmt"
	"time"

	"ganglion/pipeline"
)

// TimeDifference is a layer of time-difference encoders (TDE, Milde et al.
// 2018), the building block of spiking elementary motion detectors. Each input
// neuron has one TDE per tap: when the input neuron fires, the tap's TDE
// fires if the neuron Offset away in the same channel fired between Min and
// Max before, with the time of travel as its graded value, in µs.
//
// A layer over [C, H, W] has the shape [C, H, W, taps]. It takes exactly one
// connection, whose kernel is the identity ([Identity]).
type TimeDifference struct {
	Taps     []Offset
	Min, Max time.Duration // valid times of travel
}

// Offset is where a tap looks, px.
type Offset struct{ DX, DY int }

func (n TimeDifference) outShape(in pipeline.Shape) pipeline.Shape {
	return append(append(pipeline.Shape{}, in...), len(n.Taps))
}

func (n TimeDifference) validate() error {
	switch {
	case len(n.Taps) == 0:
		return errors.New("no taps")
	case n.Min < time.Microsecond:
		return fmt.Errorf("shortest time of travel %v is below 1µs", n.Min)
	case n.Max < n.Min || n.Max > maxSpan:
		return fmt.Errorf("longest time of travel %v is outside %v..%v", n.Max, n.Min, maxSpan)
	}
	return nil
}

// tdeBlock is one shard's part of a [TimeDifference] layer.
type tdeBlock struct {
	input    []arrival // exactly one, without kernel
	taps     []Offset
	h, w     int
	rowOf    divider
	heightOf divider
	own      []bool  // by row: the shard fires this row's TDEs
	last     []int32 // when each input neuron fired, relative clock; 0 never
	min, max int32   // µs
	_        apart
}

func newTDEBlock(n TimeDifference, in pipeline.Shape, from int, own func(row int) bool) *tdeBlock {
	b := &tdeBlock{
		input: []arrival{{from: from}}, taps: n.Taps, h: in[1], w: in[2],
		rowOf: newDivider(in[2]), heightOf: newDivider(in[1]),
		own: make([]bool, in[1]), last: make([]int32, in.Size()),
		min: int32(n.Min / time.Microsecond), max: int32(n.Max / time.Microsecond),
	}
	need := make([]bool, b.h) // the rows whose spikes its TDEs compare with
	for y := range b.own {
		if b.own[y] = own(y); !b.own[y] {
			continue
		}
		need[y] = true
		for _, o := range n.Taps {
			if j := y + o.DY; j >= 0 && j < b.h {
				need[j] = true
			}
		}
	}
	b.input[0].share = newShare(in, func(row int) bool { return need[row%b.h] })
	return b
}

func (b *tdeBlock) step(win *window, out *pipeline.Spikes) counts {
	var w walker
	var n counts
	for w.start(b.input, win); w.next(); {
		first := w.pos[0]
		for w.run(0) {
			b.compare(w.ids, w.t, win.clock.abs(w.t), out, &n)
		}
		// Times are set after all comparisons, so that simultaneous spikes
		// do not hide each other's past.
		for p := first; p < w.pos[0]; p++ {
			for _, id := range w.trains[0].Run(p) {
				b.last[id] = w.t
			}
		}
	}
	return n
}

// compare fires the TDEs of the spikes ids at time t.
func (b *tdeBlock) compare(ids []uint32, t int32, abs int64, out *pipeline.Spikes, n *counts) {
	for _, id := range ids {
		row, x := b.rowOf.div(id)
		_, y := b.heightOf.div(row)
		if !b.own[y] {
			continue
		}
		n.synOps += uint64(len(b.taps))
		n.updates += uint64(len(b.taps))
		for k, o := range b.taps {
			nx, ny := int(x)+o.DX, int(y)+o.DY
			if uint(nx) >= uint(b.w) || uint(ny) >= uint(b.h) {
				continue
			}
			dt := t - b.last[int(id)+o.DY*b.w+o.DX]
			if dt >= b.min && dt <= b.max {
				out.AppendGraded(abs, id*uint32(len(b.taps))+uint32(k), float32(dt))
			}
		}
	}
}

// shift moves all times by delta.
func (b *tdeBlock) shift(delta int32) {
	for i := range b.last {
		b.last[i] = max(b.last[i]-delta, 0)
	}
}
