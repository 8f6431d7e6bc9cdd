package filter

import (
	"math"

	"ganglion/pipeline"
)

// timeSlice keeps the events of one window of sensor time.
type timeSlice struct{ pipeline.Window }

func newTimeSlice(c Config, _ Size) filter {
	w := pipeline.Window{Start: math.MinInt64, End: math.MaxInt64}
	if c.Start != 0 {
		w.Start = c.Start.Microseconds()
	}
	if c.End != 0 {
		w.End = c.End.Microseconds()
	}
	return timeSlice{w}
}

func (f timeSlice) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		if !f.Contains(e.T) {
			continue
		}
		events[n] = e
		n++
	}
	return events[:n]
}

// keepPolarity keeps the events of one polarity.
type keepPolarity uint8

// invert swaps the polarities.
type invert struct{}

func newPolarity(c Config, _ Size) filter {
	switch c.Polarity {
	case "on":
		return keepPolarity(pipeline.On)
	case "off":
		return keepPolarity(pipeline.Off)
	default:
		return invert{}
	}
}

func (f keepPolarity) Filter(events []pipeline.Event) []pipeline.Event {
	n := 0
	for _, e := range events {
		if e.P != uint8(f) {
			continue
		}
		events[n] = e
		n++
	}
	return events[:n]
}

func (invert) Filter(events []pipeline.Event) []pipeline.Event {
	for i := range events {
		events[i].P ^= 1
	}
	return events
}
