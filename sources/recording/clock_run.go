package recording

import (
	"ganglion/internal/asm"
	"ganglion/pipeline"
)

// run takes events that follow each other plainly, and returns their number.
func (c *clock) run(events []pipeline.Event) int {
	last, shift := c.last, c.shift
	if shift == 0 && c.sums != nil {
		return c.sum(events)
	}
	if shift == 0 { // nothing to write
		for i := range events {
			t := events[i].T
			if uint64(t-last) > clockLeap {
				c.last = last
				return i
			}
			last = t
		}
		c.last = last
		return len(events)
	}
	for i := range events {
		t := events[i].T + shift
		if uint64(t-last) > clockLeap {
			c.last = last
			return i
		}
		events[i].T, last = t, t
	}
	c.last = last
	return len(events)
}

// counts are figures of events.
type counts struct {
	n, on  int
	xs, ys uint32 // greatest addresses
}

// sum is run for events that are counted on the way: one pass over memory where
// there would be two.
func (c *clock) sum(events []pipeline.Event) int {
	last, n := c.last, len(events)
	on, x, y, done := 0, c.sums.xs, c.sums.ys, 0
	if n > 0 && uint64(events[0].T-last) <= clockLeap {
		behind, ones, column, row, plain := asm.SumEvents(&c.vectors, events, clockLeap)
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
	c.last = last
	*c.sums = counts{c.sums.n + n, c.sums.on + on, x, y}
	return n
}
