// Package clip cuts out of a stream what was heard or seen around each detection.
//
// # The life of a clip
//
//	batch, spikes, detections ─▶ Recorder ─┬─ ring of the last samples ──┐
//	                                       ├─ train of the last spikes ──┼─ cut ─▶ pipeline.Clip
//	                                       └─ detections that wait ──────┘
//
// [Recorder.Take] takes a batch with the spikes that the encoder made of it
// and the detections that came of it. A detection waits until the stream has
// reached its end and [Span].After more; then its clip is cut out. Detections
// that overlap have a clip each.
//
// # What a clip holds
//
// It begins at TStart - Before of the detection, or where the stream begins,
// and ends at TEnd + After, or where the stream ends: the samples at or after
// the one time and before the other. A detection that was reported more than
// Longest after it began loses what lies earlier than that. None of this
// depends on how the stream was cut into batches.
//
// # Memory
//
// The ring holds Before + Longest + After and a second, and the largest batch
// so far. Spikes take 12 bytes each, as many as the encoder makes in that time.
// At most 1024 detections wait; more are refused and counted. Nothing is
// allocated while nothing is detected.
//
// A film of events holds the batches of that time, at most Span.Most events and the
// last batch; where there were more, a clip begins later than was wanted. Clips
// share the memory of whole batches with each other.
//
// # Holes
//
// Silence takes the place of sound that a queue has dropped before the encoder,
// so that what follows keeps its time; [pipeline.Clip].Missing counts it. A
// hole longer than the ring ends the clips that wait.
package clip
