package filter

import "ganglion/pipeline"

// filter removes or rewrites events. It is called from one goroutine with
// successive slices of one stream, in stream order. A filter whose decisions
// depend on what it has seen also implements [pipeline.Stateful].
type filter interface {
	// Filter compacts the slice in place and returns the part that holds the
	// kept events, in their old order.
	Filter(events []pipeline.Event) []pipeline.Event
}

// scorer is a filter that can say how sure it is of each event.
type scorer interface {
	filter

	// Score appends one score per event to dst and removes nothing; a higher
	// score means more likely signal. It advances the filter's state exactly
	// as Filter does, so a stream goes through one or the other. Filter keeps
	// an event if and only if its score reaches the filter's threshold.
	Score(events []pipeline.Event, dst []float32) []float32
}

// Size is a sensor's size in pixels.
type Size struct{ Width, Height int }

// pixels is the number of pixels.
func (s Size) pixels() int { return s.Width * s.Height }
