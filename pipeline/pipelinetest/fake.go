package pipelinetest

import (
	"context"
	"io"
	"sync"

	"ganglion/pipeline"
)

// FakeSource reads Batches batches of Events events each, 1 ms of sensor time
// apart. Event i of a batch is at pixel (i, 0).
type FakeSource struct {
	Batches, Events int
	Live, Waits     bool

	OpenErr, ResumeErr error
	// ReadErr comes instead of batch number ErrAt, if it is set.
	ReadErr error
	ErrAt   int
	// Endless makes Read wait for the context's end instead of io.EOF.
	Endless bool
	// BeforeRead, if set, is called with the number of the batch to be read.
	BeforeRead func(ctx context.Context, n int)
	// Defects is the damage that the source reports.
	Defects []pipeline.Damage

	Opened, Closed int // how often
	n              int
}

// Open implements [pipeline.Source].
func (s *FakeSource) Open(context.Context) (pipeline.StreamInfo, error) {
	s.Opened++
	return pipeline.StreamInfo{
		Modality: pipeline.EventStream, Format: "fake", Live: s.Live, Waits: s.Waits,
		Width: max(1, s.Events), Height: 1, SizeBytes: int64(s.Batches * s.Events),
	}, s.OpenErr
}

// Resume implements [pipeline.Resumable].
func (s *FakeSource) Resume(_ context.Context, t int64) error {
	s.n = int(t / 1000)
	return s.ResumeErr
}

// Read implements [pipeline.Source].
func (s *FakeSource) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.BeforeRead != nil {
		s.BeforeRead(ctx, s.n)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.ReadErr != nil && s.n == s.ErrAt {
		return s.ReadErr
	}
	if s.n == s.Batches {
		if s.Endless {
			<-ctx.Done()
			return ctx.Err()
		}
		return io.EOF
	}
	start := int64(s.n) * 1000
	b.Window = pipeline.Window{Start: start, End: start + 1000}
	for i := range s.Events {
		b.Events = append(b.Events, pipeline.Event{T: start, X: uint16(i), P: pipeline.On})
	}
	s.n++
	return nil
}

// Close implements [pipeline.Source].
func (s *FakeSource) Close() error { s.Closed++; return nil }

// Damage implements [pipeline.Damaged].
func (s *FakeSource) Damage() []pipeline.Damage { return s.Defects }

// Position implements [pipeline.Positioned].
func (s *FakeSource) Position() int64 { return int64(s.n * s.Events) }

// FakeEncoder makes a spike of every event: neuron X.
type FakeEncoder struct {
	Info pipeline.StreamInfo
	Err  error
}

// Shape implements [pipeline.Encoder].
func (e *FakeEncoder) Shape() pipeline.Shape { return pipeline.Shape{e.Info.Width} }

// Encode implements [pipeline.Encoder].
func (e *FakeEncoder) Encode(b *pipeline.Batch, out *pipeline.Spikes) (int, error) {
	for _, v := range b.Events {
		out.Append(v.T, uint32(v.X))
	}
	return 0, e.Err
}

// FakeNetwork passes its input on, one synaptic operation a spike.
type FakeNetwork struct {
	In      pipeline.Shape
	StepErr error
	// BeforeStep, if set, is called first in every Step.
	BeforeStep func(ctx context.Context, w pipeline.Window)
	Closed     int
}

// Layers implements [pipeline.Network].
func (n *FakeNetwork) Layers() []pipeline.Layer {
	return []pipeline.Layer{{Name: "copy", Shape: n.In, Synapses: uint64(n.In.Size())}}
}

// Step implements [pipeline.Network].
func (n *FakeNetwork) Step(ctx context.Context, w pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	if n.BeforeStep != nil {
		n.BeforeStep(ctx, w)
	}
	l := &out.Layers[0]
	for i, t := range in.T {
		for _, id := range in.Run(i) {
			l.Spikes.Append(t, id)
		}
	}
	l.SynOps, l.Updates = uint64(in.Len()), uint64(in.Len())
	return n.StepErr
}

// Close implements [pipeline.Network].
func (n *FakeNetwork) Close() error { n.Closed++; return nil }

// FakeReadout detects every spike as a motion_update at its pixel, and one
// motion_end, at 0 µs, at the end of the stream.
type FakeReadout struct{}

// Read implements [pipeline.Readout].
func (r *FakeReadout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	s := &a.Layers[0].Spikes
	for i, t := range s.T {
		for _, id := range s.Run(i) {
			dst = append(dst, pipeline.Detection{Kind: pipeline.MotionUpdate, T: t, CX: float32(id)})
		}
	}
	return dst
}

// Flush implements [pipeline.Readout].
func (r *FakeReadout) Flush(dst []pipeline.Detection) []pipeline.Detection {
	return append(dst, pipeline.Detection{Kind: pipeline.MotionEnd})
}

// FakeSink keeps the sequence numbers that it was given.
type FakeSink struct {
	OpenErr, WriteErr, CloseErr error
	// BeforeWrite, if set, is called first in every Write.
	BeforeWrite func(ctx context.Context, d []pipeline.Detection)
	// Discard keeps nothing, for runs that measure.
	Discard bool

	mu             sync.Mutex // guards the fields below
	seqs           []uint64
	Meta           pipeline.StreamMeta
	Opened, Closed int
}

// Open implements [pipeline.Sink].
func (s *FakeSink) Open(_ context.Context, m pipeline.StreamMeta) error {
	s.Opened++
	s.Meta = m
	return s.OpenErr
}

// Write implements [pipeline.Sink].
func (s *FakeSink) Write(ctx context.Context, d []pipeline.Detection) error {
	if s.BeforeWrite != nil {
		s.BeforeWrite(ctx, d)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.Discard && s.WriteErr == nil {
		for i := range d {
			s.seqs = append(s.seqs, d[i].Seq)
		}
	}
	return s.WriteErr
}

// Close implements [pipeline.Sink].
func (s *FakeSink) Close(context.Context) error { s.Closed++; return s.CloseErr }

// Seqs returns the sequence numbers of what was written so far.
func (s *FakeSink) Seqs() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]uint64(nil), s.seqs...)
}
