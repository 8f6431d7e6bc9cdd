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

	var runT int64  // time of the open run, µs
	var last uint32 // its last id
	runs, n, sorted := 0, 0, true
	for i := range events {
		ev := &events[i]
		channel, row, column := e.channel[ev.P&1], e.row[ev.Y], e.column[ev.X]
		if channel|row|column < 0 {
			continue
		}
		if ev.T != runT || runs == 0 {
			if runs > 0 && ev.T < runT {
				return false
			}
			times[runs], offsets[runs] = ev.T, uint32(n)
			runT, last = ev.T, 0
			runs++
		}
		id := uint32(channel + row + column)
		sorted = sorted && id >= last
		ids[n], last = id, id
		n++
	}
	if runs == 0 {
		return true
	}
	offsets[runs] = uint32(n)
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
