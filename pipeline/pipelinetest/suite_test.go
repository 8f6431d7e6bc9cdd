package pipelinetest

import (
	"context"
	"errors"
	"io"
	"testing"

	"go.uber.org/goleak"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counter is a stateful network and encoder: spike n gets the id n mod 8.
type counter struct {
	FakeNetwork
	n      uint64
	forget bool // breaks RestoreState
	reset  bool // breaks the independence of windows
	accept bool // breaks the refusal of short snapshots
}

func (c *counter) Layers() []pipeline.Layer {
	return []pipeline.Layer{{Name: "count", Shape: pipeline.Shape{8}}}
}

func (c *counter) Shape() pipeline.Shape { return pipeline.Shape{8} }

func (c *counter) next(t int64, out *pipeline.Spikes) {
	if n := len(out.T); n == 0 || out.T[n-1] != t { // one id a time keeps the order
		out.Append(t, uint32(c.n%8))
	}
	c.n++
}

func (c *counter) Step(_ context.Context, _ pipeline.Window, in *pipeline.Spikes, out *pipeline.Activity) error {
	if c.reset {
		c.n = 0
	}
	for _, t := range in.T {
		c.next(t, &out.Layers[0].Spikes)
	}
	out.Layers[0].SynOps = uint64(in.Len())
	return nil
}

func (c *counter) Encode(b *pipeline.Batch, out *pipeline.Spikes) (int, error) {
	if c.reset {
		c.n = 0
	}
	for _, e := range b.Events {
		c.next(e.T, out)
	}
	for i := range b.PCM {
		c.next((b.FrameIndex+int64(i))*1_000_000/16000, out)
	}
	return 0, nil
}

func (c *counter) Read(a *pipeline.Activity, dst []pipeline.Detection) []pipeline.Detection {
	if c.reset {
		c.n = 0
	}
	for _, t := range a.Layers[0].Spikes.T {
		dst = append(dst, pipeline.Detection{Kind: pipeline.MotionUpdate, T: t, TrackID: c.n})
		c.n++
	}
	return dst
}

func (c *counter) Flush(dst []pipeline.Detection) []pipeline.Detection { return dst }

func (c *counter) AppendState(b []byte) ([]byte, error) { return state.Append(b, c.fields) }

func (c *counter) RestoreState(b []byte) error {
	before := c.n
	err := state.Restore(b, c.fields)
	if c.forget {
		c.n = before
	}
	if c.accept {
		return nil
	}
	return err
}

func (c *counter) fields(s *state.Codec) { s.Uint64(&c.n) }

var (
	span   = pipeline.Window{Start: 0, End: 20_000}
	events = func() (list []pipeline.Event) {
		for t := int64(0); t < span.End; t += 137 {
			list = append(list, pipeline.Event{T: t, X: uint16(t % 5), P: pipeline.On})
		}
		return list
	}()
	train = func() *pipeline.Spikes {
		s := new(pipeline.Spikes)
		for _, e := range events {
			s.Append(e.T, uint32(e.X))
		}
		return s
	}()
)

func sourceOf(s pipeline.Source) SourceCase {
	return SourceCase{New: func() (pipeline.Source, error) { return s, nil }}
}

func encoderOf(c counter) EncoderCase {
	return EncoderCase{New: func() (pipeline.Encoder, error) { return new(c), nil }, Window: span, Events: events}
}

func networkOf(c counter) NetworkCase {
	return NetworkCase{New: func() (pipeline.Network, error) { return new(c), nil }, Window: span, Spikes: train}
}

func readoutOf(c counter) ReadoutCase {
	return ReadoutCase{
		New: func() (pipeline.Readout, error) { return new(c), nil },
		Activity: pipeline.Activity{
			Window: span, Input: new(pipeline.Spikes), Layers: []pipeline.LayerActivity{{Spikes: *train}},
		},
	}
}

func TestTheSuitePassesComponentsThatKeepTheContract(t *testing.T) {
	t.Run("source", func(t *testing.T) {
		Source(t, SourceCase{New: func() (pipeline.Source, error) { return &FakeSource{Batches: 9, Events: 3}, nil }})
	})
	t.Run("live source", func(t *testing.T) {
		Source(t, SourceCase{Endless: true, New: func() (pipeline.Source, error) { return &FakeSource{Endless: true}, nil }})
	})
	t.Run("encoder", func(t *testing.T) { Encoder(t, encoderOf(counter{})) })
	t.Run("audio encoder", func(t *testing.T) {
		c := encoderOf(counter{})
		c.Events, c.PCM, c.SampleRate, c.Channels = nil, make([]float32, 320), 16000, 1
		Encoder(t, c)
	})
	t.Run("network", func(t *testing.T) { Network(t, networkOf(counter{})) })
	t.Run("readout", func(t *testing.T) { Readout(t, readoutOf(counter{})) })
	t.Run("fakes", func(t *testing.T) {
		info := pipeline.StreamInfo{Width: 5}
		Encoder(t, EncoderCase{Window: span, Events: events, New: func() (pipeline.Encoder, error) { return &FakeEncoder{Info: info}, nil }})
		Network(t, NetworkCase{Window: span, Spikes: train, New: func() (pipeline.Network, error) {
			return &FakeNetwork{In: pipeline.Shape{5}},
				nil
		}})
		fake := readoutOf(counter{})
		fake.New = func() (pipeline.Readout, error) { return new(FakeReadout), nil }
		Readout(t, fake)
	})
	t.Run("sink", func(t *testing.T) {
		Sink(t, SinkCase{New: func() (pipeline.Sink, error) { return new(FakeSink), nil }})
	})
}

// overlapping reads the same window twice.
type overlapping struct{ FakeSource }

func (s *overlapping) Read(_ context.Context, b *pipeline.Batch) error {
	if s.n++; s.n > 2 {
		return io.EOF
	}
	b.Window = span
	return nil
}

// unsettled says something with io.EOF, and fails when it was not opened.
type unsettled struct{ FakeSource }

func (s *unsettled) Read(_ context.Context, b *pipeline.Batch) error {
	b.Events = append(b.Events, pipeline.Event{})
	return io.EOF
}

func (s *unsettled) Close() error { return errors.New("not open") }

// drifting reads other times at each reading.
type drifting struct{ FakeSource }

func (s *drifting) Open(ctx context.Context) (pipeline.StreamInfo, error) {
	s.n = 0
	s.Batches++
	return s.FakeSource.Open(ctx)
}

func TestTheSuiteNoticesEveryBrokenPromise(t *testing.T) {
	unclosed := SinkCase{New: func() (pipeline.Sink, error) { return &FakeSink{CloseErr: errors.New("not open")}, nil }}
	silent := encoderOf(counter{})
	silent.Events = nil
	stateless := readoutOf(counter{})
	stateless.New = func() (pipeline.Readout, error) { return struct{ pipeline.Readout }{new(counter)}, nil }
	for name, err := range map[string]error{
		"windows overlap":               sourceOrder(sourceOf(new(overlapping))),
		"io.EOF with a batch":           sourceOrder(sourceOf(new(unsettled))),
		"a source that must be open":    closeUnopened(sourceOf(new(unsettled))),
		"another stream each time":      sourceRepeats(sourceOf(&drifting{FakeSource{Events: 1}})),
		"an encoder that sees windows":  encoderCuts(encoderOf(counter{reset: true})),
		"an encoder that forgets":       encoderResumes(encoderOf(counter{forget: true})),
		"an encoder without input":      encoderCuts(silent),
		"a network that sees windows":   networkCuts(networkOf(counter{reset: true})),
		"a network that forgets":        networkResumes(networkOf(counter{forget: true})),
		"a network that takes anything": networkResumes(networkOf(counter{accept: true})),
		"a readout that sees windows":   readoutCuts(readoutOf(counter{reset: true})),
		"a readout that forgets":        readoutResumes(readoutOf(counter{forget: true})),
		"a readout without snapshots":   readoutResumes(stateless),
		"a sink that must be open":      sinkUnopened(unclosed),
		"a sink that cannot be closed":  unclosed.deliver(nil),
		"a sink that fails to write": SinkCase{New: func() (pipeline.Sink, error) {
			return &FakeSink{WriteErr: io.ErrShortWrite},
				nil
		}}.deliver(Detections(3)),
		"a sink that reports wrong ends": sinkCancelled(unclosed),
	} {
		if err == nil {
			t.Errorf("%s: not noticed", name)
		}
	}
}
