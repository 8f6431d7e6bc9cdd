// Package runner carries one stream from its source to its sinks.
//
// # The life of a batch
//
// The reader goroutine takes an empty batch from a fixed pool, lets the source
// fill it and puts it into a bounded queue. The compute goroutine takes it out,
// runs encoder and network over it and hands it to the goroutine of the readout,
// which copies the detections into one bounded queue per sink and gives the batch
// back to the pool; the network is at most two batches ahead. Each sink's
// goroutine writes what its queue holds. A batch is done when the last sink has
// written or dropped its last detection; that time since the read is its
// latency.
//
// # Queues and accounts
//
// Every queue has a capacity and a policy for when it is full: block the
// producer, drop the oldest entry, or drop the new one. Every queue keeps an
// account under its lock, so that at any instant
//
//	in = out + dropped + queued
//
// holds exactly, and every drop has a cause. [Summary.Verify] checks it.
//
// # Checkpoints
//
// With [Options.Checkpoint] the compute goroutine saves, between two batches, the
// state of every component, once the readout has come as far as the network and
// the sinks have what was detected before; a later run resumes from there as if
// there had been one run. Package checkpoint holds the files, docs/checkpoint.md
// the guarantee.
//
// # The end
//
// At the end of input everything queued is processed and written, however long
// that takes. When the context ends or a component fails, the source stops and
// the rest is drained within [Options.Drain]; what is left then is counted as
// dropped. A component that ignores its context even after that is left
// behind, and the error names it.
package runner
