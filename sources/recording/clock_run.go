package recording

import "ganglion/pipeline"

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
	on, x, y := 0, c.sums.xs, c.sums.ys
	for i := range events {
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
