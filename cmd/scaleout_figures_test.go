//go:build unix

package cmd

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// TestScaleOutFigures measures workers beside the single process, which has the
// same recording: figures of docs/scale-out.md, each beside its goal. Every process
// but the server, which is this one, has one core (GOMAXPROCS=1).
func TestScaleOutFigures(t *testing.T) {
	if os.Getenv("GANGLION_FIGURES") == "" {
		t.Skip("wants a still machine: make bench-cluster")
	}
	t.Setenv("GOMAXPROCS", "1") // of the processes
	dir := t.TempDir()
	recording, config := filepath.Join(dir, "crossing.raw"), filepath.Join(dir, "cluster.yaml")
	text := "name: hall\nsource: {type: recording, path: " + recording + ", pace: max}\nencoder: {type: events}\n" +
		"network: {model: motion, shards: 1}\nreadout: {type: motion}\n" +
		"sinks: [{type: jsonl, path: " + filepath.Join(dir, "d.jsonl") + "}]\ncluster: {streams: [\"*\"], lease: 2s, input: {bytes: 1GiB}}\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Run("rates", func(t *testing.T) {
		h := newHall(t, config)
		h.must("simulate", "crossing", "--width", "640", "--height", "480", "--noise", "5", "--duration", "8s", "-o", recording)
		var ones, twos []float64
		for range 3 {
			one, events := h.rate(1)
			two, _ := h.rate(2)
			began := time.Now()
			h.must("run", config, "--log-level", "error")
			alone := events / time.Since(began).Seconds()
			t.Logf("events/s: one process %.3g, one worker %.3g, two workers %.3g", alone, one, two)
			ones, twos = append(ones, one/alone), append(twos, two/one)
		}
		t.Log(goal("one worker, of the events/s of one process", ones, 0.70, median(ones) >= 0.70, "median at least"))
		t.Log(goal("two workers, times one", twos, 1.6, median(twos) >= 1.6, "median at least"))
	})
	t.Run("gaps", func(t *testing.T) {
		h := newHall(t, config)
		light := filepath.Join(dir, "light.raw")
		h.must("simulate", "crossing", "--width", "346", "--height", "260", "--noise", "0.1", "--duration", "60s", "-o", light)
		for _, end := range []struct {
			what  string
			by    syscall.Signal
			most  float64
			times int
		}{{"SIGKILL of a worker, lease 2 s", syscall.SIGKILL, 3, 3}, {"SIGTERM of a worker", syscall.SIGTERM, 0.2, 5}} {
			var gaps, usual, late, before, whole []float64
			for range end.times {
				g := h.gap(light, end.by)
				gaps, usual = append(gaps, g.longest.Seconds()), append(usual, g.usual.Seconds())
				late, before = append(late, g.late.Seconds()), append(before, g.before.Seconds())
				whole = append(whole, g.all.Seconds())
			}
			t.Log(goal("seconds from a packet until what moves in it is stored, the longest, over "+end.what, late, end.most,
				slices.Max(late) <= end.most, "at most"))
			t.Logf("the same in the two seconds before: %.3g", before)
			t.Logf("seconds from one commit of a live stream to the next, the longest: %.3g; before it: %.3g", gaps, usual)
			t.Logf("seconds until another worker has everything: %.3g", whole)
		}
	})
}

// goal is a line of the report.
func goal(what string, got []float64, want float64, met bool, bound string) string {
	verdict := "MISSED"
	if met {
		verdict = "met"
	}
	return fmt.Sprintf("goal %s: %.3g; %s %g: %s", what, got, bound, want, verdict)
}

// median is the middle one of an odd number of figures.
func median(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }

