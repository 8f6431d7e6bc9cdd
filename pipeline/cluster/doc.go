// Package cluster runs streams on many machines over NATS JetStream, so that each
// detection is stored exactly once whatever dies.
//
// # The life of a packet
//
// A [Feed] cuts a source's stream into packets of sensor time (package packet)
// and stores them in the input stream, under a subject that names the partition
// and the key of the stream. A [Worker] takes partitions by lease, reads a
// partition's packets in their order, runs each stream's encoder, network and
// readout over them (runner.HandRun), and commits what they detect to the output
// stream: detections, how far each stream has come, and now and then the streams'
// states, in one atomic batch.
//
//	steps, err := cluster.Plan(ctx, js, cfg)
//	err = cluster.Apply(ctx, steps)
//	w, err := cluster.NewWorker(ctx, cluster.Options{Conn: nc, Log: log, Now: time.Now}, pipelines)
//	err = w.Run(ctx) // until the context ends
//
// # What makes it safe
//
// The position lives in the checkpoint, which is the last message on the
// partition's subject, and a commit expects that message's sequence. A worker that
// was thought dead and still works on expects an older one: its batch is refused
// as a whole, and it gives up. Leases save work; nothing rests on them, nor on any
// read. After an unknown outcome a worker forgets everything and reads what is
// stored. What it computes again it computes to the same bits, because a pipeline
// is deterministic in sensor time; what is stored already is not handed on.
//
// # Limits
//
// A checkpoint names every stream of its partition and must fit a message: about
// 1000 streams a partition at the server's default. docs/scale-out.md has the
// guarantee with its conditions, capacity, and how to consume.
package cluster
