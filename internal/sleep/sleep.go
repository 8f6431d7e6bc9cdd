// Package sleep waits in a way that a context ends.
package sleep

import (
	"context"
	"time"
)

// For waits, or returns why the context ended. A d of 0 or less does not wait.
func For(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
