package runner

import (
	"context"
	"fmt"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/state"
)

// HandRun is a run that its caller drives batch by batch, in the caller's own
// goroutine and without source and sinks: for one who receives the stream from
// elsewhere and decides when its detections and its state are safe. It detects
// what [Runner] detects in the same stream, under the same names, in whatever
// batches it comes.
type HandRun struct {
	lane
	fit     *fitter
	batch   pipeline.Batch // as the fitter cut it
	scratch *scratch
	found   []pipeline.Detection
	now     func() time.Time
	delay   delayClock
	header  checkpoint.Header
	began   bool
}

// NewHandRun builds what a stream goes through. fallback names the run of a
// stream that cannot be replayed. Of the pipeline source, sinks, queues and
// clips are not used.
func NewHandRun(p Pipeline, id checkpoint.Identity, info pipeline.StreamInfo, fallback string, now func() time.Time) (*HandRun, error) {
	p.Queue.Policy, p.Keep = Block, nil
	h := &HandRun{lane: lane{p: p, extra: id, info: info}, now: now}
	if err := h.build(); err != nil {
		return nil, err
	}
	if h.identify(); !h.repeatable {
		h.runID = fallback
	}
	h.fit = newFitter(nil, info, h.net)
	h.scratch = h.newScratch()
	h.delay.begun = now()
	h.header.Identity, h.header.Run = h.identity(), h.runID
	return h, nil
}

// Run is the identity of the run.
func (h *HandRun) Run() string { return h.header.Run }

// Rename gives the run another identity, before anything is processed.
func (h *HandRun) Rename(run string) { h.runID, h.header.Run = run, run }

// Identity is what must be the same for another run to continue from a snapshot
// of this one.
func (h *HandRun) Identity() checkpoint.Identity { return h.header.Identity }

// NextSeq is the Seq of the next detection.
func (h *HandRun) NextSeq() uint64 { return h.header.NextSeq }

// Position is the end of the last window that was processed, sensor time, µs.
func (h *HandRun) Position() int64 { return h.header.Position }

// Process runs the next batch of the stream and returns what it detects. The
// detections are valid until the next call; where the network has
// steps of its own, the batch's memory is the run's from then on and b gets other
// memory. After an error the run is unusable.
func (h *HandRun) Process(ctx context.Context, b *pipeline.Batch) ([]pipeline.Detection, error) {
	h.found = h.found[:0]
	if h.info.Live {
		h.delay.observe(h.now(), b.End)
	}
	if h.fit.step <= 1 {
		return h.found, h.one(ctx, b)
	}
	h.fit.in, *b = *b, h.fit.in
	h.fit.have = true
	for {
		h.batch.Reset()
		if !h.fit.next(&h.batch) {
			return h.found, nil
		}
		if err := h.one(ctx, &h.batch); err != nil {
			return nil, err
		}
	}
}

// one processes a batch that fits the network.
func (h *HandRun) one(ctx context.Context, b *pipeline.Batch) error {
	b.Seq = h.header.Batches
	s := h.scratch
	if _, err := h.advance(ctx, s, h.playOut.of(b, h.info)); err != nil {
		return err
	}
	s.detections = h.readout.Read(&s.activity, s.detections[:0])
	h.header.Position, h.header.Batches, h.began = b.End, b.Seq+1, true
	h.stamp(s.detections, h.header.Run)
	return nil
}

// stamp names detections and keeps them for the caller.
func (h *HandRun) stamp(ds []pipeline.Detection, run string) {
	now := h.now()
	for i := range ds {
		h.name(&ds[i], run, h.header.NextSeq)
		h.time(&ds[i], now, &h.delay)
		h.header.NextSeq++
	}
	h.found = append(h.found, ds...)
}

// End returns what the end of the stream settles. A stream that was stopped did
// not end: what that settles bears a run of its own, as [pipeline.StoppedRun]
// says. Nothing can be processed afterwards.
func (h *HandRun) End(ctx context.Context, stopped bool) ([]pipeline.Detection, error) {
	h.found = h.found[:0]
	if h.fit.held && !stopped {
		h.batch.Reset()
		h.fit.release(&h.batch)
		if err := h.one(ctx, &h.batch); err != nil {
			return nil, err
		}
	}
	h.scratch.detections = h.scratch.detections[:0]
	last, err := h.finish(ctx, h.scratch, stopped)
	if err != nil {
		return nil, err
	}
	run := h.header.Run
	if stopped {
		run = pipeline.StoppedRun(run, h.header.Position)
	}
	h.stamp(last, run)
	return h.found, nil
}

// Close ends the network's goroutines.
func (h *HandRun) Close() error { return h.net.Close() }

// AppendSnapshot appends the whole state, see package checkpoint.
func (h *HandRun) AppendSnapshot(b []byte) ([]byte, error) {
	return checkpoint.Append(b, h.header, h.snapshotParts())
}

// snapshotParts are the components, and what waits for its step to be complete.
func (h *HandRun) snapshotParts() []checkpoint.Part {
	return append(h.parts(), checkpoint.Part{Name: "waiting", Component: h.fit})
}

// Restore replaces the state by one that AppendSnapshot wrote. An error says in
// what this run differs from the one that wrote it; the run is unusable then.
func (h *HandRun) Restore(snapshot []byte) error {
	s, err := checkpoint.Decode(snapshot)
	if err != nil {
		return err
	}
	if err := s.Identity.Check(h.header.Identity); err != nil {
		return fmt.Errorf("the snapshot is not of this pipeline: %w", err)
	}
	if err := s.Restore(h.snapshotParts()); err != nil {
		return err
	}
	h.header = s.Header
	h.runID, h.began = s.Run, s.Batches > 0
	if h.began {
		h.playOut.resumed(s.Position, h.info)
	}
	return nil
}

// AppendState implements [pipeline.Stateful].
func (f *fitter) AppendState(b []byte) ([]byte, error) { return state.Append(b, f.fields) }

// RestoreState implements [pipeline.Stateful].
func (f *fitter) RestoreState(b []byte) error { return state.Restore(b, f.fields) }

func (f *fitter) fields(c *state.Codec) {
	c.Bool(&f.held)
	c.Bool(&f.run)
	state.Integer(c, &f.end)
	state.Integer(c, &f.rest.Start)
	state.Integer(c, &f.rest.End)
	state.Integer(c, &f.rest.FrameIndex)
	state.List(c, &f.rest.Events, func(e *pipeline.Event) {
		at := uint64(e.X) | uint64(e.Y)<<16 | uint64(e.P)<<32
		state.Integer(c, &e.T)
		c.Uint64(&at)
		e.X, e.Y, e.P = uint16(at), uint16(at>>16), uint8(at>>32)
	})
	state.Slice(c, &f.rest.PCM)
	f.have = f.have && !c.Reading()
}
