package runner

import (
	"context"
	"log/slog"
	"time"

	"ganglion/pipeline"
)

// lossLook is how often the accounts are looked at for losses, lossPause how
// long after one line about a cause the next may come, with the sum.
const (
	lossLook  = 250 * time.Millisecond
	lossPause = 10 * time.Second
)

// lossLog tells of losses while they happen: the first of an outage at once,
// then what has come together in each pause.
type lossLog struct {
	log  *slog.Logger
	told map[lossKey]told
}

// lossKey is what lines are counted for: a sink, or "" for the input, and a
// cause.
type lossKey struct{ sink, cause string }

// told is what has been told, and when.
type told struct {
	count uint64
	at    time.Time
}

// watchLosses looks at the accounts until the run is over. It is the goroutine
// of the log of losses.
func (r *Runner) watchLosses(over <-chan struct{}) {
	l := lossLog{log: r.o.Log.With("stream", r.p.Name), told: map[lossKey]told{}}
	tick := time.NewTicker(lossLook)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			r.tellLosses(&l, now, false)
		case <-over:
			r.tellLosses(&l, time.Time{}, true)
			return
		}
	}
}

// tellLosses logs what has been lost since the last line. At the end nothing is
// held back.
func (r *Runner) tellLosses(l *lossLog, now time.Time, last bool) {
	r.mu.Lock()
	in, damage, unit := r.inputSummary(), r.damage, r.unit()
	left := r.leftOut.now - r.leftOut.before
	for _, d := range in.Drops {
		l.tell(now, last, lossKey{"", d.Cause}, d.Count, "input was dropped", "unit", unit)
	}
	for _, d := range damage {
		l.tell(now, last, lossKey{"damage", d.Kind}, d.Count, "the input is damaged", "kind", d.Kind, "offset", d.Offset)
	}
	l.tell(now, last, lossKey{"readout", ""}, left, "the readout left something out")
	r.mu.Unlock()
	for _, o := range r.outlets {
		l.sink(now, last, sinkFlow(o.Name, o.queue, &o.failures), o.latest())
	}
	if r.letters != nil {
		l.sink(now, last, sinkFlow("errors", r.letters.queue, &r.letters.failures), r.letters.latest())
	}
	if r.keep != nil {
		l.sink(now, last, sinkFlow("keep", r.keep.queue, &r.keep.failures), r.keep.latest())
	}
}

func (l *lossLog) sink(now time.Time, last bool, s SinkFlow, err error) {
	for _, d := range s.Drops {
		l.tell(now, last, lossKey{s.Name, d.Cause}, d.Count, "the sink dropped detections", "sink", s.Name, "error", err)
	}
	l.tell(now, last, lossKey{s.Name, ""}, s.Errors, "the sink failed", "sink", s.Name, "error", err)
}

// tell logs a count that has grown, unless that cause was told of just now.
func (l *lossLog) tell(now time.Time, last bool, key lossKey, count uint64, message string, more ...any) {
	before := l.told[key]
	if count <= before.count || !last && !before.at.IsZero() && now.Sub(before.at) < lossPause {
		return
	}
	l.told[key] = told{count, now}
	args := append([]any{"cause", key.cause, "count", count - before.count, "total", count}, more...)
	if key.cause == "" {
		args = args[2:]
	}
	l.log.Warn(message, args...)
}

// latest is the last error, nil when there was none.
func (f *failures) latest() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// look looks after the output of a sink, and accounts for what went away with it.
func (r *Runner) look(ctx context.Context, o *outlet) {
	w, ok := o.Sink.Sink.(pipeline.Watched)
	if !ok {
		return
	}
	if !o.alone.TryLock() {
		return // a commit is writing; the next look comes soon
	}
	err := w.Check(ctx)
	o.alone.Unlock()
	if err == nil {
		return
	}
	o.note(err)
	revokeLost(o.queue, err, outputGone)
	r.rejectLost(ctx, o, err, outputGone)
}
