//go:build unix

package cluster

import (
	"context"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"ganglion/internal/sleep"
)

// The figures of docs/scale-out.md: go test ./pipeline/cluster -run '^$' -bench . -benchtime 1x

// BenchmarkLatency is the time from an event until its detection is stored, of
// a stream that happens now, over the interval of commits.
func BenchmarkLatency(b *testing.B) {
	for _, servers := range []int{1, 3} {
		for _, commit := range []time.Duration{10, 50, 100, 200} {
			b.Run(fmt.Sprintf("servers=%d/commit=%dms", servers, commit), func(b *testing.B) {
				h := newHall(b, servers, func(c *Config) { c.Commit = commit * time.Millisecond })
				h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
				for b.Loop() {
					latencies := h.latencies(b, 3000)
					b.ReportMetric(float64(latencies[len(latencies)/2].Microseconds())/1000, "p50-ms")
					p99 := latencies[len(latencies)*99/100]
					b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
					verdict := "MISSED"
					if p99 <= h.cfg.Commit+20*time.Millisecond {
						verdict = "met"
					}
					b.Logf("goal p99 with %d servers: %v; at most commit interval + 20ms, %v: %s", servers, p99.Round(time.Millisecond),
						h.cfg.Commit+20*time.Millisecond, verdict)
				}
			})
		}
	}
}

// latencies feeds a stream of so many milliseconds as it happens.
func (h *hall) latencies(tb testing.TB, windows int) (list []time.Duration) {
	var began time.Time
	n := 0
	pace := func(ctx context.Context) error {
		if n == 0 {
			began = time.Now()
		}
		n++ // a window of 1 ms is there when it is over
		return sleep.For(ctx, time.Until(began.Add(time.Duration(n)*time.Millisecond)))
	}
	if _, err := h.feed(tb.Context(), "live", &chainSource{seed: 1, windows: windows, pause: pace}); err != nil {
		tb.Fatal(err)
	}
	h.ended(10*time.Second, "chain", "live")
	h.each("live", func(m jetstream.Msg) {
		meta, err := m.Metadata()
		d := decoded(tb, m.Data())
		if err != nil {
			tb.Fatal(err)
		}
		if d.T > 0 {
			list = append(list, meta.Timestamp.Sub(began)-time.Duration(d.T)*time.Microsecond)
		}
	})
	slices.Sort(list)
	return list
}

// BenchmarkFailover is the time without commits after a worker has died.
func BenchmarkFailover(b *testing.B) {
	for b.Loop() {
		h := newHall(b, 1, func(c *Config) { c.Partitions, c.Lease = 1, 2*time.Second })
		first := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
		h.until("the first worker has it", 5*time.Second, func() bool { return len(first.holdings()) == 1 })
		second := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
		h.until("one has it", 5*time.Second, func() bool { return len(first.holdings())+len(second.holdings()) == 1 })
		if len(first.holdings()) == 0 {
			first, second = second, first
		}
		began := time.Now()
		first.kill()
		h.until("the other has it", 10*time.Second, func() bool { return len(second.holdings()) == 1 })
		b.ReportMetric(time.Since(began).Seconds()*1000, "ms-after-kill-at-lease-2s")
	}
}

// BenchmarkManyStreams is the cost of many light streams, and of as many idle
// ones: of servers, feeders and workers together.
func BenchmarkManyStreams(b *testing.B) {
	for _, streams := range []int{100, 500} {
		b.Run(fmt.Sprint(streams), func(b *testing.B) {
			h := newHall(b, 1, func(c *Config) {
				c.Partitions, c.Packet, c.Commit, c.Snapshot = 16, 100*time.Millisecond, 100*time.Millisecond, 2*time.Second
			})
			h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
			for b.Loop() {
				const seconds = 5
				before, began := h.sequence(), processor()
				var g errgroup.Group
				for i := range streams {
					g.Go(func() error {
						n := 0
						light := func(ctx context.Context) error { // a window of 1 ms every 200 ms
							n++
							return sleep.For(ctx, 200*time.Millisecond)
						}
						_, err := h.feed(b.Context(), fmt.Sprint("s", i), &chainSource{seed: uint64(i), windows: seconds * 5, pause: light})
						return err
					})
				}
				if err := g.Wait(); err != nil {
					b.Fatal(err)
				}
				used := processor() - began
				b.ReportMetric(used.Seconds()/seconds/float64(streams)*1e6, "µs-CPU/s/stream")
				b.ReportMetric(float64(h.sequence()-before)/seconds, "messages-out/s")
				h.until("quiet", 20*time.Second, func() bool { return h.allEnded("chain", []string{"s0", "s1", "s2"}) })
				time.Sleep(3 * time.Second)
				began = processor()
				time.Sleep(3 * time.Second)
				b.ReportMetric((processor()-began).Seconds()/3/float64(streams)*1e6, "µs-CPU/s/idle-stream")
				r := h.record(0)
				b.ReportMetric(float64(len(r.Lanes)), "streams-in-partition-0")
			}
		})
	}
}

// sequence is the last sequence of the output.
func (h *hall) sequence() uint64 {
	s, err := h.js.Stream(h.t.Context(), h.cfg.outputStream())
	if err != nil {
		h.t.Fatal(err)
	}
	return s.CachedInfo().State.LastSeq
}

// processor is the time that this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
