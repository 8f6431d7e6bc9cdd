//go:build unix

package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestScaleOutFigures measures workers beside the single process, which has the
// same recording: figures of docs/scale-out.md. Every process but the server,
// which is this one, has one core (GOMAXPROCS=1).
func TestScaleOutFigures(t *testing.T) {
	if os.Getenv("GANGLION_FIGURES") == "" {
		t.Skip("wants a still machine: make bench-cluster")
	}
	t.Setenv("GOMAXPROCS", "1") // of the processes
	dir := t.TempDir()
	recording, config := filepath.Join(dir, "crossing.raw"), filepath.Join(dir, "cluster.yaml")
	text := "name: hall\nsource: {type: recording, path: " + recording + ", pace: max}\nencoder: {type: events}\n" +
		"network: {model: motion, shards: 1}\nreadout: {type: motion}\n" +
		"sinks: [{type: jsonl, path: " + filepath.Join(dir, "d.jsonl") + "}]\ncluster: {streams: [\"*\"], lease: 2s}\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	h := newHall(t, config)
	h.must("simulate", "crossing", "--width", "640", "--height", "480", "--noise", "5", "--duration", "3s", "-o", recording)
	var events float64
	for n := range 16 {
		out := h.must("feed", config, "--nats", h.url, "--log-level", "error", "--key", fmt.Sprint("cam-", n))
		of := regexp.MustCompile(`(\d+) events or samples`).FindStringSubmatch(out)
		if of == nil {
			t.Fatalf("feed says %q", out)
		}
		events, _ = strconv.ParseFloat(of[1], 64)
	}
	for range 5 {
		began := time.Now()
		h.must("run", config, "--log-level", "error")
		alone := events / time.Since(began).Seconds()
		one, two := h.rate(1, 16*events), h.rate(2, 16*events)
		t.Logf("events/s: one process %.3g, one worker %.3g (%.2f of it), two workers %.3g (%.2f times one)", alone, one, one/alone, two, two/one)
	}
	light := filepath.Join(dir, "light.raw")
	h.must("simulate", "crossing", "--width", "346", "--height", "260", "--noise", "1", "--duration", "60s", "-o", light)
	for round := range 3 {
		for _, by := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
			t.Logf("without commits after %v of a worker, lease 2s, live streams: %v", by, h.gap(light, fmt.Sprint("live-", round, "-", by), by))
		}
	}
}

// must runs the program.
func (h *hall) must(args ...string) string {
	h.t.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err != nil {
		h.t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// forget makes the cluster one that has seen nothing of its input.
func (h *hall) forget() {
	h.t.Helper()
	for _, stream := range []string{"ganglion-output", "KV_ganglion-leases", "OBJ_ganglion-snapshots"} {
		_ = h.js.DeleteStream(h.t.Context(), stream) // what is not there need not go
	}
}

// hire starts a worker with the cluster's defaults; fire ends it.
func (h *hall) hire() *exec.Cmd {
	h.t.Helper()
	c := h.command("work", h.config, "--nats", h.url, "--log-level", "error")
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	return c
}

func fire(c *exec.Cmd, by os.Signal) {
	_ = c.Process.Signal(by)
	_ = c.Wait()
}

// committed are the events that every worker has committed.
func (h *hall) committed() map[string]float64 {
	by := map[string]float64{}
	for _, c := range h.checkpoints() {
		for _, s := range c.Streams {
			by[c.Worker] += s.Items
		}
	}
	return by
}

// rate is how many events a second so many workers commit while all of them
// have work: from when each has committed some, for 4 s or until three quarters
// of all are done.
func (h *hall) rate(workers int, all float64) float64 {
	h.t.Helper()
	h.forget()
	for range workers {
		defer fire(h.hire(), syscall.SIGKILL)
	}
	var began time.Time
	var before float64
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		sum, busy := 0., 0
		for _, n := range h.committed() {
			sum += n
			if n > 0 {
				busy++
			}
		}
		switch now := time.Now(); {
		case busy < workers:
		case began.IsZero():
			began, before = now, sum
		case now.Sub(began) > 4*time.Second || sum > all*3/4:
			return (sum - before) / now.Sub(began).Seconds()
		}
	}
	h.t.Fatal("the workers do not get on")
	return 0
}

// gap is how long no live stream of those that a worker serves is committed
// after the worker has ended by a signal, while another one is there.
func (h *hall) gap(recording, key string, by syscall.Signal) time.Duration {
	h.t.Helper()
	h.forget()
	key = strings.ReplaceAll(key, " ", "-")
	for n := range 4 {
		c := h.command("feed", h.config, "--nats", h.url, "--log-level", "error", "--input", recording, "--key", fmt.Sprint(key, "-", n),
			"--set", "source.pace='1'")
		if err := c.Start(); err != nil {
			h.t.Fatal(err)
		}
		defer fire(c, syscall.SIGKILL)
	}
	first := h.hire()
	until := func(is func() bool) time.Time {
		for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				h.t.Fatal("the workers do not get on")
			}
		}
		return time.Now()
	}
	until(func() bool { return len(h.committed()) == 1 })
	second := h.hire()
	defer fire(second, syscall.SIGKILL)
	until(func() bool { return len(h.committed()) == 2 })
	time.Sleep(time.Second) // both have settled
	began := time.Now()
	go fire(first, by)
	return until(func() bool { return len(h.committed()) == 1 }).Sub(began)
}
