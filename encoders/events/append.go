package events

import (
	"cmp"
	"slices"

	"ganglion/pipeline"
)

// append writes the spikes of events whose times do not step back; otherwise it
// leaves the train empty and returns false. It writes into the train's slices directly, because appending spike by
// spike takes 1.7 times as long.
func (e *Encoder) append(events []pipeline.Event, out *pipeline.Spikes) bool {
	times := slices.Grow(out.T[:0], len(events))[:len(events)]
	offsets := slices.Grow(out.Offsets[:0], len(events)+1)[:len(events)+1]
	ids := slices.Grow(out.IDs[:0], len(events))[:len(events)]
	out.T, out.Offsets, out.IDs = times[:0], offsets[:0], ids[:0]

	// The places of the open run are written with every event, and its key rises where
	// a run begins or an id is behind the last: a branch on either would be wrong half
	// of the time.
	var runT int64 // time of the open run, µs
	var last uint64
	runs, n, sorted := 0, 0, true
	for i := range events {
		ev := &events[i]
		channel, row, column := e.channel[ev.P&1], e.row[ev.Y], e.column[ev.X]
		if channel|row|column < 0 {
			continue
		}
		if runs == 0 {
			runT, offsets[0] = ev.T-1, 0
		}
		if ev.T < runT {
			return false
		}
		if ev.T != runT {
			runs++
		}
		id := uint32(channel + row + column)
		ids[n] = id
		n++
		runT, times[runs-1], offsets[runs] = ev.T, ev.T, uint32(n)
		key := uint64(runs)<<32 | uint64(id)
		if key < last {
			sorted = false
		}
		last = key
	}
	if runs == 0 {
		return true
	}
	out.T, out.Offsets, out.IDs = times[:runs], offsets[:runs+1], ids[:n]
	if !sorted {
		e.sorter.sort(out)
	}
	return true
}

// appendUnordered is append for events in any order.
func (e *Encoder) appendUnordered(events []pipeline.Event, out *pipeline.Spikes) {
	e.ordered = append(e.ordered[:0], events...)
	slices.SortFunc(e.ordered, func(a, b pipeline.Event) int { return cmp.Compare(a.T, b.T) })
	e.append(e.ordered, out)
}
