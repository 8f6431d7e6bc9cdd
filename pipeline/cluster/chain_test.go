package cluster

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"ganglion/pipeline"
	"ganglion/pipeline/runner"
	"ganglion/pipeline/state"
)

// chainSource is a stream of events that its seed decides, in windows of 1 ms.
type chainSource struct {
	seed    uint64
	windows int
	live    bool
	pause   func(context.Context) error // before a window; nil: none

	n int
}

func (s *chainSource) info() pipeline.StreamInfo {
	return pipeline.StreamInfo{Modality: pipeline.EventStream, Format: "chain", Width: 64, Height: 1, Content: fmt.Sprint(s.seed, s.windows),
		Live: s.live}
}

func (s *chainSource) Open(context.Context) (pipeline.StreamInfo, error) { return s.info(), nil }
func (s *chainSource) Close() error                                      { return nil }

func (s *chainSource) Resume(_ context.Context, t int64) error {
	s.n = int(t / 1000)
	return nil
}

func (s *chainSource) Read(ctx context.Context, b *pipeline.Batch) error {
	if s.n == s.windows {
		return io.EOF
	}
	if s.pause != nil {
		if err := s.pause(ctx); err != nil {
			return err
		}
	}
	r := rand.New(rand.NewPCG(s.seed, uint64(s.n)))
	b.Window = pipeline.Window{Start: int64(s.n) * 1000, End: int64(s.n+1) * 1000}
	for t := b.Start; t < b.End; t += 1 + r.Int64N(400) {
		b.Events = append(b.Events, pipeline.Event{T: t, X: uint16(r.IntN(64))})
	}
	s.n++
	return nil
}

// chainEncoder makes a spike of each event.
type chainEncoder struct{ hold func() }

func (chainEncoder) Shape() pipeline.Shape { return pipeline.Shape{64} }

func (e chainEncoder) Encode(b *pipeline.Batch, out *pipeline.Spikes) (int, error) {
	if e.hold != nil {
		e.hold()
	}
	for _, ev := range b.Events {
		out.Append(ev.T, uint32(ev.X))
	}
	return 0, nil
}

// chainNet hands its input on.
type chainNet struct{}

func (chainNet) Layers() []pipeline.Layer {
	return []pipeline.Layer{{Name: "chain", Shape: pipeline.Shape{64}}}
}
func (chainNet) Close() error { return nil }
func (chainNet) Step(_ context.Context, _ pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	for i, t := range in.T {
		for _, id := range in.Run(i) {
			out.Layers[0].Spikes.Append(t, id)
		}
	}
	return nil
}

// chainReadout links all spikes to a chain of hashes: where one is lost, comes
// twice or out of order, all later detections differ.
type chainReadout struct {
	link    uint64
	every   uint64 // about one detection in so many spikes, 0 standing for 8
	padding []byte // makes the state larger
	fail    func(link uint64) error
}

func (c *chainReadout) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	s := &a.Layers[0].Spikes
	for i, t := range s.T {
		for _, id := range s.Run(i) {
			c.link = hash(fmt.Sprint(c.link, t, id))
			if c.fail != nil {
				if err := c.fail(c.link); err != nil {
					panic(err)
				}
			}
			if c.link%max(1, c.every) == 0 && (c.every > 0 || c.link%8 == 0) {
				dst = append(dst, pipeline.Detection{Kind: pipeline.Segment, T: t, Label: fmt.Sprintf("%016x", c.link)})
			}
		}
	}
	return dst
}

func (c *chainReadout) Flush(dst []pipeline.Detection) []pipeline.Detection {
	return append(dst, pipeline.Detection{Kind: pipeline.Segment, Label: fmt.Sprintf("end %016x", c.link)})
}

func (c *chainReadout) AppendState(b []byte) ([]byte, error) { return state.Append(b, c.fields) }
func (c *chainReadout) RestoreState(b []byte) error          { return state.Restore(b, c.fields) }

func (c *chainReadout) fields(s *state.Codec) {
	s.Uint64(&c.link)
	s.Bytes(&c.padding)
}

// chain is the pipeline of a name. hold, if set, is called for every batch.
func chain(name string, hold func()) runner.Pipeline {
	return runner.Pipeline{
		Name: name, ConfigHash: "chain",
		Encoder: func(pipeline.StreamInfo) (pipeline.Encoder, error) { return chainEncoder{hold}, nil },
		Network: func(pipeline.Shape) (pipeline.Network, error) { return chainNet{}, nil },
		Readout: func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return &chainReadout{}, nil },
	}
}

// collect is a sink that keeps records as JSON.
type collect struct{ lines []string }

func (c *collect) Open(context.Context, pipeline.StreamMeta) error { return nil }
func (c *collect) Close(context.Context) error                     { return nil }
func (c *collect) Write(_ context.Context, ds []pipeline.Detection) error {
	for i := range ds {
		c.lines = append(c.lines, string(ds[i].AppendJSON(nil)))
	}
	return nil
}
