package pace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/sources/pace"
)

func TestWaitsAreCountedFromTheFirst(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]time.Duration{
		"max":      {0, 0, 0},
		"realtime": {0, 20 * time.Millisecond, 50 * time.Millisecond},
		"2x":       {0, 10 * time.Millisecond, 25 * time.Millisecond},
		"0.5":      {0, 40 * time.Millisecond, 100 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, err := pace.New(text, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			if p.Max() != (text == "max") {
				t.Errorf("%s: Max is %v", text, p.Max())
			}
			begin := time.Now()
			for i, at := range []int64{7_000, 27_000, 57_000} {
				if err := p.Wait(t.Context(), at); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(begin); got != want[i] {
					t.Errorf("%s: %d us after %v, not %v", text, at, got, want[i])
				}
				if i == 0 && text != "max" {
					<-time.After(4 * time.Millisecond) // lateness does not add up
				}
			}
		})
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, err := pace.New("realtime", time.Now)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Wait(ctx, 0); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(ctx, 1<<62); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if err := p.Wait(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one that is due says %v", err)
		}
	})
}

func TestWhatIsNoPaceIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "fast", "0", "-1x", "NaN", "Inf", "2xx"} {
		if pace.Check(text) == nil {
			t.Errorf("%q is taken", text)
		}
		if _, err := pace.New(text, time.Now); err == nil {
			t.Errorf("%q makes a pacer", text)
		}
	}
}
