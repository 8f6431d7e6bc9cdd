package track

import "ganglion/pipeline"

// Clock cuts sensor time into periods at multiples of their length. It makes
// the work of a readout independent of how the stream is cut into windows: a
// stream lasts from its first to its last input spike, and a period is over
// when the windows have reached its end and the stream has reached its begin.
// Silence at the end of a window is thus no period until a spike follows.
type Clock struct {
	Length int64 // of a period, µs
	End    int64 // of the current period, µs
	begun  bool
	last   int64 // last input spike
	known  int64 // sensor time up to which everything has been seen
}

// Enter takes a window in.
func (c *Clock) Enter(a *pipeline.Activity) {
	c.known = a.End
	t := a.Input.T
	if len(t) == 0 {
		return
	}
	if !c.begun {
		c.begun = true
		c.Skip(t[0])
	}
	c.last = t[len(t)-1]
}

// Over reports whether the current period is over.
func (c *Clock) Over() bool { return c.Partial() && c.End <= c.known }

// Partial reports whether the stream has reached the current period.
func (c *Clock) Partial() bool { return c.begun && c.last >= c.End-c.Length }

// Next begins the next period.
func (c *Clock) Next() { c.End += c.Length }

// Skip begins the period that holds t.
func (c *Clock) Skip(t int64) { c.End = t - (t%c.Length+c.Length)%c.Length + c.Length }
