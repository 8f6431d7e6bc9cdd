package runner

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"ganglion/pipeline"
)

// relay is the way from the compute goroutine, which runs encoder and network, to
// the goroutine of the readout, which does the rest for one batch after the other:
// both work at the same time, and neither waits for more than the other's batch.
//
// The protocol. Every job is in one place: free, with the compute goroutine, in
// next, or with the readout. The compute goroutine alone takes jobs out of free; so
// once it has all of them (drain), the readout has done everything that was handed
// to it and does nothing, and what it wrote is seen.
type relay struct {
	free, next chan *job
	inStep     bool // each batch is done with before the next one begins
}

// job is a batch between the network and the end of its way.
type job struct {
	*scratch
	work   *work
	flight *flight
	span   trace.Span // of the batch; nil: nobody traces

	filtered int // events that gave no spike
}

// jobs is how many batches are on their way behind the queue at most: one in the
// network, one in the readout, one between them, so that one batch which takes
// long makes nobody wait.
const jobs = 3

// newRelay makes the relay of a run. What looks at the network's state after each
// batch, and readouts that the playing out of sound asks how long it takes, need
// both at the same batch.
func (r *Runner) newRelay() relay {
	p := relay{free: make(chan *job, jobs), next: make(chan *job, jobs), inStep: len(r.watchers) > 0 || r.playOut.wants != nil}
	for range jobs {
		p.free <- &job{scratch: r.newScratch()}
	}
	return p
}

// hand gives a job to the readout.
func (p *relay) hand(j *job) {
	p.next <- j
	if p.inStep {
		p.drain()
	}
}

// drain waits until the readout has done all that was handed to it.
func (p *relay) drain() {
	var all [jobs]*job
	for i := range all {
		all[i] = <-p.free
	}
	for _, j := range all {
		p.free <- j
	}
}

// readOut is the goroutine of the readout: what the network did to queued
// detections, until the compute goroutine has ended.
func (r *Runner) readOut(hard context.Context) error {
	one := make([]*work, 1)
	for j := range r.relay.next {
		r.detect(hard, j)
		one[0] = j.work
		r.batches.settle(one, delivered)
		r.free <- j.work
		r.relay.free <- j
	}
	return nil
}

// detect reads one batch out and queues what was detected in it.
func (r *Runner) detect(hard context.Context, j *job) {
	r.adjust(j.work.Start)
	j.detections = r.readout.Read(&j.activity, j.detections[:0])
	r.count(j)
	r.emit(hard, j.flight, j.detections, r.runID)
	r.keep.take(hard, j.scratch, j.work)
	r.noteClips()
	j.flight.release(r)
	r.show(hard, &j.activity, j.detections)
	if r.o.Progress != nil {
		r.o.Progress(r.progress())
	}
	if j.span != nil {
		j.span.End()
	}
}

// dropped is what a readout says that it left out.
func dropped(r pipeline.Readout) uint64 {
	if b, ok := r.(pipeline.Bounded); ok {
		return b.Dropped()
	}
	return 0
}
