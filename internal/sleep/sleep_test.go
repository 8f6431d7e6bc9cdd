package sleep_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ganglion/internal/sleep"
)

func TestAnEndedContextEndsTheWait(t *testing.T) {
	t.Parallel()
	over := errors.New("over")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(over)
	if err := sleep.For(ctx, time.Hour); !errors.Is(err, over) {
		t.Errorf("%v, want the cause", err)
	}
	ctx, end := context.WithTimeout(t.Context(), time.Millisecond)
	defer end()
	if err := sleep.For(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the end of the time", err)
	}
	began := time.Now()
	if err := sleep.For(t.Context(), 5*time.Millisecond); err != nil || time.Since(began) < 5*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
