package nats

import (
	"testing"
	"time"
)

// What is sent at once doubles while confirmations take less than a sixteenth of the
// deadline, and halves when they take more than a quarter of it.
func TestThePaceFollowsTheConfirmations(t *testing.T) {
	const deadline = 1600 * time.Millisecond
	for _, c := range []struct {
		took        time.Duration
		room, after int64
	}{
		{99 * time.Millisecond, 8 << 10, 16 << 10},
		{100 * time.Millisecond, 8 << 10, 8 << 10},
		{400 * time.Millisecond, 8 << 10, 8 << 10},
		{401 * time.Millisecond, 8 << 10, 4 << 10},
		{0, 48 << 10, 64 << 10},                 // the most
		{time.Second, firstRoom, firstRoom},     // the least
		{time.Second, 3 << 10, firstRoom},       // not below it
		{time.Second, firstRoom + 2, firstRoom}, // nor by rounding
	} {
		p := newPace(64<<10, deadline)
		p.room = c.room
		if p.confirmed(c.took); p.room != c.after {
			t.Errorf("%d bytes, confirmed after %v: then %d, want %d", c.room, c.took, p.room, c.after)
		}
	}
	for _, c := range []struct {
		most     int64
		deadline time.Duration
		want     pace
	}{
		{1 << 20, time.Second, pace{firstRoom, 1 << 20, time.Second}},
		{100, time.Second, pace{100, 100, time.Second}},
		{1 << 20, 0, pace{firstRoom, 1 << 20, slowest}},
		{1 << 20, time.Hour, pace{firstRoom, 1 << 20, slowest}},
	} {
		if got := newPace(c.most, c.deadline); got != c.want {
			t.Errorf("most %d, deadline %v: %+v, want %+v", c.most, c.deadline, got, c.want)
		}
	}
}
