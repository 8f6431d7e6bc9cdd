package recording

import (
	"context"
	"math"
	"time"
)

// Pacer holds a stream back to a multiple of real time. Delays of its user do
// not add up: each wait is counted from the first.
type Pacer struct {
	factor float64 // of real time; 0 never waits
	now    func() time.Time
	timer  *time.Timer
	begin  time.Time // wall time of the first wait
	t0     int64     // and its sensor time, µs
}

// NewPacer returns a pacer by the clock now for max, which never waits, realtime,
// or a factor of real time such as 2x.
func NewPacer(pace string, now func() time.Time) (*Pacer, error) {
	factor, err := parsePace(pace)
	if err != nil {
		return nil, err
	}
	return &Pacer{factor: factor, now: now}, nil
}

// Wait returns when sensor time t is due, or with the context's error.
func (p *Pacer) Wait(ctx context.Context, t int64) error {
	if p.factor == 0 {
		return nil
	}
	if p.timer == nil {
		p.begin, p.t0 = p.now(), t
		p.timer = time.NewTimer(0)
		<-p.timer.C
	}
	d := p.span(t) - p.now().Sub(p.begin)
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

// span is how long after the first wait sensor time t is due.
func (p *Pacer) span(t int64) time.Duration {
	ns := float64(t-p.t0) * 1000 / p.factor
	return time.Duration(min(ns, math.MaxInt64/2))
}
