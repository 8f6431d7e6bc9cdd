package natsconn

import "testing"

func TestPausesBetweenReconnectsGrowAndAreBounded(t *testing.T) {
	t.Parallel()
	for n := 1; n < 100; n++ {
		full := min(5000, 50<<min(n-1, 7)) // ms
		if got := backoff(n).Milliseconds(); got > int64(full) || got < int64(full)/2-1 {
			t.Errorf("round %d: %d ms, want %d to %d", n, got, full/2, full)
		}
	}
}
