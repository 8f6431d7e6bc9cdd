package service

import (
	"errors"
	"testing"
	"time"
)

func TestPausesDoubleUpToTheLongest(t *testing.T) {
	c := restartConfig{Policy: restartAlways, Pause: time.Second, Most: 8 * time.Second}
	var b backoff
	for i, want := range []time.Duration{1, 2, 4, 8, 8, 8} {
		if got := b.next(&c, time.Second); got > want*time.Second || got < want*time.Second*3/4 {
			t.Errorf("pause %d: %v, want %d s, less up to a quarter", i, got, want)
		}
	}
	if got := b.next(&c, 9*time.Second); got > time.Second {
		t.Errorf("%v after a run that lasted longer than the longest pause, want to begin again with 1 s", got)
	}
}

func TestAPipelineBeginsAgainAsItsPolicySays(t *testing.T) {
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
