package dashboard

import (
	"context"
	"errors"
	"sync"
	"time"

	"ganglion/pipeline"
)

// player paces replays as viewers ask.
type player struct {
	mu      sync.Mutex // guards what follows
	paused  bool
	steps   int     // windows that are let through while paused
	speed   float64 // of real time
	repeat  bool
	changed chan struct{} // closed when any of that changes
	base    time.Time     // wall time at which sensor time zero was due; the zero time for not known
	zero    int64         // µs
	from    int64         // windows before it are not held back, µs
}

func newPlayer() *player { return &player{speed: 1, repeat: true, changed: make(chan struct{})} }

// change makes a change, and wakes who waits.
func (p *player) change(f func(p *player)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
	p.base = time.Time{}
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *player) repeats() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.repeat
}

func (p *player) state() map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return map[string]any{"paused": p.paused, "speed": p.speed, "repeat": p.repeat}
}

// wait returns when a window is due, or with the context's error.
func (p *player) wait(ctx context.Context, w pipeline.Window) error {
	for {
		d, changed := p.due(w)
		if d == 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
		}
		timer.Stop()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// due is how long it is until a window is due, 0 for now.
func (p *player) due(w pipeline.Window) (time.Duration, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case w.End <= p.from:
		return 0, nil
	case p.paused && p.steps > 0:
		p.steps--
		return 0, nil
	case p.paused:
		return time.Hour, p.changed
	}
	now := time.Now()
	if p.base.IsZero() {
		p.base, p.zero = now, w.Start
	}
	at := p.base.Add(time.Duration(float64(w.End-p.zero) * 1000 / p.speed))
	return max(at.Sub(now), 0), p.changed
}

// paced is a source that plays as viewers ask.
type paced struct {
	pipeline.Source
	p *player
}

func (s paced) Read(ctx context.Context, b *pipeline.Batch) error {
	if err := s.Source.Read(ctx, b); err != nil {
		return err
	}
	return s.p.wait(ctx, b.Window)
}

func (s paced) Resume(ctx context.Context, t int64) error {
	if r, ok := s.Source.(pipeline.Resumable); ok {
		return r.Resume(ctx, t)
	}
	return errors.New("the source cannot begin in the middle of its stream")
}

// warmUp is the sensor time before the place that is sought, µs, in which the
// network finds into its state unseen.
const warmUp = 1_000_000

// replays is the goroutine of a stream's replays, one at a time.
func (st *stream) replays(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case at := <-st.seek:
			st.replayFrom(ctx, at)
		}
	}
}

// replayFrom replays the stream from sensor time at, µs, to its end or until
// something else is to be shown.
func (st *stream) replayFrom(ctx context.Context, at int64) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	st.mu.Lock()
	r, offer, set := st.record(), st.offer, st.set
	if r == nil || offer.Replay == nil {
		st.mu.Unlock()
		return
	}
	st.stop = cancel
	s := &Sink{cfg: st.server.cfg, log: st.server.log, history: newHistory(), stream: st, replay: true, from: at}
	s.neuron.Store(-1)
	st.mu.Unlock()

	st.player.change(func(p *player) { p.from = at })
	err := offer.Replay(ctx, set, max(at-warmUp, r.Start), func(src pipeline.Source) pipeline.Source { return paced{src, st.player} }, s)
	if err != nil && ctx.Err() == nil {
		st.fail("replay: " + err.Error())
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.stop = nil
	if ctx.Err() == nil && err == nil && len(st.viewers) > 0 && st.shown == s {
		st.again()
	}
}
