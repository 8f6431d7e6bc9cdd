package service

import (
	"errors"
	"testing"
	"time"
)

// After a run that lasted longer than the longest pause, the shortest follows.
func TestPausesDoubleUpToTheLongest(t *testing.T) {
	t.Parallel()
	c := restartConfig{Policy: restartAlways, Pause: time.Second, Most: 5 * time.Second}
	var b backoff
	for i, step := range []struct{ lasted, want time.Duration }{
		{0, time.Second}, {time.Second, 2 * time.Second}, {0, 4 * time.Second}, {0, 5 * time.Second}, {5 * time.Second, 5 * time.Second},
		{5*time.Second + 1, time.Second}, {0, 2 * time.Second},
	} {
		if got := b.next(&c, step.lasted); got > step.want || got < step.want*3/4 {
			t.Errorf("pause %d: %v, want %v less up to a quarter", i, got, step.want)
		}
	}
}

func TestAPipelineBeginsAgainAsItsPolicySays(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for policy, want := range map[string][2]bool{ // after an end, after a failure
		restartNever: {false, false}, restartOnFailure: {false, true}, restartAlways: {true, true},
	} {
		c := restartConfig{Policy: policy}
		if got := [2]bool{c.wants(nil), c.wants(failed)}; got != want {
			t.Errorf("%s: begins again after an end and a failure: %v, want %v", policy, got, want)
		}
	}
}