// must runs the program.
func (h *hall) must(args ...string) string {
	h.t.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err != nil {
		h.t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// forget makes the cluster one that has seen nothing of its input, and drops more
// of its streams.
func (h *hall) forget(more ...string) {
	h.t.Helper()
	for _, stream := range append(more, "ganglion-output", "KV_ganglion-leases", "OBJ_ganglion-snapshots") {
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
// of all are done. The input is four times the recording, of so many events; it is fed
// again each time, since workers drop what they have done with.
func (h *hall) rate(workers int) (perSecond, events float64) {
	h.t.Helper()
	h.forget("ganglion-input")
	for _, n := range []int{0, 1, 3, 4} { // keys of four partitions
		out := h.must("feed", h.config, "--nats", h.url, "--log-level", "error", "--key", fmt.Sprint("live-", n))
		of := regexp.MustCompile(`(\d+) events or samples`).FindStringSubmatch(out)
		if of == nil {
			h.t.Fatalf("feed says %q", out)
		}
		events, _ = strconv.ParseFloat(of[1], 64)
	}
	all := 4 * events
	var hands []*exec.Cmd
	defer func() {
		for _, c := range hands {
			fire(c, syscall.SIGKILL)
		}
	}()
	for len(hands) < workers {
		hands = append(hands, h.hire())
	}
	var began time.Time
	var before float64
	hired := time.Now()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if began.IsZero() && time.Since(hired) > 5*time.Second { // one has nothing
			fire(hands[workers-1], syscall.SIGKILL)
			hands[workers-1], hired = h.hire(), time.Now()
		}
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
			return (sum - before) / now.Sub(began).Seconds(), events
		}
	}
	h.t.Fatal("the workers do not get on")
	return 0, 0
}

// gap is what a worker that ends costs, in the server's time.
type gap struct {
	// longest is the longest time from one checkpoint in which a live stream has come
	// further to the next one, by whichever worker; usual is that before the signal.
	longest, usual time.Duration
	// late is the longest time from when a packet of a live stream was stored until a
	// detection in it was, before that in the two seconds before the signal.
	late, before time.Duration
	all          time.Duration // until the other has come further in everything
}

// stored is a packet, or a detection in one, with the sensor time of its end and when
// the server stored it.
type stored struct {
	us int64
	at time.Time
}

// packets notes every packet from now on. ended stops it and returns them by key.
func (h *hall) packets() (ended func() map[string][]stored) {
	h.t.Helper()
	c, err := h.js.OrderedConsumer(h.t.Context(), "ganglion-input", jetstream.OrderedConsumerConfig{HeadersOnly: true})
	if err != nil {
		h.t.Fatal(err)
	}
	by := map[string][]stored{}
	var mu sync.Mutex
	consuming, err := c.Consume(func(m jetstream.Msg) {
		meta, err := m.Metadata()
		us, err2 := strconv.ParseInt(m.Headers().Get("Ganglion-Time-US"), 10, 64)
		if err != nil || err2 != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		key := m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:]
		by[key] = append(by[key], stored{us, meta.Timestamp})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return func() map[string][]stored {
		consuming.Drain()
		<-consuming.Closed()
		return by
	}
}

// latest is the longest time from a packet until a detection in it was stored.
func latest(found map[string][]stored, packets map[string][]stored) (d time.Duration) {
	for key, list := range found {
		for _, f := range list {
			i, _ := slices.BinarySearchFunc(packets[key], f.us, func(p stored, us int64) int { return cmp.Compare(p.us, us+1) })
			if i < len(packets[key]) {
				d = max(d, f.at.Sub(packets[key][i].at))
			}
		}
	}
	return d
}

// gap ends one of two workers by a signal.
func (h *hall) gap(recording string, by syscall.Signal) (g gap) {
	h.t.Helper()
	h.forget("ganglion-input")
	for _, n := range []int{0, 1, 3, 4, 5, 6} { // keys of six partitions
		c := h.command("feed", h.config, "--nats", h.url, "--log-level", "error", "--input", recording, "--key", fmt.Sprint("live-", n),
			"--set", "source.pace='1'")
		if err := c.Start(); err != nil {
			h.t.Fatal(err)
		}
		defer fire(c, syscall.SIGKILL)
	}
	first := h.hire()
	checkpoints := jetstream.OrderedConsumerConfig{FilterSubjects: []string{"ganglion-ckpt.*", "ganglion-det.*.*.*.motion_update"}}
	c, err := h.js.OrderedConsumer(h.t.Context(), "ganglion-output", checkpoints)
	for end := time.Now().Add(30 * time.Second); err != nil && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		c, err = h.js.OrderedConsumer(h.t.Context(), "ganglion-output", checkpoints)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	messages, err := c.Messages()
	if err != nil {
		h.t.Fatal(err)
	}
	defer messages.Stop()
	ended := h.packets()
	owners := map[string]string{} // of partitions with streams
	// next takes one more checkpoint in.
	waited := map[string]time.Duration{} // the longest from one advance to the next
	items, advanced := map[string]float64{}, map[string]time.Time{}
	found := map[string][]stored{}
	next := func() (subject, worker string, at time.Time) {
		m, err := messages.Next(jetstream.NextMaxWait(30 * time.Second))
		if err != nil {
			h.t.Fatal(err)
		}
		meta, err := m.Metadata()
		var p position
		var d struct {
			Stream string `json:"stream"`
			US     int64  `json:"t_us"`
		}
		if err = errors.Join(err, json.Unmarshal(m.Data(), &p), json.Unmarshal(m.Data(), &d)); err != nil {
			h.t.Fatal(err)
		}
		if d.Stream != "" {
			found[d.Stream] = append(found[d.Stream], stored{d.US, meta.Timestamp})
			return m.Subject(), "", meta.Timestamp
		}
		if len(p.Streams) > 0 && p.Worker != "" {
			owners[m.Subject()] = p.Worker
		}
		done := 0.
		for _, s := range p.Streams {
			done += s.Items
		}
		if done > items[m.Subject()] {
			if before, known := advanced[m.Subject()]; known {
				waited[m.Subject()] = max(waited[m.Subject()], meta.Timestamp.Sub(before))
			}
			items[m.Subject()], advanced[m.Subject()] = done, meta.Timestamp
		}
		return m.Subject(), p.Worker, meta.Timestamp
	}
	workers := func() int {
		all := map[string]bool{}
		for _, w := range owners {
			all[w] = true
		}
		return len(all)
	}
	for len(owners) < 6 {
		next()
	}
	second := h.hire()
	defer func() { fire(second, syscall.SIGKILL) }()
	for began := time.Now(); workers() < 2 || time.Since(began) < 3*time.Second; { // until both have settled
		if next(); workers() < 2 && time.Since(began) > 5*time.Second { // it has nothing, or everything
			fire(second, syscall.SIGTERM)
			second, began = h.hire(), time.Now()
		}
	}
	clear(waited)
	clear(found)
	for began := time.Now(); time.Since(began) < 2*time.Second; {
		next()
	}
	g.usual = slices.Max(slices.Collect(maps.Values(waited)))
	clear(waited)
	usually := maps.Clone(found)
	clear(found)
	began := time.Now()
	go fire(first, by)
	of := func(worker string, c *exec.Cmd) bool {
		return strings.Contains(worker, fmt.Sprint("-", c.Process.Pid, "-"))
	}
	waits := map[string]bool{} // for its first progress at the other worker
	for subject, worker := range owners {
		waits[subject] = of(worker, first)
	}
	maps.DeleteFunc(waits, func(_ string, waits bool) bool { return !waits })
	for len(waits) > 0 {
		subject, worker, at := next()
		if waits[subject] && of(worker, second) && advanced[subject].Equal(at) {
			g.longest, g.all = max(g.longest, waited[subject]), at.Sub(began)
			delete(waits, subject)
		}
	}
	packets := ended()
	g.late, g.before = latest(found, packets), latest(usually, packets)
	return g
}
