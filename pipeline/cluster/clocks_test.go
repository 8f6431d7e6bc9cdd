package cluster

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A worker whose key never ends, because the clock of a server was set back, is dead
// once others have renewed theirs often enough without it.
func TestASilentWorkerIsDeadWhateverTheServersClockSays(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, nil)
	kv, err := h.js.KeyValue(t.Context(), h.cfg.leaseBucket())
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"worker.ghost": `{}`, "partition.0": `{"worker":"ghost"}`, "partition.1": `{"worker":"ghost"}`} {
		if _, err := kv.Create(t.Context(), key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	w := h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
	h.until("it has every partition", 20*time.Second, func() bool {
		places := w.members.places()
		for _, p := range places {
			if p.owner != w.id {
				return false
			}
		}
		return len(places) == h.cfg.Partitions
	})
	if e, err := kv.Get(t.Context(), "worker.ghost"); err != nil || len(e.Value()) == 0 {
		t.Errorf("the key has gone: %v", err)
	}
}

// watchedStore tells when a store was listed, and which objects are deleted.
type watchedStore struct {
	jetstream.ObjectStore
	listed chan struct{}

	mu      sync.Mutex // guards deleted
	deleted []string
}

func (s *watchedStore) List(ctx context.Context, o ...jetstream.ListObjectsOpt) ([]*jetstream.ObjectInfo, error) {
	list, err := s.ObjectStore.List(ctx, o...)
	if err == nil {
		select {
		case s.listed <- struct{}{}:
		default:
		}
	}
	return list, err
}

func (s *watchedStore) Delete(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted = append(s.deleted, name)
	return s.ObjectStore.Delete(ctx, name)
}

// A worker whose clock is hours ahead removes no state that was just put, by whoever,
// for the next commit to name.
func TestAClockThatIsAheadRemovesNoState(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Partitions = 1 })
	p := &Pipeline{Pipeline: chain("chain", nil), Config: h.cfg}
	first := h.work(p)
	h.ended(20*time.Second, "chain", h.feedAll(1, 20)...)
	first.leave()
	store := &watchedStore{listed: make(chan struct{}, 1)}
	if _, err := first.objects.PutBytes(t.Context(), "0.chain.s0.1.0", []byte("x")); err != nil {
		t.Fatal(err)
	}
	w := h.workOver(h.connect(), func(w *Worker) {
		w.trimEvery, w.now = 100*time.Millisecond, func() time.Time { return time.Now().Add(5 * time.Hour) }
		store.ObjectStore, w.objects = w.objects, store
	}, p)
	if _, err := h.feed(t.Context(), "s1", &chainSource{seed: 1, windows: 20}); err != nil {
		t.Fatal(err)
	}
	<-store.listed
	w.leave()
	if len(store.deleted) > 0 {
		t.Errorf("removed: %q", store.deleted)
	}
}
