package recording

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

func TestPaceHoldsTheStreamBackAndLatenessDoesNotAddUp(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{
		{T: 5_000}, {T: 15_000}, {T: 25_000}, {T: 105_000},
	})
	synctest.Test(t, func(t *testing.T) {
		c := config(path)
		c.Pace = "2x"
		s := open(t, c)
		begin := time.Now()
		var b pipeline.Batch
		for i, want := range []time.Duration{0, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond} {
			b.Reset()
			if err := s.Read(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(begin); got != want {
				t.Errorf("batch %d came after %v, not %v", i, got, want)
			}
			if i == 0 {
				<-time.After(4 * time.Millisecond) // a slow reader, in the bubble's time
			}
		}
	})
}

func TestAWaitingReadReturnsWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	path := write(t, "a.raw", format.Info{Width: 64, Height: 64}, []pipeline.Event{{T: 5_000}, {T: 3_600_000_000}})
	synctest.Test(t, func(t *testing.T) {
		c := config(path)
		c.Pace = "realtime"
		s := open(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var b pipeline.Batch
		if err := s.Read(ctx, &b); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if err := s.Read(ctx, &b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
