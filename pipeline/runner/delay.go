package runner

import (
	"math"
	"sync/atomic"
	"time"

	"ganglion/internal/floor"
)

// delayClock relates the sensor clock of a live stream to the time since the
// run began. The origin of a sensor clock is arbitrary, so the clock takes the
// fastest arrival of the last one to two minutes as having had no delay: emit
// delays are relative to that, and slow drift between the clocks does not add
// up. A wall clock that is set does not show in them.
type delayClock struct {
	begun    time.Time // when the run began
	minute   int64     // since then, of current
	last     int64     // smallest offset of the minute before
	current  int64     // smallest offset of this minute
	offset   atomic.Int64
	observed bool // once
}

// since is the time since the run began, µs.
func (c *delayClock) since(now time.Time) int64 { return now.Sub(c.begun).Microseconds() }

// observe notes that sensor time t had come at a moment. Only the reader calls
// it.
func (c *delayClock) observe(now time.Time, t int64) {
	since := c.since(now)
	off, minute := since-t, floor.Div(since, 60_000_000)
	if !c.observed {
		c.observed, c.minute, c.last, c.current = true, minute, math.MaxInt64, off
	}
	if minute != c.minute {
		c.minute, c.last, c.current = minute, c.current, off
	}
	c.current = min(c.current, off)
	c.offset.Store(min(c.last, c.current))
}

// of is how much later than sensor time t it is, µs.
func (c *delayClock) of(now time.Time, t int64) int64 {
	return c.since(now) - t - c.offset.Load()
}
