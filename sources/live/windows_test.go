package live

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/sources/format/formattest"
)

func TestAStepBackIsToldFromARestartToTheMicrosecond(t *testing.T) {
	for _, c := range []struct {
		name string
		back int64
		want map[string]uint64
	}{
		{"no step", 0, map[string]uint64{}},
		{"the least step", 1, map[string]uint64{"time_backwards": 1}},
		{"the largest step", restart, map[string]uint64{"time_backwards": 1}},
		{"the least restart", restart + 1, map[string]uint64{"time_restart": 1}},
	} {
		var damage pipeline.DamageReport
		w := NewWindows(10*time.Millisecond, 64, 64, &damage)
		for _, at := range []int64{5_000_000, 5_000_000 - c.back} {
			if got := w.order(at, 0); got != 5_000_000 {
				t.Errorf("%s: the time is %d", c.name, got)
			}
		}
		if got := w.order(5_000_007-w.shift, 0); got != 5_000_007 {
			t.Errorf("%s: the next time is %d", c.name, got)
		}
		if diff := cmp.Diff(c.want, formattest.DamageCounts(damage.List())); diff != "" {
			t.Errorf("%s: damage: -want +got:\n%s", c.name, diff)
		}
	}
}

// Whole windows go out at once, the rest when it has waited.
func TestWindowsAreCutAtTheirEnds(t *testing.T) {
	var damage pipeline.DamageReport
	w := NewWindows(time.Millisecond, 8, 8, &damage)
	defer w.Stop()
	w.Append(7, func(dst []pipeline.Event) []pipeline.Event {
		return append(dst, pipeline.Event{T: 1500}, pipeline.Event{T: 1600, X: 9}, pipeline.Event{T: 1700}, pipeline.Event{T: 2100})
	})
	var b pipeline.Batch
	if !w.Cut(&b) || b.Start != 1000 || b.End != 2000 || len(b.Events) != 2 || b.Seq != 0 {
		t.Errorf("first batch: %+v", b)
	}
	b.Reset()
	if w.Cut(&b) {
		t.Errorf("a window that is not over: %+v", b)
	}
	w.Hurry()
	if !w.Cut(&b) || b.End != 2101 || len(b.Events) != 1 || b.Seq != 1 || !w.Empty() {
		t.Errorf("last batch: %+v", b)
	}
	if got := formattest.DamageCounts(damage.List()); got["out_of_range_x"] != 1 {
		t.Errorf("damage %v", got)
	}
}
