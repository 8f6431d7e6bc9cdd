//go:build unix

package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/internal/shareddata"
	"ganglion/sinks/nats/natstest"
)

// hall is a server with processes that work on it.
type hall struct {
	t      *testing.T
	url    string
	config string
	nc     *nats.Conn
	js     jetstream.JetStream
	hands  []*exec.Cmd
}

// newHall starts a server for a configuration of the project.
func newHall(t *testing.T, config string) *hall {
	t.Helper()
	h := &hall{t: t, config: config, url: natstest.RunServer(t, &server.Options{JetStream: true, StoreDir: t.TempDir()})}
	nc, err := nats.Connect(h.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if h.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	return h
}

// command is the program in the project's folder.
func (h *hall) command(args ...string) *exec.Cmd {
	h.t.Helper()
	path, err := exec.LookPath("ganglion")
	if err != nil {
		h.t.Fatal(err)
	}
	c := exec.Command(path, args...)
	c.Dir = shareddata.Project(h.t)
	return c
}

// work starts a worker, which the test's end kills.
func (h *hall) work() {
	h.t.Helper()
	c := h.command("work", h.config, "--nats", h.url, "--set", "cluster.lease=1s", "--set", "cluster.snapshot=200ms",
		"--set", "cluster.input.bytes=256MiB", "--log-level", "error")
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.hands = append(h.hands, c)
	h.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

// position is what docs/scale-out.md says of the message on a partition's
// checkpoint subject.
type position struct {
	Worker  string `json:"worker"`
	Streams []struct {
		Key   string  `json:"key"`
		Next  uint64  `json:"next"`
		Items float64 `json:"items"`
		Ended bool    `json:"ended"`
	} `json:"streams"`
}

// checkpoints are the last ones of all partitions.
func (h *hall) checkpoints() (list []position) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), 10*time.Second)
	defer cancel()
	s, err := h.js.Stream(ctx, "ganglion-output")
	if err != nil {
		return nil
	}
	for n := range 16 {
		m, err := s.GetLastMsgForSubject(ctx, fmt.Sprint("ganglion-ckpt.", n))
		if err != nil {
			continue
		}
		var c position
		if err := json.Unmarshal(m.Data, &c); err != nil {
			h.t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// killOwner kills the worker that serves a stream as soon as it has committed n
// detections.
func (h *hall) killOwner(key string, n uint64) {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, c := range h.checkpoints() {
			for _, s := range c.Streams {
				if s.Key != key || s.Next < n {
					continue
				}
				if s.Ended {
					h.t.Fatal("the stream ended before a worker could be killed")
				}
				parts := strings.Split(c.Worker, "-")
				pid, err := strconv.Atoi(parts[len(parts)-2])
				if err != nil {
					h.t.Fatal(err)
				}
				for _, hand := range h.hands {
					if hand.Process.Pid == pid {
						if err := hand.Process.Signal(syscall.SIGKILL); err != nil {
							h.t.Fatal(err)
						}
						return
					}
				}
				h.t.Fatalf("%s is none of the workers", c.Worker)
			}
		}
	}
	h.t.Fatal("nothing was committed")
}

// ended waits until a stream is processed to its end.
func (h *hall) ended(key string) {
	h.t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for _, c := range h.checkpoints() {
			for _, s := range c.Streams {
				if s.Key == key && s.Ended {
					return
				}
			}
		}
	}
	h.t.Fatalf("stream %s does not end", key)
}

// stored are the records in the output, in their order.
func (h *hall) stored() string {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 30*time.Second)
	defer cancel()
	s, err := h.js.Stream(ctx, "ganglion-output")
	if err != nil {
		h.t.Fatal(err)
	}
	c, err := s.CreateConsumer(ctx, jetstream.ConsumerConfig{AckPolicy: jetstream.AckNonePolicy, FilterSubject: "ganglion-det.>"})
	if err != nil {
		h.t.Fatal(err)
	}
	var out strings.Builder
	for left := int(c.CachedInfo().NumPending); left > 0; {
		batch, err := c.FetchNoWait(min(left, 500))
		if err := errors.Join(err, batch.Error()); err != nil {
			h.t.Fatal(err)
		}
		for m := range batch.Messages() {
			out.Write(append(m.Data(), '\n'))
			left--
		}
	}
	return out.String()
}

