package clip

import (
	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// film is the last events of a stream, batch by batch. A clip holds the memory of
// its batches, which is then not used again: clips that overlap share it.
type film struct {
	takes []take // oldest first
	spare [][]pipeline.Event
	held  int   // events of takes
	kept  int   // events that there is spare memory for
	most  int   // events that are held, but for those of the last batch
	from  int64 // what is earlier is forgotten because there was too much, µs
}

// take is a batch.
type take struct {
	pipeline.Window
	events []pipeline.Event
	lent   bool // a clip holds them
}

// add remembers a batch.
func (f *film) add(b *pipeline.Batch) {
	if len(b.Events) == 0 {
		return
	}
	var memory []pipeline.Event
	if n := len(f.spare); n > 0 {
		memory, f.spare = f.spare[n-1], f.spare[:n-1]
		f.kept -= cap(memory)
	}
	f.takes = append(f.takes, take{Window: b.Window, events: append(memory[:0], b.Events...)})
	f.held += len(b.Events)
}

// forget forgets the batches that end at t µs or before, and the oldest of too
// many events.
func (f *film) forget(t int64) {
	n := 0
	for ; n < len(f.takes) && (f.takes[n].End <= t || f.held > f.most && n < len(f.takes)-1); n++ {
		k := &f.takes[n]
		if k.End > t {
			f.from = k.End
		}
		f.held -= len(k.events)
		if !k.lent && f.kept+cap(k.events) <= f.most {
			f.spare = append(f.spare, k.events)
			f.kept += cap(k.events)
		}
	}
	if n > 0 {
		rest := copy(f.takes, f.takes[n:])
		clear(f.takes[rest:])
		f.takes = f.takes[:rest]
	}
}

// cut returns the events of a window: batches that lie in it as they are held, of
// others what lies in it.
func (f *film) cut(w pipeline.Window) (events [][]pipeline.Event) {
	for i := range f.takes {
		k := &f.takes[i]
		switch {
		case k.End <= w.Start || k.Start >= w.End:
		case k.Start >= w.Start && k.End <= w.End:
			k.lent = true
			events = append(events, k.events)
		default:
			var part []pipeline.Event
			for _, e := range k.events {
				if w.Contains(e.T) {
					part = append(part, e)
				}
			}
			if len(part) > 0 {
				events = append(events, part)
			}
		}
	}
	return events
}

// fields carries the events to a snapshot or from one.
func (f *film) fields(c *state.Codec) {
	c.Fixed(uint64(f.most))
	state.Integer(c, &f.from)
	var t []int64
	var at []uint32
	var on []uint8
	takes := f.takes
	if c.Reading() {
		takes = nil
	}
	end := int64(0)
	state.List(c, &takes, func(k *take) {
		state.Integer(c, &k.Start)
		state.Integer(c, &k.End)
		t, at, on = t[:0], at[:0], on[:0]
		for _, e := range k.events {
			t, at, on = append(t, e.T), append(at, uint32(e.X)|uint32(e.Y)<<16), append(on, e.P)
		}
		state.Slice(c, &t)
		state.Slice(c, &at)
		state.Slice(c, &on)
		if !c.Reading() || c.Failed() {
			return
		}
		if len(at) != len(t) || len(on) != len(t) || k.End < k.Start || len(f.takes) > 0 && k.Start < end {
			c.Demand(false, "events that no batch can have brought")
			return
		}
		end = k.End
		for i := range t {
			e := pipeline.Event{T: t[i], X: uint16(at[i]), Y: uint16(at[i] >> 16), P: on[i]}
			c.Demand(k.Contains(e.T) && e.P <= pipeline.On, "an event outside its batch")
			k.events = append(k.events, e)
		}
	})
	if c.Reading() && !c.Failed() {
		*f = film{takes: takes, most: f.most, from: f.from}
		for i := range takes {
			f.held += len(takes[i].events)
		}
	}
}
