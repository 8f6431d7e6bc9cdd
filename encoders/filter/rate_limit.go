package filter

import (
	"time"

	"ganglion/internal/floor"
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// rateLimit keeps at most limit events in each window of sensor time; windows
// start at multiples of their length. So that a busy window loses events evenly
// and not its end alone, events are thinned by the share that the window
// before would have needed: one in n/limit is kept after a window of n events.
type rateLimit struct {
	limit  int64
	window int64 // µs

	start  int64 // of the current window, µs
	seen   int64 // events in the current window
	kept   int64 // of them
	before int64 // events in the window before
	credit int64 // an event costs before, and each brings limit
}

func newRateLimit(c Config, _ Size) filter {
	return &rateLimit{limit: int64(c.Events), window: max(us(c.Window, time.Millisecond), 1), start: never}
}

func (f *rateLimit) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		if e.T >= f.start+f.window {
			f.next(e.T)
		}
		f.seen++
		f.credit += f.limit
		if f.kept == f.limit || f.credit < f.before {
			continue
		}
		f.credit = min(f.credit-f.before, f.before) // no saving up in quiet parts
		f.kept++
		events[n] = e
		n++
	}
	return events[:n]
}

// next begins the window of time t.
func (f *rateLimit) next(t int64) {
	start := t - floor.Mod(t, f.window)
	f.before = f.seen
	if start != f.start+f.window {
		f.before = 0 // the window before was empty
	}
	f.start, f.seen, f.kept = start, 0, 0
	f.credit = max(f.before-f.limit, 0) // the first event is kept
}

func (f *rateLimit) AppendState(b []byte) ([]byte, error) { return state.Append(b, f.fields) }

func (f *rateLimit) RestoreState(b []byte) error { return state.Restore(b, f.fields) }

func (f *rateLimit) fields(c *state.Codec) {
	c.Fixed(5) // values below
	for _, v := range []*int64{&f.start, &f.seen, &f.kept, &f.before, &f.credit} {
		state.Integer(c, v)
	}
}

var _ pipeline.Stateful = (*rateLimit)(nil)
