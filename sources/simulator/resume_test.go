package simulator

import (
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline"
)

// rest reads a source to its end.
func rest(t *testing.T, src pipeline.Source) (all []pipeline.Batch) {
	t.Helper()
	for {
		var b pipeline.Batch
		err := src.Read(t.Context(), &b)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
}

func TestAResumedSimulationGoesOnWithTheBatchesThatWereLeft(t *testing.T) {
	t.Parallel()
	for _, window := range []time.Duration{3 * time.Millisecond, 10 * time.Millisecond, 27 * time.Millisecond} {
		change := func(c *SourceConfig) { c.Scene, c.Noise, c.Window = "crossing", 1, window }
		src, _ := open(t, change)
		all := rest(t, src)
		for i, b := range all {
			src, _ := open(t, change)
			if err := src.(pipeline.Resumable).Resume(t.Context(), b.End); err != nil {
				t.Fatal(err)
			}
			got := rest(t, src)
			if !slices.EqualFunc(got, all[i+1:], func(a, b pipeline.Batch) bool {
				return a.Window == b.Window && slices.Equal(a.Events, b.Events)
			}) {
				t.Errorf("window %v, after %d µs: %d batches, want %d equal ones", window, b.End, len(got), len(all)-i-1)
			}
		}
	}
}

func TestAResumedSimulationKeepsItsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, _ := open(t, func(c *SourceConfig) { c.Pace = "realtime" })
		if err := src.(pipeline.Resumable).Resume(t.Context(), 60_000); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		rest(t, src)
		if d := time.Since(begin); d != 40*time.Millisecond {
			t.Errorf("the 40 ms that were left took %v", d)
		}
	})
}
