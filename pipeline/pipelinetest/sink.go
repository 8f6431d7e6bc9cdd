package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"ganglion/pipeline"
)

// SinkCase is a sink under test.
type SinkCase struct {
	New func() (pipeline.Sink, error) // fresh and unopened, each with a target of its own
}

// Sink holds a sink to its contract.
func Sink(t *testing.T, c SinkCase) {
	t.Helper()
	run(t, c, []check[SinkCase]{
		{"it closes without having been opened", sinkUnopened},
		{"it closes without a write", func(c SinkCase) error { return c.deliver(nil) }},
		{"it takes motion and keyword detections", func(c SinkCase) error { return c.deliver(Detections(100)) }},
		{"Write returns when its context has ended", sinkCancelled},
	})
}

// Detections returns n valid records, every tenth a keyword.
func Detections(n int) []pipeline.Detection {
	ds := make([]pipeline.Detection, n)
	for i := range ds {
		t := int64(i+1) * 10_000
		ds[i] = pipeline.Detection{
			Stream: "test", SchemaVersion: pipeline.SchemaVersion, ConfigHash: "0123456789abcdef", Seq: uint64(i),
			Kind: pipeline.MotionUpdate, T: t, TFirst: 5000, TLast: t - 1, EmitDelayUS: pipeline.NoDelay, TrackID: 1,
			X0: 1, Y0: 2, X1: 3, Y1: 4, CX: 2, CY: 3, VX: 30, VY: 40, DirectionDeg: 53.13, SpeedPxS: 50,
			SpeedSource: pipeline.SpeedFlow, Confidence: .75, NSpikes: 7, NEvents: 9, OnFraction: .5,
			AgeUS: t, State: pipeline.Confirmed,
		}
		if i%10 == 9 {
			ds[i].Kind, ds[i].Label, ds[i].Score, ds[i].TStart, ds[i].TEnd = pipeline.Keyword, "ganglion", .9, t-500_000, t
			ds[i].Model = "0123456789abcdef"
		}
	}
	return ds
}

func testMeta() pipeline.StreamMeta {
	return pipeline.StreamMeta{
		Name: "test", ConfigHash: "0123456789abcdef",
		Info: pipeline.StreamInfo{Modality: pipeline.EventStream, Width: 10, Height: 10},
	}
}

func sinkUnopened(c SinkCase) error {
	s, err := c.New()
	if err != nil {
		return err
	}
	return s.Close(context.Background())
}

func (c SinkCase) deliver(ds []pipeline.Detection) error {
	s, err := c.New()
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.Open(ctx, testMeta()); err != nil {
		return errors.Join(err, s.Close(ctx))
	}
	for len(ds) > 0 {
		n := min(7, len(ds))
		if err := s.Write(ctx, ds[:n]); err != nil {
			return errors.Join(err, s.Close(ctx))
		}
		clear(ds[:n]) // the memory is the caller's again
		ds = ds[n:]
	}
	return s.Close(ctx)
}

// sinkCancelled only demands an answer: a sink whose delivery is immediate may
// succeed.
func sinkCancelled(c SinkCase) error {
	s, err := c.New()
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := s.Open(ctx, testMeta()); err != nil {
		return errors.Join(err, s.Close(ctx))
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Write(ended, Detections(1)); err != nil && !errors.Is(err, context.Canceled) {
		return errors.Join(fmt.Errorf("write: %w", err), s.Close(ctx))
	}
	if err := s.Close(ctx); err != nil {
		if _, ok := errors.AsType[*pipeline.LostError](err); !ok {
			return fmt.Errorf("close: %w", err)
		}
	}
	return nil
}
