// Package live cuts the events of a live stream into batches: what the sources that
// listen to a network share.
package live

import (
	"sort"
	"time"

	"ganglion/internal/floor"
	"ganglion/pipeline"
)

const (
	// maxPending bounds the events of one batch, 16 MiB of them.
	maxPending = 1 << 20
	// restart is how far back a time means that the sender began again, µs.
	restart = 1_000_000
)

// Windows are the windows of sensor time that a live stream is delivered in. One
// goes out when an event behind it has come, or when its first event has waited
// for the window's length on the wall clock.
type Windows struct {
	Damage *pipeline.DamageReport // what is put right is counted in it

	length        time.Duration
	width, height int // px
	timer         *time.Timer
	due           bool // the timer has fired, or nothing more will come

	pending []pipeline.Event // not yet delivered, times ascending
	shift   int64            // what restarts of the sender add to its times, µs
	last    int64            // time of the last event, µs
	begun   bool             // an event has come
	end     int64            // of the last batch, sensor time, µs
	seq     uint64
}

// NewWindows are windows of a length for a sensor's events. Stop frees their timer.
func NewWindows(length time.Duration, width, height int, damage *pipeline.DamageReport) *Windows {
	w := &Windows{Damage: damage, length: length, width: width, height: height, timer: time.NewTimer(time.Hour)}
	w.timer.Stop()
	return w
}

// Waited is sent to when the first pending event has waited long enough: then
// call Hurry.
func (w *Windows) Waited() <-chan time.Time { return w.timer.C }

// Hurry delivers what is pending with the next Cut.
func (w *Windows) Hurry() { w.due = true }

// Empty reports whether nothing is pending.
func (w *Windows) Empty() bool { return len(w.pending) == 0 }

// Last is the time of the last event, µs.
func (w *Windows) Last() int64 { return w.last }

// Begun reports whether an event has come.
func (w *Windows) Begun() bool { return w.begun }

// Shift is what restarts of the sender have added to its times so far, µs.
func (w *Windows) Shift() int64 { return w.shift }

// Stop ends the timer.
func (w *Windows) Stop() { w.timer.Stop() }

// Append takes what add appends to the pending events, leaves out what is outside
// the sensor, and makes times ascend. The offset is for damage, bytes.
func (w *Windows) Append(offset int64, add func(dst []pipeline.Event) []pipeline.Event) {
	first := len(w.pending)
	events := add(w.pending)
	n := first
	for _, e := range events[first:] {
		if int(e.X) >= w.width || int(e.Y) >= w.height {
			w.outside(e, offset)
			continue
		}
		e.T = w.order(e.T, offset)
		events[n] = e
		n++
	}
	w.pending = events[:n]
	if first == 0 && n > 0 {
		w.wait()
	}
}

func (w *Windows) outside(e pipeline.Event, offset int64) {
	if int(e.X) >= w.width {
		w.Damage.Add("out_of_range_x", offset, e.T, 1)
	}
	if int(e.Y) >= w.height {
		w.Damage.Add("out_of_range_y", offset, e.T, 1)
	}
}

// order makes the times of events ascend.
func (w *Windows) order(t, offset int64) int64 {
	t += w.shift
	least := max(w.last, w.end)
	if !w.begun {
		w.begun, least = true, t
	}
	if t < least {
		if least-t > restart {
			w.Damage.Add("time_restart", offset, t, 1)
			w.shift += least - t
		} else {
			w.Damage.Add("time_backwards", offset, t, 1)
		}
		t = least
	}
	w.last = t
	return t
}

// Cut moves the events of the first window to the batch, if it is complete or
// has waited enough.
func (w *Windows) Cut(b *pipeline.Batch) bool {
	if len(w.pending) == 0 {
		return false
	}
	window := w.length.Microseconds()
	start := floor.To(w.pending[0].T, window)
	b.Start, b.End = start, start+window
	if w.seq > 0 {
		b.Start = max(start, w.end)
	}
	n := sort.Search(len(w.pending), func(i int) bool { return w.pending[i].T >= b.End })
	if n == len(w.pending) {
		if !w.due && n < maxPending {
			return false
		}
		b.End = w.last + 1 // more of the window may come
	}
	b.Events = append(b.Events, w.pending[:n]...)
	w.pending = w.pending[:copy(w.pending, w.pending[n:])]
	w.end = b.End
	b.Seq = w.seq
	w.seq++
	w.wait()
	return true
}

// wait sets the timer for the first pending event.
func (w *Windows) wait() {
	w.due = false
	if len(w.pending) == 0 {
		w.timer.Stop()
		return
	}
	w.timer.Reset(w.length)
}
