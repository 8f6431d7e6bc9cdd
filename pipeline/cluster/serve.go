package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ganglion/internal/sleep"
)

// hold makes the worker the owner of a partition and serves it, in a goroutine of
// its own, for which done waits. For one that its owner offers it is prepared first.
func (w *Worker) hold(alive context.Context, n int, at place, wake func()) {
	ctx, stop := context.WithCancelCause(alive)
	h := &holding{free: make(chan struct{}), drain: make(chan struct{}), cancel: stop, done: make(chan struct{})}
	if at.offered && at.owner != w.id {
		h.from = at.owner
	}
	w.mu.Lock()
	w.held[n] = h
	w.mu.Unlock()
	go func() { // done waits for it
		defer close(h.done)
		defer stop(nil)
		taken := w.serve(ctx, n, h, at.revision)
		w.mu.Lock()
		delete(w.held, n)
		w.mu.Unlock()
		if taken || w.members.revision(n) != at.revision { // else nothing has changed
			wake()
		}
	}()
}

// own makes the worker the owner of a partition, or reports that it is not.
func (w *Worker) own(ctx context.Context, n int, h *holding, revision uint64) bool {
	once, cancel := context.WithTimeout(ctx, w.commits.timeout)
	defer cancel()
	var err error
	if h.revision, err = w.members.set(once, n, lease{Worker: w.id, Rollout: w.cfg.Rollout}, revision); err != nil && !w.lawless {
		w.log.Debug("another worker was faster", "partition", n, "error", err)
		return false
	}
	return true
}

// serve takes a partition and works on it until it is handed over or taken away.
// After a failure it forgets everything, reads what is stored and resumes from there.
// It reports whether the partition was this worker's.
func (w *Worker) serve(ctx context.Context, n int, h *holding, revision uint64) (taken bool) {
	log, part := w.log.With("partition", n), fmt.Sprint("partition ", n)
	defer func() {
		w.wrong.note(part, nil)
		for _, a := range w.accounts {
			a.left(n)
		}
	}()
	packer, unpacker, err := packers()
	if err != nil {
		log.Error("no compression of states", "error", err)
		return false
	}
	defer unpacker.Close()
	for failures := 0; ; failures++ {
		p := &partition{Worker: w, n: n, name: part, log: log, packer: packer, unpacker: unpacker, tallies: map[*Pipeline]*tally{},
			from: h.from, began: w.now()}
		began := time.Now()
		if !taken && h.from != "" {
			if !p.prepare(ctx, h) {
				return false
			}
			revision = w.members.revision(n)
		}
		if taken = taken || w.own(ctx, n, h, revision); !taken {
			p.rest()
			return false
		}
		err := p.serve(ctx, h)
		if err == nil || ctx.Err() != nil || errors.Is(err, errFenced) && !p.offered.IsZero() { // the last: the next owner has come
			return true
		}
		if time.Since(began) > 10*time.Second {
			failures = 0
		}
		w.wrong.note(part, err)
		for _, a := range w.accounts {
			a.failed(err)
		}
		if errors.Is(err, errModel) {
			w.give(ctx, n, h.revision)
			w.end(err)
			return true
		}
		log.Warn("the partition begins again from what is stored", "error", err)
		select {
		case <-h.drain:
			w.give(ctx, n, h.revision)
			return true
		default:
		}
		_ = sleep.For(ctx, min(50*time.Millisecond<<min(failures, 8), 10*time.Second))
	}
}

// give makes nobody the owner of a partition, for others to take it at once.
func (w *Worker) give(ctx context.Context, n int, revision uint64) {
	once, cancel := context.WithTimeout(ctx, w.commits.timeout)
	defer cancel()
	if _, err := w.members.set(once, n, lease{Rollout: w.cfg.Rollout}, revision); err != nil {
		w.log.Debug("the partition was not handed over", "partition", n, "error", err)
	}
}
