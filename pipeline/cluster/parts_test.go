package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/pipeline/runner"
)

// with is the chain with another readout.
func with(name string, readout func() *chainReadout) runner.Pipeline {
	p := chain(name, nil)
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return readout(), nil }
	return p
}

// equal compares what is stored of a stream with what one process detects.
func (h *hall) equal(key string, p runner.Pipeline, s *chainSource) {
	h.t.Helper()
	p.Name = key
	want := alone(h.t, p, s)
	if len(want) < 20 {
		h.t.Fatalf("only %d detections: the test proves nothing", len(want))
	}
	if d := cmp.Diff(want, h.detections(key)); d != "" {
		h.t.Error(d)
	}
}

func TestAStateLargerThanAMessageGoesToTheObjectStoreFirst(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	random := make([]byte, 2<<20)
	for i := range random {
		random[i] = byte(hash(fmt.Sprint(i)))
	}
	p := with("chain", func() *chainReadout { return &chainReadout{padding: random} })
	first := h.work(&Pipeline{Pipeline: p, Config: h.cfg})
	slow := func(ctx context.Context) error { return sleep.For(ctx, 2*time.Millisecond) }
	fed := make(chan error, 1)
	go func() {
		_, err := h.feed(t.Context(), "big", &chainSource{seed: 1, windows: 1000, pause: slow})
		fed <- err
	}()
	h.until("a state in the object store", 10*time.Second, func() bool {
		tr := h.track("big", "chain")
		return tr != nil && tr.State.Object != ""
	})
	first.kill()
	h.work(&Pipeline{Pipeline: p, Config: h.cfg})
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	h.ended(20*time.Second, "chain", "big")
	h.equal("big", p, &chainSource{seed: 1, windows: 1000})
}

func TestMoreDetectionsThanABatchTakesAreCommittedInSeveral(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Packet = 10 * time.Second })
	p := chain("chain", nil)
	every := func() *chainReadout { return &chainReadout{every: 1} }
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) { return every(), nil }
	w := h.work(&Pipeline{Pipeline: p, Config: h.cfg})
	if _, err := h.feed(t.Context(), "many", &chainSource{seed: 1, windows: 2000}); err != nil {
		t.Fatal(err)
	}
	h.until("a part of the first packet", 10*time.Second, func() bool { return h.track("many", "chain") != nil })
	w.kill()
	h.work(&Pipeline{Pipeline: p, Config: h.cfg})
	h.ended(20*time.Second, "chain", "many")
	h.equal("many", p, &chainSource{seed: 1, windows: 2000})
}

func TestAStreamThatAlwaysFailsIsSetAsideAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Partitions = 1 })
	failing := func(bad bool) *Pipeline {
		p := chain("chain", nil)
		p.Readout = func(info pipeline.StreamInfo, _ []pipeline.Layer) (pipeline.Readout, error) {
			c := &chainReadout{}
			if bad && strings.HasPrefix(info.Content, "0 ") {
				c.fail = func(link uint64) error {
					if link%64 == 0 {
						return errors.New("this stream is not for me")
					}
					return nil
				}
			}
			return c, nil
		}
		return &Pipeline{Pipeline: p, Config: h.cfg}
	}
	w := h.work(failing(true))
	keys := h.feedAll(2, 300)
	h.ended(10*time.Second, "chain", keys[1])
	tr := h.track(keys[0], "chain")
	if tr.Ended || !strings.Contains(tr.Aside, "this stream is not for me") {
		t.Fatalf("it is not set aside with its reason: %+v", tr)
	}
	h.equal(keys[1], chain("", nil), &chainSource{seed: 1, windows: 300})
	// The next roll-out gets on with it, from where it stopped.
	w.leave()
	h.cfg.Rollout = 1
	h.work(failing(false))
	h.ended(10*time.Second, "chain", keys[0])
	h.equal(keys[0], chain("", nil), &chainSource{seed: 0, windows: 300})
}

