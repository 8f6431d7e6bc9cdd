package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"ganglion/pipeline"
)

// shares are the numbers of partitions that workers own, the smallest first.
func (h *hall) shares() (list []int) {
	h.t.Helper()
	s, err := ReadStatus(h.t.Context(), h.js, h.cfg, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, w := range s.Workers {
		list = append(list, len(w.Partitions))
	}
	slices.Sort(list)
	return list
}

// A worker that leaves hands each partition over as soon as it is committed: the
// next owner waits neither for the lease, which is long here, nor for the partition
// of which a packet takes its time.
func TestALeavingWorkerHandsOverEachPartitionAtOnce(t *testing.T) {
	const all, windows = 32, 20
	h := newHall(t, 1, func(c *Config) { c.Partitions, c.Lease = all, 10*time.Minute })
	var block atomic.Bool
	blocked, release := make(chan struct{}), make(chan struct{})
	first := h.work(&Pipeline{Config: h.cfg, Pipeline: chain("chain", func() {
		if block.CompareAndSwap(true, false) {
			close(blocked)
			<-release
		}
	})})
	h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.until("both have what is theirs", 20*time.Second, func() bool {
		places := first.members.places()
		s := h.shares()
		return len(s) == 2 && s[0] > 1 && !slices.ContainsFunc(places, func(p place) bool { return p.owner != p.wanted })
	})
	first.mu.Lock()
	key := "" // of a stream that the first serves
	for n := 0; key == ""; n++ {
		if name := fmt.Sprint("s", n); first.held[h.cfg.partitionOf(name)] != nil {
			key = name
		}
	}
	first.mu.Unlock()
	block.Store(true)
	if _, err := h.feed(t.Context(), key, &chainSource{seed: 1, windows: windows}); err != nil {
		t.Fatal(err)
	}
	<-blocked
	first.stop()
	h.until("the other has all that can be handed over", 20*time.Second, func() bool {
		s := h.shares()
		return len(s) == 2 && s[0] == 1 && s[1] == all-1
	})
	close(release)
	<-first.done
	h.until("the other has everything", 20*time.Second, func() bool { s := h.shares(); return len(s) == 1 && s[0] == all })
	h.ended(20*time.Second, "chain", key)
	if d := cmp.Diff(alone(t, chain(key, nil), &chainSource{seed: 1, windows: windows}), h.detections(key)); d != "" {
		t.Error(d)
	}
}

// What was handed over names no worker, so that nobody takes an orderly end for a
// death.
func TestWhatWasHandedOverNamesNoWorker(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	w := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	keys := h.feedAll(1, 20)
	h.ended(20*time.Second, "chain", keys...)
	n := h.cfg.partitionOf(keys[0])
	if r := h.record(n); r.Worker == "" {
		t.Errorf("%+v while it is served", r)
	}
	w.leave()
	if r := h.record(n); r.Worker != "" {
		t.Errorf("%+v after it was handed over", r)
	}
	h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.until("the next one has it", 20*time.Second, func() bool { return h.record(n).Worker != "" })
	if r := h.record(n); r.Deaths != 0 {
		t.Errorf("%+v: nobody has died", r)
	}
}

// A renewal whose answer was lost has moved the key on: the next one finds that out.
func TestALeaseOutlivesARenewalWithoutAnswer(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	p := &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg}
	w, err := NewWorker(t.Context(), Options{Conn: h.nc, Log: h.log, Now: time.Now}, []*Pipeline{p})
	if err != nil {
		t.Fatal(err)
	}
	b := &beat{m: w.members, id: "one", now: time.Now}
	if err := b.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	unanswered := *b
	if err := unanswered.renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	known := *b
	if err := known.renew(t.Context()); !lost(err) {
		t.Errorf("a lease that somebody else has renewed: %v", err)
	}
	b.unknown = true
	if err := b.renew(t.Context()); err != nil || b.unknown {
		t.Errorf("after a renewal without answer: %v", err)
	}
	if err := unanswered.end(t.Context()); err != nil { // of an older revision
		t.Error(err)
	}
	if err := w.members.once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.members.died("one") != true {
		t.Error("a lease that was given up is there")
	}
	b.unknown = true
	if err := b.renew(t.Context()); !lost(err) {
		t.Errorf("a lease that is over was renewed: %v", err)
	}
}

// slowStore lets an object wait.
type slowStore struct {
	jetstream.ObjectStore
	asked, release chan struct{}
}

func (s *slowStore) PutBytes(ctx context.Context, name string, data []byte) (*jetstream.ObjectInfo, error) {
	close(s.asked)
	<-s.release
	return s.ObjectStore.PutBytes(ctx, name, data)
}

// feedInThree feeds windows as stream s, of which the second half waits until half is
// closed and the last quarter until most is.
func (h *hall) feedInThree(windows int) (half, most chan struct{}, fed chan error) {
	half, most, fed = make(chan struct{}), make(chan struct{}), make(chan error, 1)
	gates, n := map[int]chan struct{}{windows / 2: half, windows * 3 / 4: most}, 0
	source := &chainSource{seed: 3, windows: windows, pause: func(context.Context) error {
		if n++; gates[n] != nil {
			<-gates[n]
		}
		return nil
	}}
	go func() { // ends with the source
		_, err := h.feed(h.t.Context(), "s", source)
		fed <- err
	}()
	return half, most, fed
}

