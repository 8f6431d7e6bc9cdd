package cluster

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

// feedAll feeds streams s0, s1, ... at once.
func (h *hall) feedAll(n, windows int) (keys []string) {
	h.t.Helper()
	var g errgroup.Group
	for i := range n {
		key := fmt.Sprint("s", i)
		keys = append(keys, key)
		g.Go(func() error {
			s, err := h.feed(h.t.Context(), key, &chainSource{seed: uint64(i), windows: windows})
			if err == nil && (s.Dropped != 0 || !s.Ended) {
				err = fmt.Errorf("%+v", s)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		h.t.Fatal(err)
	}
	return keys
}

func TestAnyNumberOfWorkersDetectWhatOneProcessDoes(t *testing.T) {
	const streams, windows = 8, 300
	for _, workers := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			h := newHall(t, 1, nil)
			for range workers {
				h.work(&Pipeline{Pipeline: chain("chain", nil), Config: h.cfg})
			}
			keys := h.feedAll(streams, windows)
			h.ended(20*time.Second, "chain", keys...)
			for i, key := range keys {
				want := alone(t, chain(key, nil), &chainSource{seed: uint64(i), windows: windows})
				if len(want) < 50 {
					t.Fatalf("only %d detections: the test proves nothing", len(want))
				}
				if d := cmp.Diff(want, h.detections(key)); d != "" {
					t.Fatalf("%s: %s", key, d)
				}
			}
		})
	}
}
