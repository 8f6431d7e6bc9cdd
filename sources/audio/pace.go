package audio

import (
	"context"
	"math"
	"time"
)

// pacer holds a stream back to a multiple of real time. Delays of the reader
// do not add up: each wait is counted from the first.
type pacer struct {
	factor float64 // of real time; 0 never waits
	now    func() time.Time
	timer  *time.Timer
	begin  time.Time // wall time of the first wait
	t0     int64     // and its stream time, µs
}

// wait returns when stream time t is due, or with the context's error.
func (p *pacer) wait(ctx context.Context, t int64) error {
	if p.factor == 0 {
		return nil
	}
	if p.timer == nil {
		p.begin, p.t0 = p.now(), t
		p.timer = time.NewTimer(0)
		<-p.timer.C
	}
	ns := min(float64(t-p.t0)*1000/p.factor, math.MaxInt64/2)
	d := time.Duration(ns) - p.now().Sub(p.begin)
	if d <= 0 {
		return ctx.Err()
	}
	p.timer.Reset(d)
	select {
	case <-p.timer.C:
		return nil
	case <-ctx.Done():
		p.timer.Stop()
		return ctx.Err()
	}
}
