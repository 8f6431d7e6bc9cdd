package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/runner"
)

// refusedBy waits for the end of a worker that must not serve.
func refusedBy(h *hall, p runner.Pipeline, id checkpoint.Identity) error {
	h.t.Helper()
	w, err := NewWorker(h.t.Context(), Options{Conn: h.connect(), Log: h.log, Now: time.Now, Host: "test"},
		[]*Pipeline{{Pipeline: p, Config: h.cfg, Identity: id}})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	return w.Run(ctx)
}

// A worker with another configuration and the same roll-out ends: at once beside one
// that lives, without having taken anything, and otherwise at the first stream that
// was begun. What it held is free then, and everything continues with the right one.
func TestAWorkerWithAnotherConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	of := func(v string) checkpoint.Identity { return checkpoint.Identity{{Key: "readout.threshold", Text: v}} }
	pause := make(chan struct{})
	n := 0
	source := &chainSource{seed: 7, windows: 200, pause: func(context.Context) error {
		if n++; n == 100 {
			<-pause
		}
		return nil
	}}
	fed := make(chan error, 1)
	go func() {
		_, err := h.feed(t.Context(), "s", source)
		fed <- err
	}()
	first := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg, Identity: of("1")})
	h.until("it is begun", 20*time.Second, func() bool { s := h.track("s", "chain"); return s != nil && s.Packets > 0 })
	if err := refusedBy(h, chain("chain", nil), of("2")); !errors.Is(err, errConfiguration) || errors.Is(err, errModel) {
		t.Errorf("beside one that lives: %v", err)
	}
	if r := h.record(h.cfg.partitionOf("s")); r.Worker != first.id {
		t.Errorf("%q has the stream, not %q", r.Worker, first.id)
	}
	first.leave()
	close(pause)
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	err := refusedBy(h, chain("chain", nil), of("2"))
	if !errors.Is(err, errModel) || !strings.Contains(err.Error(), "raise cluster.rollout") {
		t.Errorf("after one that lived: %v", err)
	}
	h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg, Identity: of("1")})
	h.ended(20*time.Second, "chain", "s")
	lines := h.detections("s")
	if len(lines) == 0 {
		t.Error("no detections")
	}
	for i, line := range lines {
		if d := decoded(t, []byte(line)); d.Seq != uint64(i) {
			t.Fatalf("detection %d has number %d", i, d.Seq)
		}
	}
}

// A stream of the cluster's name that holds something else belongs to somebody else
// and stays what it is.
func TestAStreamOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	c := h.cfg
	c.Name = "orders"
	theirs := jetstream.StreamConfig{Name: "orders-input", Subjects: []string{"orders.>"}, Storage: jetstream.FileStorage}
	if _, err := h.js.CreateStream(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	if steps, err := Plan(t.Context(), h.js, c); err == nil || !strings.Contains(err.Error(), `stream "orders-input" holds [orders.>]`) {
		t.Errorf("%d steps, %v", len(steps), err)
	}
}
