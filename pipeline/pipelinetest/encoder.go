package pipelinetest

import (
	"errors"
	"fmt"
	"testing"

	"ganglion/pipeline"
)

// EncoderCase is an encoder under test and a stream for it.
type EncoderCase struct {
	New    func() (pipeline.Encoder, error)
	Window pipeline.Window  // the whole stream
	Events []pipeline.Event // in order, inside Window

	// PCM is the stream of an audio encoder instead, from frame 0 at 0 µs;
	// Window then starts at 0.
	PCM                  []float32
	SampleRate, Channels int
}

// Encoder holds an encoder to its contract.
func Encoder(t *testing.T, c EncoderCase) {
	t.Helper()
	run(t, c, []check[EncoderCase]{
		{"spikes do not depend on how the stream is cut", encoderCuts},
		{"a restored snapshot continues as if it had never stopped", encoderResumes},
	})
}

// batch is the part of the stream in w.
func (c EncoderCase) batch(w pipeline.Window) *pipeline.Batch {
	b := &pipeline.Batch{Window: w}
	for _, e := range c.Events {
		if w.Contains(e.T) {
			b.Events = append(b.Events, e)
		}
	}
	if c.SampleRate > 0 {
		first, end := c.frame(w.Start), c.frame(w.End)
		b.FrameIndex, b.PCM = first, c.PCM[first*int64(c.Channels):end*int64(c.Channels)]
	}
	return b
}

// frame is the number of the first frame at or after t.
func (c EncoderCase) frame(t int64) int64 {
	n := (t*int64(c.SampleRate) + 999_999) / 1_000_000
	return min(n, int64(len(c.PCM)/c.Channels))
}

// encoderOutput is what an encoder made of a stream.
type encoderOutput struct {
	Spikes   []spike
	Filtered int
}

func (c EncoderCase) encode(e pipeline.Encoder, ws []pipeline.Window, o *encoderOutput) error {
	var s pipeline.Spikes
	for _, w := range ws {
		s.Reset()
		n, err := e.Encode(c.batch(w), &s)
		if err != nil {
			return fmt.Errorf("window %v: %w", w, err)
		}
		if err := s.Check(e.Shape().Size()); err != nil {
			return fmt.Errorf("window %v: %w", w, err)
		}
		o.Spikes, o.Filtered = flatten(o.Spikes, &s), o.Filtered+n
	}
	return nil
}

func encoderCuts(c EncoderCase) error {
	var want encoderOutput
	for i, ws := range cuttings(c.Window) {
		e, err := c.New()
		if err != nil {
			return err
		}
		var got encoderOutput
		if err := c.encode(e, ws, &got); err != nil {
			return err
		}
		if i == 0 {
			want = got
		}
		if err := same(fmt.Sprintf("cut into %d windows", len(ws)), want, got); err != nil {
			return err
		}
	}
	if len(want.Spikes) == 0 {
		return errors.New("the stream gives no spikes, so nothing was tested")
	}
	return nil
}

func encoderResumes(c EncoderCase) error {
	ws := cuttings(c.Window)[1]
	var want, got encoderOutput
	whole, err := c.New()
	if err != nil {
		return err
	}
	if err := c.encode(whole, ws, &want); err != nil {
		return err
	}
	for _, at := range []int{0, len(ws) / 3, len(ws) / 2, len(ws)} {
		first, err := c.New()
		if err != nil {
			return err
		}
		got = encoderOutput{}
		if err := c.encode(first, ws[:at], &got); err != nil {
			return err
		}
		second, err := restored(first, func() (any, error) { return c.New() })
		if err != nil {
			return err
		}
		if err := c.encode(second.(pipeline.Encoder), ws[at:], &got); err != nil {
			return err
		}
		if err := same(fmt.Sprintf("resumed after %d of %d windows", at, len(ws)), want, got); err != nil {
			return err
		}
	}
	return nil
}
