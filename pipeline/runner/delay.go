package runner

import (
	"math"
	"sync/atomic"
	"time"
)

// delayClock relates the sensor clock of a live stream to the wall clock. The
// origin of a sensor clock is arbitrary, so the clock takes the fastest arrival
// of the last one to two minutes as having had no delay: emit delays are
// relative to that, and slow drift between the clocks does not add up.
type delayClock struct {
	minute   int64 // of the wall clock, of current
	last     int64 // smallest offset of the minute before
	current  int64 // smallest offset of this minute
	offset   atomic.Int64
	observed bool // once
}

// observe notes that sensor time t had come when the wall clock showed now.
// Only the reader calls it.
func (c *delayClock) observe(now time.Time, t int64) {
	off, minute := now.UnixMicro()-t, now.Unix()/60
	if !c.observed {
		c.observed, c.minute, c.last, c.current = true, minute, math.MaxInt64, off
	}
	if minute != c.minute {
		c.minute, c.last, c.current = minute, c.current, off
	}
	c.current = min(c.current, off)
	c.offset.Store(min(c.last, c.current))
}

// of is how much later than sensor time t the wall clock's now is, µs.
func (c *delayClock) of(now time.Time, t int64) int64 {
	return now.UnixMicro() - t - c.offset.Load()
}
