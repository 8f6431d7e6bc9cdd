package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ganglion/internal/sleep"
)

// hold makes the worker the owner of a partition and serves it, in a goroutine of
// its own, for which done waits.
func (w *Worker) hold(alive context.Context, n int, revision uint64, wake func()) {
	ctx, stop := context.WithCancelCause(alive)
	h := &holding{drain: make(chan struct{}), cancel: stop, done: make(chan struct{})}
	w.mu.Lock()
	w.held[n] = h
	w.mu.Unlock()
	go func() { // done waits for it
		defer close(h.done)
		defer stop(nil)
		taken := w.own(ctx, n, h, revision)
		if taken {
			w.serve(ctx, n, h)
		}
		w.mu.Lock()
		delete(w.held, n)
		w.mu.Unlock()
		if taken || w.members.revision(n) != revision { // else nothing has changed
			wake()
		}
	}()
}

// own makes the worker the owner of a partition, or reports that it is not.
func (w *Worker) own(ctx context.Context, n int, h *holding, revision uint64) bool {
	once, cancel := context.WithTimeout(ctx, w.commits.timeout)
	defer cancel()
	var err error
	if h.revision, err = w.members.take(once, n, w.id, w.cfg.Rollout, revision); err != nil && !w.lawless {
		w.log.Debug("another worker was faster", "partition", n, "error", err)
		return false
	}
	return true
}

// serve works on a partition until it is handed over or taken away. After a
// failure it forgets everything, reads what is stored and resumes from there.
func (w *Worker) serve(ctx context.Context, n int, h *holding) {
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
		return
	}
	defer unpacker.Close()
	for failures := 0; ; failures++ {
		p := &partition{Worker: w, n: n, name: part, log: log, packer: packer, unpacker: unpacker, tallies: map[*Pipeline]*tally{},
			began: w.now()}
		began := time.Now()
		err := p.serve(ctx, h)
		if err == nil || ctx.Err() != nil {
			return
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
			return
		}
		log.Warn("the partition begins again from what is stored", "error", err)
		select {
		case <-h.drain:
			w.give(ctx, n, h.revision)
			return
		default:
		}
		_ = sleep.For(ctx, min(50*time.Millisecond<<min(failures, 8), 10*time.Second))
	}
}

// give makes nobody the owner of a partition, for others to take it at once.
func (w *Worker) give(ctx context.Context, n int, revision uint64) {
	once, cancel := context.WithTimeout(ctx, w.commits.timeout)
	defer cancel()
	if _, err := w.members.take(once, n, "", w.cfg.Rollout, revision); err != nil {
		w.log.Debug("the partition was not handed over", "partition", n, "error", err)
	}
}
