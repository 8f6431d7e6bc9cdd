package filter

import (
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// refractory lets a pixel rest for dt after each event it kept, so that no
// pixel gives more than 1/dt events per second. (jAER's RefractoryFilter
// measures from the last event, kept or not, and so silences a pixel that
// fires faster than 1/dt altogether.)
type refractory struct {
	dt    int64   // µs
	kept  []int64 // time of the last kept event by pixel, µs; never before the first
	width int
}

// never is the time of an event that has not happened. Differences to real
// times do not overflow.
const never = -1 << 61

func newRefractory(c Config, s Size) filter {
	f := &refractory{dt: us(c.DT, time.Millisecond), kept: make([]int64, s.pixels()), width: s.Width}
	fill(f.kept, never)
	return f
}

func (f *refractory) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		last := &f.kept[int(e.Y)*f.width+int(e.X)]
		if e.T-*last < f.dt {
			continue
		}
		*last = e.T
		events[n] = e
		n++
	}
	return events[:n]
}

func (f *refractory) AppendState(b []byte) ([]byte, error) { return state.Append(b, f.fields) }

func (f *refractory) RestoreState(b []byte) error { return state.Restore(b, f.fields) }

func (f *refractory) fields(c *state.Codec) { state.Array(c, f.kept) }

func fill(s []int64, v int64) {
	for i := range s {
		s[i] = v
	}
}
