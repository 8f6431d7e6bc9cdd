// Package filter is a chain of event filters: denoising, selection and
// geometry of address events, the same in a pipeline, in a conversion of a
// recording and in a picture of it.
//
// # The life of an event
//
// A [Chain] is built from a list of [Config] values and the sensor's size. Its
// first stage drops events outside the sensor, so that no later stage can meet
// one. [Chain.Filter] then hands a slice of events from filter to filter; each
// compacts the slice in place, keeps the order, and may rewrite addresses.
// What each stage removed is counted ([Chain.Removed]).
//
//	chain, err := filter.New([]filter.Config{
//		{Type: "hot_pixel"},
//		{Type: "stcf", K: 2, DT: 25 * time.Millisecond},
//	}, 1280, 720)
//	...
//	events = chain.Filter(events)
//
// # Scores
//
// A denoising filter that compares something with a threshold also gives that
// something away , so that its ROC curve can be drawn without running
// it once per threshold. docs/denoising.md compares the filters.
//
// # Limits
//
// What a filter decides about an event depends on that event and the ones
// before it in the stream, never on how the stream is cut into slices. Times
// may step back a little, as real cameras do: an event that lies in another
// one's future counts as simultaneous with it. Filters keep 1 to 24 bytes for
// each pixel and allocate nothing after construction.
package filter
