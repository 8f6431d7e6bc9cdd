package runner

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestLossesAreToldAtABoundedRate lets a sink lose without end for a minute,
// twice: each outage is told at once, then at most once in ten seconds.
func TestLossesAreToldAtABoundedRate(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := lossLog{log: slog.New(slog.NewTextHandler(&out, nil)), told: map[lossKey]told{}}
	key, now, count := lossKey{"nats", "write_failed"}, time.Unix(0, 0), uint64(0)
	lines := func() int { return strings.Count(out.String(), "\n") }
	for outage := range 2 {
		before := lines()
		for i := range int(time.Minute / lossLook) {
			count += 3
			l.tell(now, false, key, count, "the sink dropped detections")
			if i == 0 && lines() != before+1 {
				t.Errorf("outage %d: its beginning is not told at once", outage)
			}
			now = now.Add(lossLook)
		}
		if n := lines() - before; n < 6 || n > 7 {
			t.Errorf("outage %d: %d lines in a minute", outage, n)
		}
		l.tell(now, true, key, count, "the sink dropped detections")
		now = now.Add(time.Hour)
	}
	if want := "total=1440"; !strings.Contains(out.String(), want) || strings.Count(out.String(), "total=1440") != 1 {
		t.Errorf("the last total is not told once:\n%s", out.String())
	}
	before := lines()
	l.tell(now.Add(time.Hour), true, key, count, "the sink dropped detections")
	if lines() != before {
		t.Error("nothing more was lost, and it is told again")
	}
}
