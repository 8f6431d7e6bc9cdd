package recording

import (
	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// counts are figures of events.
type counts struct {
	n, on  int
	xs, ys uint32 // greatest addresses
}

// clockLeap is how far plain times may lie apart, µs.
const clockLeap = 1_000_000

// ascent is as far as the times of a recording have come.
type ascent struct {
	last  int64   // latest ascending time, µs
	shift int64   // what is added to every time, µs
	sums  *counts // of the latest block, if it is plain; nil where nobody wants them

	vectors asm.Sums // of sum
}

// run takes events that follow each other plainly, and returns their number.
func (a *ascent) run(events []pipeline.Event) int {
	last, shift := a.last, a.shift
	if shift == 0 && a.sums != nil {
		return a.sum(events)
	}
	if shift == 0 { // nothing to write
		for i := range events {
			t := events[i].T
			if uint64(t-last) > clockLeap {
				a.last = last
				return i
			}
			last = t
		}
		a.last = last
		return len(events)
	}
	for i := range events {
		t := events[i].T + shift
		if uint64(t-last) > clockLeap {
			a.last = last
			return i
		}
		events[i].T, last = t, t
	}
	a.last = last
	return len(events)
}

// sum is run for events that are counted on the way: one pass over memory where
// there would be two.
func (a *ascent) sum(events []pipeline.Event) int {
	last, n := a.last, len(events)
	on, x, y, done := 0, a.sums.xs, a.sums.ys, 0
	if n > 0 && uint64(events[0].T-last) <= clockLeap {
		behind, ones, column, row, plain := asm.SumEvents(&a.vectors, events, clockLeap)
		if plain && behind > 0 {
			e := &events[0]
			on, x, y = ones+int(e.P), max(x, uint32(column), uint32(e.X)), max(y, uint32(row), uint32(e.Y))
			done, last = behind+1, events[behind].T
		}
	}
	for i := done; i < n; i++ {
		e := &events[i]
		if uint64(e.T-last) > clockLeap {
			n = i
			break
		}
		last = e.T
		on += int(e.P)
		x, y = max(x, uint32(e.X)), max(y, uint32(e.Y))
	}
	a.last = last
	*a.sums = counts{a.sums.n + n, a.sums.on + on, x, y}
	return n
}
