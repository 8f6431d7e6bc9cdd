package evt

import "ganglion/pipeline"

// evt3Wrap is after how many microseconds EVT3 time starts over.
const evt3Wrap = 1 << 24

const (
	// evt3WrapFall is by how much TIME_HIGH (unit 4096 µs) must fall for the
	// time to have started over (openeb evt3_decoder.h).
	evt3WrapFall = 1 << 11
	// evt3Loose is how far from the ends of its range TIME_HIGH may fall from
	// and to when words were lost at the wrap (openeb evt3_validator.h).
	evt3Loose = 0xFF
	evt3Top   = 1<<12 - 1
)

// evt3Time rebuilds 64-bit time from TIME_HIGH and TIME_LOW words.
type evt3Time struct {
	t     int64 // µs
	t0    int64 // what is added to every time, µs
	loop  int64 // t0 and what the wraps so far add, µs
	high  int   // of the last TIME_HIGH, unit 4096 µs
	known bool  // a TIME_HIGH was seen
}

func newEVT3Time(t0 int64) evt3Time { return evt3Time{t0: t0, loop: t0} }

// setHigh takes a TIME_HIGH. A step back is kept as it stands and counted; it
// is not a wrap. Steps forward by more than one are counted as openeb does: words
// were lost on the way.
func (c *evt3Time) setHigh(damage *pipeline.DamageReport, word uint16, at int64) {
	high := int(word)
	delta := high - c.high
	if !c.known {
		c.known = true
	} else if delta == 0 {
		return // the low part stays
	} else {
		switch {
		case delta <= -evt3WrapFall:
			c.loop += evt3Wrap
			if delta >= evt3Loose-evt3Top {
				damage.Add("non_monotonic_time_high", at, c.t, 1)
			} else if delta != -evt3Top {
				damage.Add("non_continuous_time_high", at, c.t, 1)
			}
		case delta >= evt3Top-evt3Loose && c.loop > c.t0:
			// A word from before the wrap came late.
			c.loop -= evt3Wrap
			damage.Add("non_monotonic_time_high", at, c.t, 1)
		case delta < 0:
			damage.Add("non_monotonic_time_high", at, c.t, 1)
		case delta > 1:
			damage.Add("non_continuous_time_high", at, c.t, 1)
		}
	}
	c.high = high
	c.t = c.loop + int64(high)<<12
}

// setLow takes a TIME_LOW. It may go back within the same TIME_HIGH, as the
// arbiters of real cameras do now and then; that never adds 4096 µs.
func (c *evt3Time) setLow(word uint16) {
	c.t = c.loop + int64(c.high)<<12 + int64(word)
}
