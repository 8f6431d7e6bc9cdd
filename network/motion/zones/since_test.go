package zones

import (
	"slices"
	"testing"
	"time"
)

// An alarm of the sensor tells since when its condition has held, or has been over:
// at the end of the stream, since then.
func TestAnAlarmTellsSinceWhen(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{Alarms: []Alarm{{Name: "alone", Of: "occupancy", Below: 1, For: 30 * time.Millisecond}}})
	s.rest(6)
	s.flush()
	var got [][2]int64
	for _, d := range s.all {
		got = append(got, [2]int64{d.TFirst, d.T})
	}
	if want := [][2]int64{{10_000, 40_000}, {60_000, 60_000}}; !slices.Equal(got, want) {
		t.Errorf("since and at %v, want %v", got, want)
	}
}

// What an object did before there was any rule, no rule reports.
func TestTheFirstLineCountsFromWhenItIsThere(t *testing.T) {
	t.Parallel()
	s := newStage(t, Config{})
	x, y := s.move(80, 50, 400, 0, 10)
	s.w.Adjust(Config{Anchor: anchorCentre, Lines: []Line{gate}})
	x, y = s.move(x, y, 400, 0, 4)
	s.wants(t)
	s.move(x, y, -400, 0, 14)
	s.wants(t, "250ms line_cross gate -1 0/1")
}
