//go:build unix

package cmd

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ganglion/pipeline/runner"
)

// served starts a command that serves telemetry, and returns the address.
func (h *hall) served(args ...string) (*exec.Cmd, string) {
	h.t.Helper()
	c := h.command(append(args, "--nats", h.url, "--set", "telemetry.listen='127.0.0.1:0'", "--set", "cluster.lease=1s",
		"--set", "cluster.snapshot=200ms", "--set", "cluster.input.bytes=256MiB")...)
	log, err := c.StderrPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		if m := regexp.MustCompile(`telemetry is served.* address=(\S+)`).FindStringSubmatch(line); m != nil {
			go func() { _, _ = io.Copy(io.Discard, lines) }() // ends with the process
			return c, "http://" + m[1]
		}
		if err != nil {
			h.t.Fatalf("no telemetry: %v", err)
		}
	}
}

// answer is what a page says, and its status.
func (h *hall) answer(url string) (int, string) {
	h.t.Helper()
	r, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err.Error()
	}
	return r.StatusCode, string(b)
}

// until waits until a page answers so.
func (h *hall) until(url string, status int, text string) string {
	h.t.Helper()
	var body string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var got int
		if got, body = h.answer(url); got == status && strings.Contains(body, text) {
			return body
		}
	}
	h.t.Fatalf("%s: want %d and %s, the last answer is %.400s", url, status, text, body)
	return ""
}

// A worker and a feeder tell of themselves in the words of run.
func TestWorkersAndFeedersServeTelemetry(t *testing.T) {
	h := newHall(t, "configs/motion.yaml")
	worker, at := h.served("work", h.config)
	h.until(at+"/readyz", 200, `"ready":true`)
	h.until(at+"/livez", 200, "ok")
	feeder, fed := h.served("feed", h.config, "--set", "source.pace='0.1'")
	h.until(fed+"/readyz", 200, `{"name":"motion","ready":true}`)
	h.until(fed+"/metrics", 200, `ganglion_sink_written_total{sink="input",stream="motion"} `)
	h.until(at+"/metrics", 200, `ganglion_detections_total{kind="`)
	body := h.until(at+"/metrics", 200, `ganglion_worker_streams{stream="motion"} 1`)
	for _, want := range []string{
		`ganglion_worker_partitions{stream="motion"} 16`, `ganglion_worker_aside{stream="motion"} 0`,
		`ganglion_sink_connected{sink="output",stream="motion"} 1`, `ganglion_input_events_total{stream="motion"} `,
		`ganglion_checkpoint_saved_total{stream="motion"} `, `ganglion_batch_latency_seconds_count{stream="motion"} `,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the worker does not tell %s", want)
		}
	}
	var list []runner.Summary
	_, body = h.answer(at + "/summary")
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 1 || list[0].Sinks[0].In != list[0].Sinks[0].Written ||
		list[0].Detections.Total != list[0].Sinks[0].Written || list[0].Latency.Batches == 0 || list[0].SensorS == 0 {
		t.Errorf("summary (%v) %s", err, body)
	}
	if err := h.js.DeleteStream(t.Context(), "ganglion-output"); err != nil {
		t.Fatal(err)
	}
	h.until(at+"/readyz", 503, `"part":"partition `)
	if err := h.js.DeleteStream(t.Context(), "ganglion-input"); err != nil {
		t.Fatal(err)
	}
	h.until(fed+"/readyz", 503, `"part":"sink input"`)
	for _, c := range []*exec.Cmd{feeder, worker} {
		_ = c.Process.Signal(syscall.SIGTERM)
	}
}
