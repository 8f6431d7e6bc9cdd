package filter

import (
	"cmp"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// antiFlicker drops the events of pixels that a flickering light drives. As in
// the flicker filters of Prophesee's sensors and software the period is taken
// from polarity: a period lies between two rises, a rise being an ON event
// whose predecessor at the pixel was OFF. A pixel flickers once periods in a
// row lie in the band and differ by no more than tolerance, each from the one
// before; its events, of both polarities, are dropped until a rise is late or
// irregular. A rise that comes sooner than the band's shortest period is passed
// over as noise within a period and takes back one regular period, so that
// flicker at a multiple of the band's frequencies is not taken for it.
type antiFlicker struct {
	shortest, longest int64 // the band's periods, µs
	tolerance         int64 // µs
	periods           uint8
	pixel             []flickerState
	width             int
}

// flickerState is what the filter knows of one pixel.
type flickerState struct {
	rise   int64 // time of the last rise, µs
	period int64 // the last period, µs
	run    uint8 // regular periods in a row, up to the filter's periods
	p      uint8 // polarity of the last event
}

func (c Config) band() (low, high float64) {
	return cmp.Or(c.MinFrequency, 90), cmp.Or(c.MaxFrequency, 130)
}

func newAntiFlicker(c Config, s Size) filter {
	low, high := c.band()
	f := &antiFlicker{
		shortest: int64(1e6 / high), longest: int64(1e6 / low),
		tolerance: us(c.Tolerance, 1500*time.Microsecond), periods: uint8(cmp.Or(c.Periods, 5)),
		pixel: make([]flickerState, s.pixels()), width: s.Width,
	}
	for i := range f.pixel {
		f.pixel[i] = flickerState{rise: never, p: pipeline.On}
	}
	return f
}

func (f *antiFlicker) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		s := &f.pixel[int(e.Y)*f.width+int(e.X)]
		if e.P == pipeline.On && s.p == pipeline.Off {
			f.rise(s, e.T)
		}
		s.p = e.P
		if s.run == f.periods && e.T-s.rise <= f.longest {
			continue
		}
		events[n] = e
		n++
	}
	return events[:n]
}

func (f *antiFlicker) rise(s *flickerState, t int64) {
	period := t - s.rise
	if period < f.shortest {
		s.run -= min(s.run, 1)
		return
	}
	change := period - s.period
	switch {
	case period > f.longest || change > f.tolerance || change < -f.tolerance:
		s.run = 0
	case s.run < f.periods:
		s.run++
	}
	s.rise, s.period = t, period
}

func (f *antiFlicker) AppendState(b []byte) ([]byte, error) { return state.Append(b, f.fields) }

func (f *antiFlicker) RestoreState(b []byte) error { return state.Restore(b, f.fields) }

func (f *antiFlicker) fields(c *state.Codec) {
	for i := range f.pixel {
		s := &f.pixel[i]
		state.Integer(c, &s.rise)
		state.Integer(c, &s.period)
		v := uint64(s.run)<<8 | uint64(s.p)
		c.Uint64(&v)
		s.run, s.p = min(uint8(v>>8), f.periods), uint8(v)
	}
}

var _ pipeline.Stateful = (*antiFlicker)(nil)