// TestAPacketThatKillsItsWorkersIsSetAside lets every worker die at one packet,
// which no error tells of. It lies far behind the last states, so that each worker
// first processes more packets again than are processed with care.
func TestAPacketThatKillsItsWorkersIsSetAside(t *testing.T) {
	t.Parallel()
	const windows = 1600
	h := newHall(t, 1, func(c *Config) { c.Partitions, c.Snapshot = 1, time.Hour })
	lines := alone(t, chain("", nil), &chainSource{seed: 0, windows: windows})
	var last pipeline.Detection // that is made of the stream
	if err := json.Unmarshal([]byte(lines[len(lines)*3/4]), &last); err != nil {
		t.Fatal(err)
	}
	if packets := int(last.T / h.cfg.Packet.Microseconds()); packets < careful*11/10 {
		t.Fatalf("%d packets before the deadly one", packets)
	}
	dead, over := make(chan struct{}, 100), make(chan struct{})
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(over)
	deadly := func() *Pipeline {
		var died atomic.Bool
		p := chain("chain", nil)
		p.Readout = func(info pipeline.StreamInfo, _ []pipeline.Layer) (pipeline.Readout, error) {
			c := &chainReadout{}
			if strings.HasPrefix(info.Content, "0 ") {
				c.fail = func(link uint64) error {
					if fmt.Sprintf("%016x", link) == last.Label && !died.Swap(true) {
						dead <- struct{}{}
					}
					if died.Load() {
						<-over // it hangs; the test kills the worker
						return errors.New("the test is over")
					}
					return nil
				}
			}
			return c, nil
		}
		return &Pipeline{Pipeline: p, Config: h.cfg}
	}
	var keys []string
	for range 20 {
		nc := h.connect()
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		w, err := NewWorker(ctx, Options{Conn: nc, Log: h.log, Now: time.Now, Host: "test"}, []*Pipeline{deadly()})
		if err != nil {
			t.Fatal(err)
		}
		workers.Go(func() { _ = w.Run(ctx) }) // it does not end before the test: it is dead
		if keys == nil {
			keys = h.feedAll(2, windows)
		}
		gone := false
		for end := time.Now().Add(15 * time.Second); !gone && time.Now().Before(end); {
			select {
			case <-dead:
				gone = true
			case <-time.After(20 * time.Millisecond):
				if tr := h.track(keys[0], "chain"); tr != nil && tr.Aside != "" && h.allEnded("chain", keys[1:]) {
					if !strings.Contains(tr.Aside, "workers died") {
						t.Errorf("reason: %s", tr.Aside)
					}
					h.equal(keys[1], chain("", nil), &chainSource{seed: 1, windows: windows})
					nc.Close()
					stop()
					return
				}
			}
		}
		nc.Close()
		stop()
	}
	t.Errorf("it is not set aside: %+v", h.track(keys[0], "chain"))
}

// TestAnotherModelBeginsAtARecordedPacket: the same stream, with another
// configuration in the middle.
func TestAnotherModelBeginsAtARecordedPacket(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Partitions = 1 })
	old := &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg}
	w := h.work(old)
	slow := func(ctx context.Context) error { return sleep.For(ctx, 2*time.Millisecond) }
	fed := make(chan error, 1)
	go func() {
		_, err := h.feed(t.Context(), "s1", &chainSource{seed: 1, windows: 800, pause: slow})
		fed <- err
	}()
	h.until("the first detections", 10*time.Second, func() bool { tr := h.track("s1", "chain"); return tr != nil && tr.Next > 20 })
	w.leave()
	other := chain("chain", nil)
	other.ConfigHash = "another"
	// Without another roll-out it is refused.
	if err := refusedBy(h, other, nil); !errors.Is(err, errModel) {
		t.Errorf("another model without another roll-out: %v", err)
	}
	if tr := h.track("s1", "chain"); len(tr.Changes) > 0 {
		t.Fatalf("another model has begun by accident: %+v", tr)
	}
	next := h.cfg
	next.Rollout = 1
	h.work(&Pipeline{Pipeline: other, Config: next})
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	h.ended(20*time.Second, "chain", "s1")
	tr := h.track("s1", "chain")
	if len(tr.Changes) != 1 || tr.Changes[0].Packet != tr.Begins || tr.Begins == 0 || tr.Rollout != 1 {
		t.Fatalf("the change is not recorded: %+v", tr)
	}
	// What is detected is that of both models, on either side of the boundary.
	at := int64(tr.Begins) * h.cfg.Packet.Microseconds()
	var runs = map[string]int{}
	for _, line := range h.detections("s1") {
		var d pipeline.Detection
		if err := d.UnmarshalJSON([]byte(line)); err != nil {
			t.Fatal(err)
		}
		runs[d.ConfigHash]++
		if d.T > 0 && (d.T < at) != (d.ConfigHash == "chain") {
			t.Fatalf("%s lies on the wrong side of %d µs", line, at)
		}
	}
	if runs["chain"] < 20 || runs["another"] < 20 {
		t.Errorf("%v", runs)
	}
	// An older worker does not get the partition back.
	back := h.work(old)
	time.Sleep(300 * time.Millisecond)
	if n := len(back.holdings()); n != 0 {
		t.Errorf("an older worker serves %d partitions", n)
	}
}

func TestTwoPipelinesHearOneStream(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	twice := with("twice", func() *chainReadout { return &chainReadout{every: 3} })
	twice.ConfigHash = "twice"
	only := h.cfg
	only.Streams = []string{"s1"}
	h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg}, &Pipeline{Pipeline: twice, Config: only})
	keys := h.feedAll(3, 300)
	h.ended(10*time.Second, "chain", keys...)
	h.ended(10*time.Second, "twice", "s1")
	by := map[string][]string{}
	for _, line := range h.detections("s1") {
		var d pipeline.Detection
		if err := d.UnmarshalJSON([]byte(line)); err != nil {
			t.Fatal(err)
		}
		by[d.ConfigHash] = append(by[d.ConfigHash], line)
	}
	one, two := chain("s1", nil), twice
	two.Name = "s1"
	if d := cmp.Diff(alone(t, one, &chainSource{seed: 1, windows: 300}), by["chain"]); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(alone(t, two, &chainSource{seed: 1, windows: 300}), by["twice"]); d != "" {
		t.Error(d)
	}
	if h.track("s0", "twice") != nil {
		t.Error("a pipeline has a stream that its rule does not name")
	}
}

