package cluster

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// feedGated is a feed that waits at a window until it is let through.
func (h *hall) feedGated(key string, seed uint64, windows, at int) (gate chan struct{}, fed chan error) {
	gate, fed = make(chan struct{}), make(chan error, 1)
	n := 0
	source := &chainSource{seed: seed, windows: windows, pause: func(context.Context) error {
		if n++; n == at {
			<-gate
		}
		return nil
	}}
	go func() {
		_, err := h.feed(h.t.Context(), key, source)
		fed <- err
	}()
	return gate, fed
}

// numbered checks that the detections of each run of a stream are numbered from 0,
// and returns how many runs there are.
func (h *hall) numbered(key string) int {
	h.t.Helper()
	next := map[string]uint64{}
	for _, line := range h.detections(key) {
		d := decoded(h.t, []byte(line))
		if d.Seq != next[d.Run] {
			h.t.Fatalf("run %s: detection %d comes after %d", d.Run, d.Seq, next[d.Run])
		}
		next[d.Run]++
	}
	return len(next)
}

// A stream whose state is gone from the servers is set aside with that reason, and
// delays no other; the next roll-out takes it up with the packet that it waits at.
func TestAStreamWhoseStateIsGoneIsSetAside(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Partitions, c.Snapshot = 1, 10*time.Millisecond })
	first := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	gate, fed := h.feedGated("s", 5, 400, 200)
	h.until("its state is kept", 20*time.Second, func() bool { s := h.track("s", "chain"); return s != nil && s.State.SHA256 != "" })
	first.leave()
	if err := first.output.Purge(t.Context(), jetstream.WithPurgeSubject(h.cfg.stateSubject(0, "chain", "s"))); err != nil {
		t.Fatal(err)
	}
	close(gate)
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	keys := h.feedAll(1, 100)
	hasty := func(w *Worker) { w.patience = time.Millisecond }
	second := h.workOver(h.connect(), hasty, &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.ended(20*time.Second, "chain", keys...)
	h.until("it is set aside", 20*time.Second, func() bool { return h.track("s", "chain").Aside != "" })
	if s := h.track("s", "chain"); !strings.Contains(s.Aside, "message not found") {
		t.Errorf("set aside because %s", s.Aside)
	}
	second.leave()
	next := h.cfg
	next.Rollout++
	h.work(&Pipeline{Pipeline: chain("chain", nil), Config: next})
	h.ended(20*time.Second, "chain", "s")
	if n := h.numbered("s"); n != 2 || h.track("s", "chain").Begins == 0 {
		t.Errorf("%d runs, %+v", n, h.track("s", "chain"))
	}
}

// An input that is emptied, or removed and made again, loses what it held: a feeder
// that is on its way and the workers continue with what comes then, which is counted
// and told apart by another run.
func TestAnInputThatIsMadeAgainIsContinuedWith(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		lose func(ctx context.Context, h *hall) error
		runs int
	}{
		{"emptied", func(ctx context.Context, h *hall) error {
			s, err := h.js.Stream(ctx, h.cfg.inputStream())
			if err != nil {
				return err
			}
			return s.Purge(ctx)
		}, 1},
		{"removed", func(ctx context.Context, h *hall) error {
			if err := h.js.DeleteStream(ctx, h.cfg.inputStream()); err != nil {
				return err
			}
			steps, err := Plan(ctx, h.js, h.cfg)
			if err != nil {
				return err
			}
			return Apply(ctx, steps)
		}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHall(t, 1, nil)
			h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
			gate, fed := h.feedGated("s", 5, 400, 200)
			h.until("half of it is committed", 20*time.Second, func() bool {
				s := h.track("s", "chain")
				return s != nil && s.TimeUS >= 100_000
			})
			if err := c.lose(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			close(gate)
			if err := <-fed; err != nil {
				t.Fatal(err)
			}
			h.ended(30*time.Second, "chain", "s")
			if n := h.numbered("s"); n != c.runs {
				t.Errorf("%d runs, want %d", n, c.runs)
			}
			if s := h.track("s", "chain"); s.TimeUS != 400_000 {
				t.Errorf("%+v", s)
			}
		})
	}
}
