// Package pipeline holds what every part of ganglion speaks: events, audio,
// spikes, detections, the contracts of the five kinds of component, and the
// runner that carries a batch from a source to its sinks.
//
// # The life of a batch
//
// A [Source] fills a [Batch] with everything its stream holds in one window of
// sensor time. An [Encoder] turns the batch into [Spikes], a [Network] turns
// those into [Activity], a [Readout] turns the activity into [Detection]
// records, and each [Sink] takes the records through a queue of its own.
// Nothing flows back but the batch's memory, which the runner pools. With a
// [Keeper], what was heard around each detection goes its own way as a [Clip].
//
// # Time
//
// Every time in this package is sensor time: int64 microseconds (µs) as the
// recording states them. Wall time appears only in pacing and latency figures.
//
// # Ownership
//
// The caller owns memory and the callee fills it. Nothing handed to a method
// may be kept after the method returns unless its comment says so.
//
// # Determinism
//
// The same input, configuration and seed give byte-identical detections for
// every number of shards, GOMAXPROCS, batch window and pace. A component that
// breaks this is wrong, however good its detections are.
package pipeline
