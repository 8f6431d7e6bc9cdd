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

	// The end of the open run is written with every event, and the smaller of two
	// neighbours before the larger one: a branch on either would be wrong half of the
	// time. Runs of two ids are in order then, as are most of three.
	var runT int64 // time of the open run, µs
	var before, last uint64
	runs, n, unsorted := 0, 0, e.unsorted[:0]
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
		key := uint64(runs)<<32 | uint64(channel+row+column)
		lower := min(key, last)
		if lower < before {
			unsorted = append(unsorted, runs-1)
		}
		if n > 0 {
			ids[n-1] = uint32(lower)
		}
		before, last = lower, max(key, last)
		n++
		runT, times[runs-1], offsets[runs] = ev.T, ev.T, uint32(n)
	}
	e.unsorted = unsorted
	if runs == 0 {
		return true
	}
	ids[n-1] = uint32(last)
	out.T, out.Offsets, out.IDs = times[:runs], offsets[:runs+1], ids[:n]
	if len(unsorted) > 0 {
		e.sorter.sort(out, unsorted)
	}
	return true
}

// appendUnordered is append for events in any order.
func (e *Encoder) appendUnordered(events []pipeline.Event, out *pipeline.Spikes) {
	e.ordered = append(e.ordered[:0], events...)
	slices.SortFunc(e.ordered, func(a, b pipeline.Event) int { return cmp.Compare(a.T, b.T) })
	e.append(e.ordered, out)
}
