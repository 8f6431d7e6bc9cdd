// Package pace plays a recording at a multiple of real time: what the sources of
// files and the senders of recorded streams share.
package pace

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Pacer holds a stream back to a multiple of real time. Delays of its user do
// not add up: each wait is counted from the first.
type Pacer struct {
	factor float64 // of real time; 0 never waits
	now    func() time.Time
	timer  *time.Timer
	begin  time.Time // wall time of the first wait
	t0     int64     // and its stream time, µs
}

// New returns a pacer by the clock now for max, which never waits, realtime, or a
// factor of real time such as 2x.
func New(text string, now func() time.Time) (*Pacer, error) {
	factor, err := parse(text)
	if err != nil {
		return nil, err
	}
	return &Pacer{factor: factor, now: now}, nil
}

// Check reports what is wrong with a pace.
func Check(text string) error {
	_, err := parse(text)
	return err
}

// parse returns the factor of real time, or 0 for as fast as possible.
func parse(text string) (float64, error) {
	switch text {
	case "max":
		return 0, nil
	case "realtime":
		return 1, nil
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if err != nil || !(f > 0) || math.IsInf(f, 0) {
		return 0, fmt.Errorf("%q is none of max, realtime and a factor such as 2x or 0.5", text)
	}
	return f, nil
}

// Max reports whether the pacer never waits.
func (p *Pacer) Max() bool { return p.factor == 0 }

// Wait returns when stream time t is due, or with the context's error.
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

// span is how long after the first wait stream time t is due.
func (p *Pacer) span(t int64) time.Duration {
	ns := float64(t-p.t0) * 1000 / p.factor
	return time.Duration(min(ns, math.MaxInt64/2))
}