func TestAFeederThatIsKilledIsResumedAndASecondIsRefused(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	slow := func(ctx context.Context) error { return sleep.For(ctx, time.Millisecond) }
	ctx, kill := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer kill()
	part, err := h.feed(ctx, "s1", &chainSource{seed: 1, windows: 600, pause: slow})
	if err != nil || part.Ended || part.Sent == 0 {
		t.Fatalf("%+v, %v", part, err)
	}
	second := make(chan error, 1)
	go func() {
		_, err := h.feed(t.Context(), "s1", &chainSource{seed: 1, windows: 601, pause: slow})
		second <- err
	}()
	time.Sleep(50 * time.Millisecond)
	rest, err := h.feed(t.Context(), "s1", &chainSource{seed: 1, windows: 600, pause: slow})
	other := <-second
	if (err == nil) == (other == nil) || !errors.Is(errors.Join(err, other), errSecond) {
		t.Fatalf("two feeders of one stream: %v and %v, want one to be told of the other", err, other)
	}
	_ = rest
}

func TestAFullInputHoldsAFeederBackUntilItIsTrimmed(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Input.Bytes = 20_000 })
	fed := make(chan FeedSummary, 1)
	go func() {
		s, err := h.feed(t.Context(), "s1", &chainSource{seed: 1, windows: 1500})
		if err != nil {
			t.Error(err)
		}
		fed <- s
	}()
	select {
	case s := <-fed:
		t.Fatalf("more than the input takes was fed: %+v", s)
	case <-time.After(1500 * time.Millisecond):
	}
	quick := func(w *Worker) { w.trimEvery = 100 * time.Millisecond }
	h.workOver(h.connect(), quick, &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	s := <-fed
	if !s.Ended || s.Dropped > 0 || s.Waited == "" {
		t.Errorf("%+v", s)
	}
	h.ended(10*time.Second, "chain", "s1")
	h.equal("s1", chain("", nil), &chainSource{seed: 1, windows: 1500})
}

// TestAStreamThatTheServersHaveNoRoomForSaysWhatToDo plans more than any disk holds.
func TestAStreamThatTheServersHaveNoRoomForSaysWhatToDo(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Partitions = 1 })
	c := h.cfg
	c.Name, c.Input.Bytes = "huge", 1<<60
	steps, err := Plan(t.Context(), h.js, c)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(applied(t.Context(), steps)...)
	if err == nil || !strings.Contains(err.Error(), "the servers offer less than 1099511627776 MiB: lower bytes") {
		t.Errorf("error %v", err)
	}
}

func applied(ctx context.Context, steps []Step) (errs []error) {
	for _, s := range steps {
		errs = append(errs, s.do(ctx))
	}
	return errs
}

func TestThePlanNamesWhatIsMissingOrDifferent(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	texts := func(c Config) (list []string) {
		steps, err := Plan(t.Context(), h.js, c)
		if err != nil {
			return []string{err.Error()}
		}
		for _, s := range steps {
			list = append(list, s.Text)
		}
		return list
	}
	if list := texts(h.cfg); len(list) > 0 {
		t.Errorf("nothing is missing, but: %q", list)
	}
	other := h.cfg
	other.Name = "other"
	if list := texts(other); len(list) != 4 || !strings.HasPrefix(list[0], "create stream other-input: [other-in.*.*], file, 1 copies") {
		t.Errorf("%q", list)
	}
	larger := h.cfg
	larger.Input.Bytes = 64 << 20
	if list := texts(larger); len(list) != 1 || !strings.Contains(list[0], "change stream ganglion-input: file, 1 copies, at most 64 MiB") {
		t.Errorf("%q", list)
	}
	steps, err := Plan(t.Context(), h.js, larger)
	if err == nil {
		err = Apply(t.Context(), steps)
	}
	if err != nil || len(texts(larger)) != 0 {
		t.Errorf("the change is not made: %v", err)
	}
	more := h.cfg
	more.Partitions++
	if list := texts(more); len(list) != 1 || !strings.Contains(list[0], "their number is fixed") {
		t.Errorf("%q", list)
	}
	memory := h.cfg
	memory.Storage = "memory"
	if list := texts(memory); len(list) != 1 || !strings.Contains(list[0], "cannot be changed") {
		t.Errorf("%q", list)
	}
}

// A worker that drains hands over at once: long before its lease would have ended.
func TestADrainedWorkerHandsOverAtOnce(t *testing.T) {
	const patience = 20 * time.Second
	h := newHall(t, 1, func(c *Config) { c.Lease, c.Partitions = 5*patience, 16 })
	first := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.until("all partitions are served", patience, func() bool { return len(first.holdings()) == h.cfg.Partitions })
	second := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.until("the second has its share", patience, func() bool {
		return len(second.holdings()) > 0 && len(first.holdings())+len(second.holdings()) == h.cfg.Partitions
	})
	first.stop()
	h.until("the second has all", patience, func() bool { return len(second.holdings()) == h.cfg.Partitions })
}
