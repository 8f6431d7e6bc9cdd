package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"ganglion/internal/sleep"
)

// gate stops whoever passes it, as a pause of the whole process does.
type gate struct{ mu sync.RWMutex }

func (g *gate) pass() {
	g.mu.RLock() // waits until nobody shuts it
	defer g.mu.RUnlock()
}

// shut holds the gate for a while, or until the context ends.
func (g *gate) shut(ctx context.Context, d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = sleep.For(ctx, d)
}

// gated is a connection behind a gate; cutting it is what a network does.
type gated struct {
	gate *gate
	mu   sync.Mutex
	conn net.Conn
}

func (g *gated) Dial(network, address string) (net.Conn, error) {
	conn, err := net.DialTimeout(network, address, 2*time.Second)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conn = conn
	return gatedConn{conn, g.gate}, nil
}

func (g *gated) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conn != nil {
		g.conn.Close()
	}
}

type gatedConn struct {
	net.Conn
	gate *gate
}

func (c gatedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.gate.pass()
	return n, err
}

func (c gatedConn) Write(b []byte) (int, error) {
	c.gate.pass()
	return c.Conn.Write(b)
}

// verdict is what came of a run with failures.
type verdict struct {
	want, got, lost, twice, wrong         int
	kills, cuts, pauses, restarts, fenced int
	noted                                 time.Duration
}

func (v verdict) String() string {
	return fmt.Sprintf("%d wanted, %d stored: %d lost, %d twice, %d wrong; %d kills, %d cuts, %d pauses, %d restarts of the leader, "+
		"%d commits fenced, in %v",
		v.want, v.got, v.lost, v.twice, v.wrong, v.kills, v.cuts, v.pauses, v.restarts, v.fenced, v.noted.Round(time.Second))
}

// torture runs streams through workers that die, are cut off and are paused for
// longer than their lease, while the leader of the output is restarted, and
// compares what is stored with what one process detects.
func torture(t *testing.T, servers, windows int, lawless, unfenced bool) (v verdict) {
	began := time.Now()
	const streams = 8
	h := newHall(t, servers, nil)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	type victim struct {
		*hand
		gate *gate
		link *gated
	}
	var fenced atomic.Int64
	hire := func() victim {
		g := new(gate)
		link := &gated{gate: g}
		nc := h.connect(nats.SetCustomDialer(link), nats.PingInterval(500*time.Millisecond), nats.MaxPingsOutstanding(3))
		w := h.workOver(nc, func(w *Worker) {
			w.now = func() time.Time { g.pass(); return time.Now() }
			w.lawless, w.commits.unfenced = lawless, unfenced
			w.commits.fenced = func() { fenced.Add(1) }
		}, &Pipeline{Pipeline: chain("chain", g.pass), Config: h.cfg})
		return victim{w, g, link}
	}
	hands := []victim{hire(), hire(), hire()}
	// The feeders take a few seconds, so that there is work all the time.
	var keys []string
	var feeders errgroup.Group
	for i := range streams {
		key := fmt.Sprint("s", i)
		keys = append(keys, key)
		feeders.Go(func() error {
			slow := func(ctx context.Context) error { return sleep.For(ctx, 4*time.Millisecond) }
			s, err := h.feed(t.Context(), key, &chainSource{seed: uint64(i), windows: windows, pause: slow})
			if err == nil && !s.Ended {
				err = fmt.Errorf("%+v", s)
			}
			return err
		})
	}
	over := make(chan error, 1)
	go func() { over <- feeders.Wait() }()
	var pauses sync.WaitGroup
	for fed := false; !fed; {
		select {
		case err := <-over:
			if err != nil {
				t.Fatal(err)
			}
			fed = true
		case <-time.After(time.Duration(150+random.IntN(300)) * time.Millisecond):
			i := random.IntN(len(hands))
			switch random.IntN(8) {
			case 0, 1:
				hands[i].kill()
				hands[i] = hire()
				v.kills++
			case 2, 3:
				hands[i].link.cut()
				v.cuts++
			case 4, 5, 6:
				g, d := hands[i].gate, h.cfg.Lease+time.Duration(200+random.IntN(900))*time.Millisecond
				pauses.Go(func() { g.shut(context.WithoutCancel(t.Context()), d) })
				v.pauses++
			default:
				if v.restarts < 2 && servers > 1 && v.kills > 0 {
					v.restarts++
					h.restartLeader()
				}
			}
		}
	}
	pauses.Wait()
	patience := 40 * time.Second
	if unfenced {
		patience = 5 * time.Second // a partition whose checkpoint and state are of two workers may never get on
	}
	for end := time.Now().Add(patience); time.Now().Before(end) && !h.allEnded("chain", keys); {
		time.Sleep(20 * time.Millisecond)
	}
	for i, key := range keys {
		want := alone(t, chain(key, nil), &chainSource{seed: uint64(i), windows: windows})
		v.add(want, h.detections(key))
	}
	v.fenced, v.noted = int(fenced.Load()), time.Since(began)
	return v
}

// restartLeader ends the server that leads the output stream, and starts it
// again.
func (h *hall) restartLeader() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.t.Context()), 5*time.Second)
	defer cancel()
	s, err := h.js.Stream(ctx, h.cfg.outputStream())
	if err != nil {
		return // another time
	}
	for i, o := range h.options {
		if s.CachedInfo().Cluster != nil && s.CachedInfo().Cluster.Leader == o.ServerName {
			h.servers[i].Shutdown()
			h.servers[i].WaitForShutdown()
			h.start(i)
		}
	}
}

// add compares what is stored of a stream with what it should be.
func (v *verdict) add(want, got []string) {
	count := map[string]int{}
	for _, line := range got {
		count[line]++
	}
	known := map[string]bool{}
	for _, line := range want {
		known[line] = true
		if count[line] == 0 {
			v.lost++
		}
	}
	for line, n := range count {
		if !known[line] {
			v.wrong += n
		} else {
			v.twice += n - 1
		}
	}
	for i := range min(len(want), len(got)) {
		if v.lost+v.twice+v.wrong == 0 && want[i] != got[i] {
			v.wrong++ // out of order
		}
	}
	v.want, v.got = v.want+len(want), v.got+len(got)
}

// TestNothingIsLostOrTwiceWhateverDies is the promise of docs/scale-out.md.
func TestNothingIsLostOrTwiceWhateverDies(t *testing.T) {
	windows := 2000
	if testing.Short() {
		windows = 700
	}
	v := torture(t, 3, windows, false, false)
	t.Log(v)
	if v.lost+v.twice+v.wrong > 0 || v.got != v.want || v.want < windows {
		t.Error(v)
	}
	if v.kills+v.pauses+v.cuts < 3 {
		t.Errorf("nothing happened: %v", v)
	}
}

// TestTheFenceAloneIsEnough takes the leases away: every worker takes every
// partition at once.
func TestTheFenceAloneIsEnough(t *testing.T) {
	v := torture(t, 1, 500, true, false)
	t.Log(v)
	if v.lost+v.twice+v.wrong > 0 || v.got != v.want || v.fenced == 0 {
		t.Error(v)
	}
}

// TestWithoutTheFenceDetectionsComeTwice is the control: it is the expected
// sequence that makes the other test pass.
func TestWithoutTheFenceDetectionsComeTwice(t *testing.T) {
	for range 3 { // the failures are random
		v := torture(t, 1, 500, true, true)
		t.Log(v)
		if v.lost+v.twice+v.wrong > 0 {
			return
		}
	}
	t.Error("without the expected sequence nothing came twice: the test of failures cannot fail")
}
