//go:build unix

package cmd

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// soakKills is how many workers the long run kills at least.
const soakKills = 200

// soak is a cluster of real processes.
type soak struct {
	*hall
	servers []*exec.Cmd
	configs []string
	urls    []string
}

// newSoak starts three servers that write every message to the disk at once.
func newSoak(t *testing.T) *soak {
	t.Helper()
	path, err := exec.LookPath("nats-server")
	if err != nil {
		t.Skip("nats-server, 2.12 or newer, is not on the PATH")
	}
	s := &soak{hall: &hall{t: t, config: "configs/cluster.yaml"}}
	var ports []int
	var routes []string
	for range 6 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		l.Close()
	}
	for _, p := range ports[3:] {
		routes = append(routes, fmt.Sprintf(`"nats://127.0.0.1:%d"`, p))
	}
	for i := range 3 {
		dir := t.TempDir()
		text := fmt.Sprintf("listen: \"127.0.0.1:%d\"\nserver_name: s%d\njetstream {store_dir: %q, sync_interval: always}\n"+
			"cluster {name: soak, listen: \"127.0.0.1:%d\", routes: [%s]}\n", ports[i], i, dir, ports[3+i], strings.Join(routes, ", "))
		config := filepath.Join(dir, "server.conf")
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		s.configs, s.urls = append(s.configs, config), append(s.urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
		s.servers = append(s.servers, nil)
		s.serve(path, i)
	}
	t.Cleanup(func() {
		for _, c := range s.servers {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	})
	s.url = strings.Join(s.urls, ",")
	for range 100 {
		if s.nc, err = nats.Connect(s.url, nats.MaxReconnects(-1)); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.nc.Close)
	if s.js, err = jetstream.New(s.nc); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *soak) serve(path string, i int) {
	c := exec.Command(path, "-c", s.configs[i])
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.servers[i] = c
}

// TestSoakCluster kills and pauses real workers, and kills real servers, until
// enough of it has happened, and compares what is stored with one process.
func TestSoakCluster(t *testing.T) {
	if os.Getenv("GANGLION_SOAK") == "" {
		t.Skip("takes many minutes: make soak-cluster")
	}
	s := newSoak(t)
	path, _ := exec.LookPath("nats-server")
	want := s.bare(s.alone())
	flags := []string{"--nats", s.url, "--set", "cluster.lease=1s", "--set", "cluster.snapshot=500ms", "--set", "cluster.replicas=3",
		"--set", "cluster.commit=50ms", "--log-level", "error"}
	hire := func() *exec.Cmd {
		c := s.command(append([]string{"work", s.config}, flags...)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	workers := []*exec.Cmd{hire(), hire(), hire()}
	t.Cleanup(func() {
		for _, c := range workers {
			_ = c.Process.Signal(syscall.SIGCONT)
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	})
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 9))
	began := time.Now()
	kills, pauses, restarts := 0, 0, 0
	var keys []string
	for round := 0; kills < soakKills; round++ {
		var feeds sync.WaitGroup
		for n := range 4 {
			key := fmt.Sprintf("cam-%d-%d", round, n)
			keys = append(keys, key)
			feeds.Go(func() {
				c := s.command(append([]string{"feed", s.config, "--key", key, "--set", "source.pace='0.15'"}, flags...)...)
				if out, err := c.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		fed := make(chan struct{})
		go func() { feeds.Wait(); close(fed) }()
		server := random.IntN(3)
		for over, shots := false, 0; !over; shots++ {
			select {
			case <-fed:
				over = true
			case <-time.After(time.Duration(200+random.IntN(500)) * time.Millisecond):
			}
			i := random.IntN(len(workers))
			switch {
			case shots == 8 && round%3 == 1:
				restarts++
				_ = s.servers[server].Process.Kill()
				_ = s.servers[server].Wait()
				s.serve(path, server)
			case shots%4 == 3:
				pauses++
				p := workers[i].Process
				_ = p.Signal(syscall.SIGSTOP)
				time.Sleep(time.Duration(1200+random.IntN(1000)) * time.Millisecond)
				_ = p.Signal(syscall.SIGCONT)
			default:
				kills++
				_ = workers[i].Process.Kill()
				_ = workers[i].Wait()
				workers[i] = hire()
			}
		}
		t.Logf("round %d: %d kills, %d pauses, %d servers killed, %v", round, kills, pauses, restarts, time.Since(began).Round(time.Second))
	}
	for _, key := range keys {
		s.ended(key)
	}
	lost := 0
	stored := s.byStream()
	for _, key := range keys {
		if d := cmp.Diff(want, s.bare(strings.Join(stored[key], ""))); d != "" {
			lost++
			t.Errorf("%s: %s", key, d)
		}
	}
	t.Logf("%d streams, %d detections: %d wrong; %d workers killed, %d paused for longer than their lease, %d servers killed, in %v",
		len(keys), len(keys)*len(want), lost, kills, pauses, restarts, time.Since(began).Round(time.Second))
}

// bare are the records without what names the stream.
func (h *hall) bare(lines string) (list []string) {
	h.t.Helper()
	for line := range strings.Lines(lines) {
		var d map[string]any
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			h.t.Fatal(err)
		}
		delete(d, "stream")
		delete(d, "run")
		b, err := json.Marshal(d)
		if err != nil {
			h.t.Fatal(err)
		}
		list = append(list, string(b))
	}
	return list
}

// byStream are the records in the output, in the order of each stream.
func (h *hall) byStream() map[string][]string {
	h.t.Helper()
	by := map[string][]string{}
	for line := range strings.Lines(h.stored()) {
		var d struct{ Stream string }
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			h.t.Fatal(err)
		}
		by[d.Stream] = append(by[d.Stream], line)
	}
	return by
}
