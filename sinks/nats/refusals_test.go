package nats

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ganglion/pipeline/natsconn"

	"github.com/nats-io/nats.go"
)

// What the server reports is counted each time and logged once in ten seconds.
func TestReportsAreCountedAndLoggedAtABoundedRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := &refusals{reports: natsconn.NewReports(slog.New(slog.NewTextHandler(&log, nil)))}
		denied := fmt.Errorf(`%w to Publish to "ganglion.cam"`, nats.ErrPermissionViolation)
		other := errors.New("slow consumer")
		lines := func() int { return strings.Count(log.String(), "\n") }
		for i, want := range []int{1, 1, 1, 1, 2, 2} {
			err := denied
			if i%2 == 1 {
				err = other
			}
			r.note(nil, nil, err)
			if got := lines(); got != want {
				t.Errorf("report %d: %d lines, want %d", i, got, want)
			}
			time.Sleep(2500 * time.Millisecond)
		}
		if r.by["ganglion.cam"] != 3 || len(r.by) != 1 || r.reason != denied || r.last != other {
			t.Errorf("%v, reason %v, last %v", r.by, r.reason, r.last)
		}
	})
}