// largePadding makes a state an object.
func largePadding() []byte {
	padding := make([]byte, 2*largeState)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range padding {
		padding[i] = byte(r.Uint32())
	}
	return padding
}

// While the state of a stream is packed and stored for the next owner, the worker
// that leaves serves what comes, and commits it; the next one does so once more, from
// the state, and hands nothing on twice.
func TestWhatComesWhileAPartitionIsHandedOverIsServed(t *testing.T) {
	t.Parallel()
	const windows = 400
	h := newHall(t, 1, func(c *Config) { c.Snapshot = time.Hour })
	padding := largePadding()
	p := chain("chain", nil)
	p.Readout = func(pipeline.StreamInfo, []pipeline.Layer) (pipeline.Readout, error) {
		return &chainReadout{padding: padding}, nil
	}
	store := &slowStore{asked: make(chan struct{}), release: make(chan struct{})}
	wrap := func(w *Worker) { store.ObjectStore, w.objects = w.objects, store }
	first := h.workOver(h.connect(), wrap, &Pipeline{Pipeline: p, Config: h.cfg})
	half, most, fed := h.feedInThree(windows)
	reached := func(n int) func() bool {
		return func() bool { s := h.track("s", "chain"); return s != nil && s.TimeUS >= int64(n-100)*1000 }
	}
	h.until("half of it is committed", 20*time.Second, reached(windows/2))
	before := h.track("s", "chain").Seq
	first.stop()
	<-store.asked
	close(half)
	h.until("what came since is committed by the worker that leaves", 20*time.Second, func() bool {
		return reached(windows*3/4)() && h.track("s", "chain").Seq > before
	})
	close(store.release)
	<-first.done
	if s := h.track("s", "chain"); s.State.Object == "" || s.State.Seq >= s.Seq || h.record(h.cfg.partitionOf("s")).Worker != "" {
		t.Errorf("%+v: nothing was served behind the state", s)
	}
	close(most)
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	h.work(&Pipeline{Pipeline: p, Config: h.cfg})
	h.ended(20*time.Second, "chain", "s")
	want := alone(t, chain("s", nil), &chainSource{seed: 3, windows: windows})
	if d := cmp.Diff(want, h.detections("s")); d != "" {
		t.Error(d)
	}
}

// knows is how many workers that take partitions a worker has heard of.
func (w *Worker) knows() (n int) {
	w.members.mu.Lock()
	defer w.members.mu.Unlock()
	for _, m := range w.members.workers {
		if !m.Starting {
			n++
		}
	}
	return n
}

// slowFetch lets whoever reads an object wait.
type slowFetch struct {
	jetstream.ObjectStore
	once           sync.Once
	asked, release chan struct{}
}

func (s *slowFetch) GetBytes(ctx context.Context, name string, o ...jetstream.GetObjectOpt) ([]byte, error) {
	s.once.Do(func() { close(s.asked) })
	<-s.release
	return s.ObjectStore.GetBytes(ctx, name, o...)
}

// A worker that leaves serves a partition until the next owner has restored its states
// and has come as far: nothing waits for that.
func TestAPartitionIsServedUntilTheNextOwnerIsPrepared(t *testing.T) {
	t.Parallel()
	const windows = 400
	h := newHall(t, 1, func(c *Config) { c.Partitions, c.Snapshot, c.Lease = 1, time.Hour, 10*time.Minute })
	padding := largePadding()
	p := with("chain", func() *chainReadout { return &chainReadout{padding: padding} })
	patient := func(w *Worker) { w.offerTime = time.Hour }
	first := h.workOver(h.connect(), patient, &Pipeline{Pipeline: p, Config: h.cfg})
	half, most, fed := h.feedInThree(windows)
	reached := func(n int, by *hand) func() bool {
		return func() bool {
			s, r := h.track("s", "chain"), h.record(0)
			return s != nil && s.TimeUS >= int64(n-100)*1000 && r.Worker == by.id
		}
	}
	h.until("half of it is committed", 20*time.Second, reached(windows/2, first))
	store := &slowFetch{asked: make(chan struct{}), release: make(chan struct{})}
	wrap := func(w *Worker) { store.ObjectStore, w.objects = w.objects, store }
	second := h.workOver(h.connect(), wrap, &Pipeline{Pipeline: p, Config: h.cfg})
	h.until("the first knows whom to wait for", 20*time.Second, func() bool { return first.knows() == 2 })
	first.stop()
	<-store.asked
	close(half)
	h.until("what came since is committed by the worker that leaves", 20*time.Second, reached(windows*3/4, first))
	close(store.release)
	<-first.done
	h.until("the next owner has it", 20*time.Second, func() bool { return h.record(0).Worker == second.id })
	close(most)
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	h.ended(20*time.Second, "chain", "s")
	if r := h.record(0); r.Deaths != 0 {
		t.Errorf("%+v: nobody has died", r)
	}
	h.equal("s", p, &chainSource{seed: 3, windows: windows})
}
