package words

// Hop is the time from frame to frame, µs, for tests from outside.
func (e *Ear) Hop() int64 { return e.hop() }

// Frames is how many frames begin in a number of samples.
func (e *Ear) Frames(samples int) int {
	return int(int64(samples) * 1_000_000 / int64(e.rate) / e.hop())
}
