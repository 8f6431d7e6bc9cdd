package natsconn

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A server that denies every message of a stream does not fill the disk with it.
func TestReportsAreLoggedAtABoundedRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := NewReports(slog.New(slog.NewTextHandler(&log, nil)))
		for range 40_000 { // 40 s of one every millisecond
			r.Note(errors.New("denied"))
			time.Sleep(time.Millisecond)
		}
		if got := strings.Count(log.String(), "\n"); got != 4 {
			t.Errorf("%d lines, want 4", got)
		}
	})
}