// alone is what one process writes.
func (h *hall) alone() string {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "d.jsonl")
	c := h.command("run", h.config, "--log-level", "error", "--set", "sinks=[{type: jsonl, path: "+path+"}]")
	if out, err := c.CombinedOutput(); err != nil {
		h.t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

// feed feeds the recording, at a pace.
func (h *hall) feed(pace string) string {
	h.t.Helper()
	c := h.command("feed", h.config, "--nats", h.url, "--log-level", "error", "--set", "source.pace='"+pace+"'", "--set", "cluster.lease=1s",
		"--set", "cluster.snapshot=200ms", "--set", "cluster.input.bytes=256MiB")
	out, err := c.CombinedOutput()
	if err != nil {
		h.t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// TestScaledOutRunsDetectWhatOneProcessDoes compares the records of the shipped
// pipelines byte for byte.
func TestScaledOutRunsDetectWhatOneProcessDoes(t *testing.T) {
	for _, p := range []struct {
		config, key, pace string
		least             int
		kill              uint64
	}{
		{"configs/motion.yaml", "motion", "1", 300, 40},
		{"configs/keywords.yaml", "keywords", "8", 1, 1},
	} {
		var want string
		for _, workers := range []int{1, 2, 5} {
			t.Run(fmt.Sprint(p.key, "/", workers), func(t *testing.T) {
				h := newHall(t, p.config)
				if want == "" {
					want = h.alone()
				}
				if strings.Count(want, "\n") < p.least {
					t.Fatalf("one process detects too little: %q", want)
				}
				for range workers {
					h.work()
				}
				pace := "max"
				killed := make(chan struct{})
				if workers == 2 {
					pace = p.pace
					go func() {
						defer close(killed)
						h.killOwner(p.key, p.kill)
					}()
				} else {
					close(killed)
				}
				h.feed(pace)
				<-killed
				h.ended(p.key)
				if d := cmp.Diff(want, h.stored()); d != "" {
					t.Error(d)
				}
				out, err := h.command("status", p.config, "--nats", h.url, "--over", "0", "--json", "--set", "cluster.lease=1s").Output()
				if err != nil || !strings.Contains(string(out), `"key":"`+p.key+`","pipeline":"`+p.key) ||
					!strings.Contains(string(out), `"lag_packets":0`) {
					t.Errorf("status: %v: %s", err, out)
				}
				if out := h.feed("max"); !strings.Contains(out, " 0 packets sent") {
					t.Errorf("what is stored is sent again: %s", out)
				}
			})
		}
	}
}

// A camera's gyroscope travels with its events, through a worker that is killed too.
func TestAFedGyroscopeIsTheRecordings(t *testing.T) {
	h := newHall(t, filepath.Join(t.TempDir(), "hand.yaml"))
	recording := filepath.Join(filepath.Dir(h.config), "hand.aedat4")
	c := h.command("simulate", "hand-object", "--width", "64", "--height", "64", "--duration", "2s", "-o", recording)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const config = `
name: hand
source: {type: recording, path: hand.aedat4}
encoder: {type: events}
network: {model: motion}
readout: {type: motion, camera: {moving: true, focal: 64}}
`
	if err := os.WriteFile(h.config, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	want := h.alone()
	if n := strings.Count(want, `"speed_source":"gyro"`); n < 20 {
		t.Fatalf("one process takes the gyroscope %d times: %q", n, want)
	}
	h.work()
	h.work()
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		h.killOwner("hand", 10)
	}()
	h.feed("1")
	<-killed
	h.ended("hand")
	if d := cmp.Diff(want, h.stored()); d != "" {
		t.Error(d)
	}
}

// Wrong credentials are an error of their own: waiting for servers makes them no better.
func TestWrongCredentialsEndFeedAndWork(t *testing.T) {
	t.Parallel()
	h := &hall{t: t, url: natstest.RunServer(t, &server.Options{Username: "tom", Password: "right", JetStream: true, StoreDir: t.TempDir()})}
	for _, args := range [][]string{{"feed", "configs/cluster.yaml", "--key", "cam-1"}, {"work", "configs/cluster.yaml"}} {
		c := h.command(append(args, "--set", "cluster.user=tom", "--set", "cluster.password=wrong", "--set", "cluster.url="+h.url)...)
		out, err := c.CombinedOutput()
		if code := c.ProcessState.ExitCode(); err == nil || code != exitFailed || !strings.Contains(string(out), "Authorization Violation") ||
			strings.Contains(string(out), "wrong") {
			t.Errorf("%s: exit code %d: %s", args[0], code, out)
		}
	}
}
